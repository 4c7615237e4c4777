package scim

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

const users = "Users"

// Users returns every member that Sentry lists: approved invitations and linked
// members, not invite or join requests and not members of deactivated accounts.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	return listing[User]{
		name:  "members",
		fetch: func(ctx context.Context, s span) (page[User], error) { return fetch[userWire](ctx, c, users, s) },
		id:    func(u User) string { return u.ID },
		size:  c.pageSize, large: c.large, readers: c.readers, watch: c.watch,
	}.read(ctx)
}

// RemoveUser removes a member for good, with team memberships and SSO identity:
// that is what "active: false" means to Sentry (core/endpoints/scim/members.py).
// A member who is gone already is no error.
func (c *Client) RemoveUser(ctx context.Context, id string) error {
	status, err := c.patch(ctx, users, id, operation{Op: "replace", Path: "active", Value: false})
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err == nil && status != http.StatusNoContent:
		return fault.New(fault.Failed, "remove member %s: expected the answer 204 but found %d; the member may still be there", id, status)
	}
	return err
}

// SetRole gives a member a role, lower-case as in "member" or "manager". Sentry
// changes no owner and says nothing of it: a role that differs afterwards is an
// error.
func (c *Client) SetRole(ctx context.Context, id, role string) error {
	if !isID(id) {
		return badID(id)
	}
	if role == "" {
		return fault.New(fault.Failed, "set the role of member %s: the role is empty", id)
	}
	after, err := c.putRole(ctx, id, role)
	if err == nil && !strings.EqualFold(after.Role, role) {
		return fault.Hint(fault.New(fault.Failed, "member %s kept the role %q, expected %q", id, answer.Printable(after.Role), role),
			"Sentry never changes the role of an owner by SCIM")
	}
	return err
}

// ResetRole gives a member the organization's default role back and returns the
// member as Sentry has it afterwards: of a member whose role SCIM did not set
// (not idp:role-restricted), and of an owner, Sentry keeps the role and says
// nothing of it (core/endpoints/scim/members.py, put). A repeated reset does
// nothing more.
func (c *Client) ResetRole(ctx context.Context, id string) (User, error) {
	if !isID(id) {
		return User{}, badID(id)
	}
	return c.putRole(ctx, id, "")
}

func (c *Client) putRole(ctx context.Context, id, role string) (User, error) {
	body := map[string]any{"schemas": []string{schemaUser}, "sentryOrgRole": role}
	return exchange[userWire](ctx, c, request{method: http.MethodPut, path: []string{users, id}, body: body})
}

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
