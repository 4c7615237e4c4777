package sentryapi

import (
	"context"
	"net/http"
)

// Organization is the organization itself (api/serializers/models/organization.py).
type Organization struct {
	Features []string `json:"features"` // without the prefix organizations:
}

// Organization reads the organization (core/endpoints/organization_details.py).
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	var got Organization
	err := c.read(ctx, request{method: http.MethodGet, path: c.organization(), need: "org:read"}, &got)
	return got, err
}
