package scim

import (
	"context"
	"net/http"
	"strings"
)

// RoleGiven reports whether SCIM gave a member's role: the flag
// idp:role-restricted, which SCIM itself does not show. It is read beside SCIM, at
// organizations/{org}/members/{id}/, for which the SCIM token is enough
// (core/endpoints/organization_member_details.py,
// api/serializers/models/organization_member). Such a role is reset by
// ResetRole, one that was given by hand is not. A base URL that does not end in
// /scim/v2, as Sentry's own does, is a usage error; a member who is gone, or has
// no approved invitation, is ErrNotFound.
func (c *Client) RoleGiven(ctx context.Context, id string) (bool, error) {
	switch {
	case !isID(id):
		return false, badID(id)
	case !strings.HasSuffix(c.base.Path, "/scim/v2"):
		return false, badBase("must end in /scim/v2, so that the flags of members can be read beside it")
	}
	var member struct {
		Flags struct {
			RoleRestricted *bool `json:"idp:role-restricted"`
		} `json:"flags"`
	}
	r := request{method: http.MethodGet, path: []string{"..", "..", "members", id, "/"}} // Sentry's own API ends in a slash
	status, err := c.call(ctx, r, &member)
	switch {
	case err != nil:
		return false, err
	case member.Flags.RoleRestricted == nil:
		return false, c.place(r).unreadable(status, "the flag idp:role-restricted is missing")
	}
	return *member.Flags.RoleRestricted, nil
}
