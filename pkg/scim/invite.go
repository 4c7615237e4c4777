package scim

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// TakenError says that Email cannot be invited because it is taken. Users are
// the members that Lookup finds for it, often one who has it as a second address.
// There are none where an invite request, a join request or a deactivated
// account has it, which SCIM does not list. errors.Is finds ErrConflict in it.
type TakenError struct {
	Email string
	Users []User
	Err   error // Sentry's refusal
}

// Error says who has the address.
func (e *TakenError) Error() string {
	email := answer.Printable(e.Email)
	if len(e.Users) == 0 {
		return fmt.Sprintf("%s is taken, but listed nowhere: %v", email, e.Err)
	}
	members := make([]string, 0, len(e.Users))
	for _, user := range e.Users {
		members = append(members, fmt.Sprintf("%s (member %s)", answer.Printable(user.UserName), user.ID))
	}
	return fmt.Sprintf("%s is taken by %s: %v", email, strings.Join(members, ", "), e.Err)
}

// Unwrap returns Sentry's refusal with its hints.
func (e *TakenError) Unwrap() error { return e.Err }

// Invite invites a person and returns the pending member; an empty role means
// the organization's default, which stays changeable in Sentry. An address that
// is taken is a *TakenError, unless an earlier attempt of the same call got no
// answer and the member found is Named email: that attempt came through, or
// Sentry knew the person before, perhaps with another role.
//
// Sentry answers 201 for a person who asked to be invited, and does not approve
// the request: such a user is in no list until an owner approves it. Only a list
// read afterwards shows it.
func (c *Client) Invite(ctx context.Context, email, role string) (User, error) {
	if _, err := emailFilter(email); err != nil {
		return User{}, err
	}
	lost := false // an earlier attempt may have created the user
	ours := func(ctx context.Context) (User, bool, error) {
		lost = true
		members, err := c.Lookup(ctx, email)
		user, found := named(members, email)
		return user, found, err
	}
	user, err := post[userWire](ctx, c, users, invitation(email, role), ours)
	if !errors.Is(err, ErrConflict) {
		return user, err
	}
	members, lookErr := c.Lookup(ctx, email)
	if lookErr != nil {
		return User{}, fmt.Errorf("%s is taken, and the member who has it could not be looked up: %w", answer.Printable(email), lookErr)
	}
	if user, found := named(members, email); found && lost {
		return user, nil
	}
	if len(members) == 0 {
		err = fault.Hint(err, hintUnlisted)
	}
	return User{}, &TakenError{Email: email, Users: members, Err: err}
}

const hintUnlisted = "an invite request, a join request or a deactivated account has this address; see Settings > Members in Sentry"

// named returns the first of the members that Lookup found, if it is Named email.
func named(members []User, email string) (User, bool) {
	if len(members) == 0 || !members[0].Named(email) {
		return User{}, false
	}
	return members[0], true
}

// invitation is the body of POST /Users.
func invitation(email, role string) map[string]any {
	body := map[string]any{"schemas": []string{schemaUser}, "userName": email}
	if role != "" {
		body["sentryOrgRole"] = role
	}
	return body
}
