package authentik

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
)

// CheckAccess asks authentik whether the user with that primary key has access to
// the application. Only a superuser's token may ask
// (authentik/core/api/applications.py check_access).
func (c *Client) CheckAccess(ctx context.Context, slug string, user int) (bool, error) {
	path, err := c.Applications().at(slug, "check_access/")
	if err != nil {
		return false, err
	}
	var got struct {
		Passing *bool `json:"passing"`
	}
	r := request{
		method: http.MethodGet, path: path, need: "to ask for others, which superusers have",
		query: url.Values{"for_user": {strconv.Itoa(user)}},
	}
	if err := c.call(ctx, r, &got); err != nil {
		return false, err
	}
	if got.Passing == nil {
		where := place{method: r.method, path: c.base.JoinPath(path).EscapedPath(), base: c.URL()}
		return false, where.unreadable(http.StatusOK, "no verdict: passing is missing")
	}
	return *got.Passing, nil
}

// MappingResult is what a property mapping gave. Result is the JSON text of what
// it returned, or of an exception why there is nothing; Successful tells them
// apart. SkipObject comes as an exception too.
type MappingResult struct {
	Result     string `json:"result"`
	Successful bool   `json:"successful"`
}

// TestMapping runs the mapping with that UUID on the server for the user
// (authentik/core/api/property_mappings.py test).
func (c *Client) TestMapping(ctx context.Context, mapping string, user int) (MappingResult, error) {
	all := Resource[PropertyMapping]{client: c, path: "propertymappings/all/", model: "authentik_core.propertymapping"}
	path, err := all.at(mapping, "test/")
	if err != nil {
		return MappingResult{}, err
	}
	var got MappingResult
	err = c.call(ctx, request{
		method: http.MethodPost, path: path, need: all.permission("view"),
		query: url.Values{"format_result": {"true"}},
		body:  Fields{"user": user, "context": Fields{}},
	}, &got)
	return got, err
}
