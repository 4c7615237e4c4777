package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// memberResource is what tells more of a member than SCIM does
// (api/serializers/models/organization_member/base.py).
type memberResource struct {
	ID           string          `json:"id"`
	Email        string          `json:"email"`
	Name         string          `json:"name"`
	User         *memberUser     `json:"user"`
	Role         string          `json:"role"`
	RoleName     string          `json:"roleName"`
	OrgRole      string          `json:"orgRole"`
	Pending      bool            `json:"pending"`
	Expired      bool            `json:"expired"`
	Flags        map[string]bool `json:"flags"`
	DateCreated  string          `json:"dateCreated"`
	InviteStatus string          `json:"inviteStatus"`
	InviterName  *string         `json:"inviterName"`
}

// memberUser is the account of a linked member, in the part that is used.
type memberUser struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Email    string `json:"email"`
	IsActive bool   `json:"isActive"`
	Has2FA   bool   `json:"has2fa"`

	LastLogin  *string `json:"lastLogin"`
	LastActive *string `json:"lastActive"`
}

// memberDetails is core/endpoints/organization_member_details.py, GET alone. It
// is Sentry's own API: it ends in a slash and does not ask whether SCIM is on.
func (s *Sentry) memberDetails() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.getMember}},
		scopes:  memberScopes, find: s.findApproved, withoutSCIM: true,
	}
}

// memberIndex is core/endpoints/organization_member_index.py, GET alone.
func (s *Sentry) memberIndex() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listMembers}}, withoutSCIM: true,
		scopes: readScopes("member:read", "member:write", "member:admin"),
	}
}

// findApproved looks up a member that is approved and whose account is active:
// others are not found, and the body of the refusal is not SCIM's.
func (s *Sentry) findApproved(c *call) error {
	if err := s.findMember(c); err != nil || !c.member.listed() {
		return plain(http.StatusNotFound, msgNotFound)
	}
	return nil
}

func (s *Sentry) getMember(c *call) (reply, error) { return ok(c.member.resource()) }

func (m *member) resource() memberResource {
	flags := map[string]bool{}
	for _, flag := range []string{flagProvisioned, flagRoleRestricted, flagSSOLinked, flagSSOInvalid, flagLimited, flagPartnership} {
		flags[flag] = m.flags[flag]
	}
	r := memberResource{
		ID: strconv.FormatInt(m.id, 10), Email: m.email, Name: m.display(), Role: m.role, RoleName: strings.ToUpper(m.role[:1]) + m.role[1:], OrgRole: m.role,
		Pending: !m.linked, Expired: m.expired, InviteStatus: m.invite, Flags: flags, DateCreated: m.since.UTC().Format(time.RFC3339),
	}
	if m.linked {
		r.User = &memberUser{ID: m.userID(), Name: m.display(), Username: m.email, Email: m.email, IsActive: !m.inactive}
		if m.lastActive != "" {
			r.User.LastLogin, r.User.LastActive = &m.lastActive, &m.lastActive
		}
	}
	return r
}

// display is the name of the account, or the address.
func (m *member) display() string {
	if m.name != "" && m.linked {
		return m.name
	}
	return m.email
}

// userID is the number of the account, which is not that of the membership.
func (m *member) userID() string { return strconv.FormatInt(m.id+1000, 10) }

func (s *Sentry) listMembers(c *call) (reply, error) {
	text, _ := last(c.query, "query")
	rows := slices.DeleteFunc(sortedRows(s.store.members), func(m *member) bool {
		return m.placeholder || !m.listed() || !m.matches(text)
	})
	page, header, err := s.cursorPage(c, len(rows))
	if err != nil {
		return reply{}, err
	}
	members := make([]memberResource, 0, page.to-page.from)
	for _, m := range rows[page.from:page.to] {
		members = append(members, m.resource())
	}
	return reply{status: http.StatusOK, header: header, body: members}, nil
}

// matches is the parameter query: tokens such as role:owner, all of which must
// fit, and free text. An unknown token fits nobody.
func (m *member) matches(query string) bool {
	for word := range strings.FieldsSeq(query) {
		key, value, isToken := strings.Cut(word, ":")
		if !isToken {
			key, value = "query", word
		}
		if !m.fits(key, strings.Trim(value, `"`)) {
			return false
		}
	}
	return true
}

func (m *member) fits(key, value string) bool {
	is := func(state bool) bool { return value == strconv.FormatBool(state) }
	switch key {
	case "email":
		return slices.Contains(m.addresses(), strings.ToLower(value))
	case "id":
		return value == strconv.FormatInt(m.id, 10)
	case "user.id":
		return m.linked && value == m.userID()
	case "role":
		return value == m.role
	case "scope":
		return slices.Contains(roleScopes(m.role), value)
	case "isInvited":
		return is(!m.linked)
	case "ssoLinked":
		return is(m.flags[flagSSOLinked])
	case "has2fa":
		return is(false)
	case "query":
		return strings.Contains(strings.ToLower(m.email+" "+m.display()), strings.ToLower(value))
	}
	return false
}

// roleScopes are the scopes of a role that tell one from another
// (conf/server.py SENTRY_ROLES).
func roleScopes(role string) []string {
	scopes := []string{"org:read", "member:read", "team:read", "project:read"}
	switch role {
	case roleOwner:
		return append(scopes, "org:admin", "org:write", "member:write", "member:admin", "team:write", "team:admin", "project:write", "project:admin")
	case "manager":
		return append(scopes, "org:write", "member:write", "member:admin", "team:write", "team:admin", "project:write", "project:admin")
	case "admin":
		return append(scopes, "team:write", "team:admin", "project:write", "project:admin")
	}
	return scopes
}
