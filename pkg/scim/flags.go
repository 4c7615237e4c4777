package scim

import (
	"context"
	"net/http"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// RoleGiven reports whether SCIM gave a member's role: the flag
// idp:role-restricted, which SCIM itself does not show. It is read beside SCIM, at
// organizations/{org}/members/{id}/, for which the SCIM token is enough
// (api/serializers/models/organization_member). Such a role is reset by
// ResetRole, one that was given by hand is not. A base URL that is not Sentry's
// own, and a token that may not read members, are errors.
func (c *Client) RoleGiven(ctx context.Context, id string) (bool, error) {
	organization, found := strings.CutSuffix(c.base.Path, "/scim/v2")
	if !found || !isID(id) {
		return false, fault.New(fault.Failed, "the flags of member %s cannot be read: the SCIM base URL does not end in /scim/v2", id)
	}
	beside := *c
	base := *c.base
	base.Path, base.RawPath = organization, ""
	beside.base = &base
	var member struct {
		Flags map[string]bool `json:"flags"`
	}
	if _, err := beside.call(ctx, request{method: http.MethodGet, path: []string{"members", id, "/"}}, &member); err != nil {
		return false, err
	}
	return member.Flags["idp:role-restricted"], nil
}
