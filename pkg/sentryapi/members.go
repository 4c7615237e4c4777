package sentryapi

import (
	"context"
	"strconv"
	"time"
)

// The flags of a member that are used (models/organizationmember.py).
const (
	FlagSSOLinked      = "sso:linked"              // the account is linked to an SSO identity
	FlagSSOInvalid     = "sso:invalid"             // that identity is not valid any more
	FlagProvisioned    = "idp:provisioned"         // SCIM added the member
	FlagRoleRestricted = "idp:role-restricted"     // SCIM gives the role
	FlagLimited        = "member-limit:restricted" // the member has no seat
)

// Member is a member or an invitation (api/serializers/models/
// organization_member/base.py). ID is what SCIM calls the user's id.
type Member struct {
	ID           string          `json:"id"`
	Email        string          `json:"email"`
	Name         string          `json:"name"`
	User         *User           `json:"user"`         // nil: the invitation is not accepted
	Role         string          `json:"orgRole"`      //nolint:tagliatelle // the name that Sentry gives it
	Pending      bool            `json:"pending"`      // nobody has accepted the invitation
	Expired      bool            `json:"expired"`      // the invitation has expired
	Flags        map[string]bool `json:"flags"`        // by the names above
	Created      time.Time       `json:"dateCreated"`  //nolint:tagliatelle // as above
	InviteStatus string          `json:"inviteStatus"` //nolint:tagliatelle // as above
	Inviter      string          `json:"inviterName"`  //nolint:tagliatelle // as above; "" if it is not told

	// TeamRole is the member's role in the team that was asked for: "admin",
	// "contributor", or "" where the member has none of their own, which is
	// contributor, or what the organization's role gives.
	TeamRole string `json:"teamRole"` //nolint:tagliatelle // as above
}

// User is the account of a member, in part (users/api/serializers/user.py). A time
// is zero where Sentry tells none.
type User struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	Active     bool      `json:"isActive"`   //nolint:tagliatelle // the name that Sentry gives it
	Has2FA     bool      `json:"has2fa"`     // a second factor is set up in Sentry
	LastLogin  time.Time `json:"lastLogin"`  //nolint:tagliatelle // as above
	LastActive time.Time `json:"lastActive"` //nolint:tagliatelle // as above
}

// scopesMembers are the scopes of the members list (api/bases/
// organizationmember.py); any one is enough.
const scopesMembers = "member:read"

// Members lists members and approved invitations (core/endpoints/
// organization_member_index.py), without the bare rows of the new invitations. It
// tells neither teams nor team roles.
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	return listing[[]Member, Member]{
		client: c, name: "members", path: c.organization("members"), need: scopesMembers, entries: same[Member], id: memberID,
	}.read(ctx)
}

func memberID(m Member) string { return m.ID }

// TeamMembers lists the members of a team, by its slug or number, with their
// TeamRole (core/endpoints/team_members.py): one request for 100 members.
func (c *Client) TeamMembers(ctx context.Context, team string) ([]Member, error) {
	return listing[[]Member, Member]{
		client: c, name: "members of the team " + strconv.Quote(team), path: []string{"teams", c.org, team, "members"},
		need: "team:read", entries: same[Member], id: memberID,
	}.read(ctx)
}
