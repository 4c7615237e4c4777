package scim

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
)

// The schema names of RFC 7643 and RFC 7644 that are sent.
const (
	schemaUser  = "urn:ietf:params:scim:schemas:core:2.0:User"
	schemaGroup = "urn:ietf:params:scim:schemas:core:2.0:Group"
	schemaPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// User is a member of the organization. ID is the membership's, digits: a
// person who was removed and comes back has another. UserName is the e-mail in
// the case it was entered in. It is empty for a placeholder: a row that Sentry
// lists for an invitation kept elsewhere, and that no request by id finds
// (api/bases/organizationmember.py). Active is always true in Sentry: an
// inactive member does not exist.
type User struct {
	ID       string
	UserName string
	Role     string
	Active   bool
}

// Named reports whether email is the user's own userName. It is not when Sentry
// found the user by another address of the same account.
func (u User) Named(email string) bool { return sameName(u.UserName, email) }

// Group is a team. ID is digits; DisplayName is the team's name, not its slug.
// Members is never null.
type Group struct {
	ID          string
	DisplayName string
	Members     []Member
}

// Member is a user in a group: ID is the User's, Display the e-mail, empty for a
// placeholder.
type Member struct {
	ID      string `json:"value"`
	Display string `json:"display"`
}

// userWire is a user as Sentry writes it
// (api/serializers/models/organization_member/scim.py).
type userWire struct {
	ID       string `json:"id"`
	UserName string `json:"userName"` // null or empty for a placeholder
	Role     string `json:"sentryOrgRole"`
	Active   *bool  `json:"active"` // left out where the provider is Active Directory
}

func (w userWire) resource() (User, error) {
	if !isID(w.ID) {
		return User{}, fmt.Errorf("a user has the id %q, expected digits", answer.Printable(w.ID))
	}
	return User{ID: w.ID, UserName: strings.TrimSpace(w.UserName), Role: w.Role, Active: w.Active == nil || *w.Active}, nil
}

type groupWire struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Members     []Member `json:"members"`
}

func (w groupWire) resource() (Group, error) {
	if !isID(w.ID) {
		return Group{}, fmt.Errorf("a group has the id %q, expected digits", answer.Printable(w.ID))
	}
	for _, m := range w.Members {
		if !isID(m.ID) {
			return Group{}, fmt.Errorf("group %s has a member with the id %q, expected digits", w.ID, answer.Printable(m.ID))
		}
	}
	if w.Members == nil {
		w.Members = []Member{}
	}
	return Group(w), nil
}

// isID reports whether id can stand in a path: Sentry's routes take digits only
// (api/urls.py).
func isID(id string) bool {
	return id != "" && len(id) <= 32 && strings.Trim(id, "0123456789") == ""
}

// sameName compares e-mails as Sentry does, without regard to case.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// compareIDs orders ids as the numbers that they are.
func compareIDs(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }
