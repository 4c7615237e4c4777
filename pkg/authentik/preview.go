package authentik

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// Preview is what a service would be told of a user at a login: the attributes
// with their values, in the order of the server, and the NameID.
type Preview struct {
	Attributes []PreviewAttribute `json:"attributes"`
	NameID     string             `json:"nameID"`
}

// PreviewAttribute is one attribute of an assertion. Two of the same name are
// possible.
type PreviewAttribute struct {
	Name         string   `json:"Name"`
	FriendlyName string   `json:"FriendlyName"`
	Values       []string `json:"Value"`
}

// PreviewSAML asks what the SAML provider with that key would send of the user
// with that primary key (authentik/providers/saml/api/providers.py preview_user).
func (c *Client) PreviewSAML(ctx context.Context, provider string, user int) (Preview, error) {
	providers := c.SAMLProviders()
	path, err := providers.at(provider, "preview_user/")
	if err != nil {
		return Preview{}, err
	}
	r := request{
		method: http.MethodGet, path: path, need: providers.permission("view"),
		query: url.Values{"for_user": {strconv.Itoa(user)}},
	}
	var got struct {
		Preview *Preview `json:"preview"`
	}
	if err := c.call(ctx, r, &got); err != nil {
		return Preview{}, err
	}
	if got.Preview == nil {
		where := place{method: r.method, path: c.base.JoinPath(path).EscapedPath(), base: c.URL()}
		return Preview{}, where.unreadable(http.StatusOK, "no preview: preview is missing")
	}
	return *got.Preview, nil
}
