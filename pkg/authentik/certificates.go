package authentik

import (
	"context"
	"net/http"
	"strconv"
)

// Certificate returns the certificate of a pair, PEM. authentik writes an event
// of it (authentik/crypto/api.py view_certificate).
func (c *Client) Certificate(ctx context.Context, pair string) (string, error) {
	path, err := c.KeyPairs().at(pair, "view_certificate/")
	if err != nil {
		return "", err
	}
	var got struct {
		Data string `json:"data"`
	}
	err = c.call(ctx, request{method: http.MethodGet, path: path, need: "authentik_crypto.view_certificatekeypair_certificate"}, &got)
	return got.Data, err
}

// Metadata returns the metadata of a SAML provider, XML. It is ErrNotFound while
// no application has the provider.
func (c *Client) Metadata(ctx context.Context, provider int) (string, error) {
	path, err := c.SAMLProviders().at(strconv.Itoa(provider), "metadata/")
	if err != nil {
		return "", err
	}
	var got struct {
		Metadata string `json:"metadata"`
	}
	err = c.call(ctx, request{method: http.MethodGet, path: path, need: c.SAMLProviders().permission("view")}, &got)
	return got.Metadata, err
}
