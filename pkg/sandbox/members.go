package sandbox

import (
	"net/http"
	"strconv"
)

// memberResource is what tells more of a member than SCIM does
// (api/serializers/models/organization_member/base.py), as far as it is asked
// for here.
type memberResource struct {
	ID           string          `json:"id"`
	Email        string          `json:"email"`
	Name         string          `json:"name"`
	OrgRole      string          `json:"orgRole"`
	Pending      bool            `json:"pending"`
	Expired      bool            `json:"expired"`
	InviteStatus string          `json:"inviteStatus"`
	Flags        map[string]bool `json:"flags"`
}

// memberDetails is core/endpoints/organization_member_details.py, GET alone. It
// is Sentry's own API: it ends in a slash and does not ask whether SCIM is on.
func (s *Sentry) memberDetails() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.getMember}},
		scopes:  memberScopes, find: s.findApproved, withoutSCIM: true,
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

func (s *Sentry) getMember(c *call) (reply, error) {
	m := c.member
	flags := map[string]bool{}
	for _, flag := range []string{flagProvisioned, flagRoleRestricted, "sso:linked", "sso:invalid", "member-limit:restricted", flagPartnership} {
		flags[flag] = m.flags[flag]
	}
	return ok(memberResource{
		ID: strconv.FormatInt(m.id, 10), Email: m.email, Name: m.email, OrgRole: m.role, Pending: !m.linked, InviteStatus: m.invite, Flags: flags,
	})
}
