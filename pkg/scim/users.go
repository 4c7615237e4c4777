package scim

import (
	"context"
	"errors"
	"fmt"
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
		size:  c.pageSize, readers: c.readers, watch: c.watch,
	}.read(ctx)
}

// UserByEmail looks a member up by e-mail, without regard to case. The filter
// also finds an account by its other addresses: the user returned is then not
// Named email. An e-mail that the filter cannot carry is an error, because an
// empty one would find everybody (core/endpoints/scim/utils.py).
func (c *Client) UserByEmail(ctx context.Context, email string) (User, bool, error) {
	filter, err := emailFilter(email)
	if err != nil {
		return User{}, false, err
	}
	found, err := fetch[userWire](ctx, c, users, span{start: 1, count: DefaultPageSize, filter: filter})
	if err != nil {
		return User{}, false, err
	}
	for _, user := range found.items {
		if user.Named(email) {
			return user, true, nil
		}
	}
	switch {
	case found.total == 0:
		return User{}, false, nil
	case found.total == 1 && len(found.items) == 1:
		return found.items[0], true, nil
	}
	return User{}, false, fault.New(fault.Failed,
		"%s finds %d members and none of that name; is the filter honoured?", answer.Printable(email), found.total)
}

// CreateUser invites a person; an empty role means the organization's default,
// which stays changeable in Sentry. created is false when the person was there
// already: the user returned may then have another role, or be found by another
// address (see User.Named).
//
// Sentry answers 201 for somebody who asked to be invited, and does not approve
// the request: such a user is in no list until somebody does. Only a list read
// afterwards shows it.
func (c *Client) CreateUser(ctx context.Context, email, role string) (user User, created bool, err error) {
	if _, err := emailFilter(email); err != nil {
		return User{}, false, err
	}
	lost := false // an earlier attempt may have created the user
	user, err = post[userWire](ctx, c, users, invitation(email, role), func(ctx context.Context) (User, bool, error) {
		lost = true
		return c.UserByEmail(ctx, email)
	})
	if errors.Is(err, ErrConflict) {
		user, err = c.conflicting(ctx, email, err)
		return user, lost && err == nil, err
	}
	return user, err == nil, err
}

// conflicting finds the member who has email already.
func (c *Client) conflicting(ctx context.Context, email string, conflict error) (User, error) {
	user, found, err := c.UserByEmail(ctx, email)
	if err != nil {
		return User{}, err
	}
	if !found {
		return User{}, fault.Hint(fmt.Errorf("%s is taken, but listed nowhere: %w", answer.Printable(email), conflict), hintUnlisted)
	}
	return user, nil
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
		return fault.New(fault.Failed, "remove member %s: wanted the answer 204, found %d; the member may still be there", id, status)
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
		return fault.Hint(fault.New(fault.Failed, "member %s kept the role %q, wanted %q", id, answer.Printable(after.Role), role),
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
