package sentryapi

import (
	"context"
	"net/http"
)

// AuthProvider is the organization's auth provider (api/serializers/models/
// auth_provider.py). Key is empty where there is none.
type AuthProvider struct {
	Key         string `json:"provider_name"`
	Pending     int    `json:"pending_links_count"` // members who have not logged in by it
	DefaultRole string `json:"default_role"`
	RequireLink bool   `json:"require_link"` // SSO is required
	SCIM        bool   `json:"scim_enabled"`
}

// AuthProvider reads the organization's auth provider
// (core/endpoints/organization_auth_provider_details.py).
func (c *Client) AuthProvider(ctx context.Context) (AuthProvider, error) {
	var got AuthProvider
	err := c.read(ctx, request{method: http.MethodGet, path: c.organization("auth-provider"), need: "org:read"}, &got)
	return got, err
}
