package sandbox

import (
	"net/http"
	"strconv"
)

const urnUser = "urn:ietf:params:scim:schemas:core:2.0:User"

// userResource is api/serializers/models/organization_member/scim.py: Sentry
// keeps no name and no other address.
type userResource struct {
	Schemas  []string    `json:"schemas"`
	ID       string      `json:"id"`
	UserName string      `json:"userName"`
	Name     userName    `json:"name"`
	Emails   []userEmail `json:"emails"`
	Meta     meta        `json:"meta"`
	Role     string      `json:"sentryOrgRole"`
	Active   *bool       `json:"active,omitempty"`
}

type userName struct {
	GivenName  string `json:"givenName"`
	FamilyName string `json:"familyName"`
}

type userEmail struct {
	Primary bool   `json:"primary"`
	Value   string `json:"value"`
	Type    string `json:"type"`
}

type meta struct {
	ResourceType string `json:"resourceType"`
	Location     string `json:"location,omitempty"`
}

// user is a member as SCIM shows it: always active, unless the provider is
// Active Directory, for which the key is left out.
func (s *Sentry) user(m *member) userResource {
	u := userResource{
		Schemas: []string{urnUser}, ID: strconv.FormatInt(m.id, 10), UserName: m.email,
		Name: userName{"N/A", "N/A"}, Emails: []userEmail{{Primary: true, Value: m.email, Type: "work"}},
		Meta: meta{ResourceType: "User"}, Role: m.role,
	}
	if s.provider() != providerActiveDirectory {
		active := true
		u.Active = &active
	}
	return u
}

// userIndex is core/endpoints/scim/members.py OrganizationSCIMMemberIndex.
func (s *Sentry) userIndex() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listUsers}, {http.MethodPost, s.createUser}},
		scopes:  memberScopes,
	}
}

// userDetails is OrganizationSCIMMemberDetails of the same file.
func (s *Sentry) userDetails() endpoint {
	return endpoint{
		methods: []method{
			{http.MethodGet, s.getUser},
			{http.MethodPut, s.setRole},
			{http.MethodPatch, s.patchUser},
			{http.MethodDelete, s.deleteUser},
		},
		scopes: memberScopes, find: s.findMember, scimNotFound: true,
	}
}

// findMember looks the member up. A placeholder is not found by its id
// (api/bases/organizationmember.py).
func (s *Sentry) findMember(c *call) error {
	n, _ := pyInt(c.name)
	m, ok := s.store.members[n]
	if !ok || m.placeholder {
		return s.dialect.scim(http.StatusNotFound, msgNotFound)
	}
	c.member = m
	return nil
}

func (s *Sentry) listUsers(c *call) (reply, error) {
	q, err := s.dialect.parseQuery(c.query)
	if err != nil {
		return reply{}, err
	}
	offset, limit, err := q.page(c.query)
	if err != nil {
		return reply{}, err
	}
	rows, total := s.store.memberPage(q.filter, offset, limit)
	users := make([]userResource, len(rows))
	for i, m := range rows {
		users[i] = s.user(m)
	}
	return listOf(users, total, q.start), nil
}

// getUser also shows what the list hides: requests that nobody has approved.
func (s *Sentry) getUser(c *call) (reply, error) { return ok(s.user(c.member)) }

func (s *Sentry) deleteUser(c *call) (reply, error) {
	if c.member.flags[flagPartnership] {
		return reply{}, plain(http.StatusForbidden, msgPartnership)
	}
	return s.removeMember(c)
}

func (s *Sentry) removeMember(c *call) (reply, error) {
	m := c.member
	if s.store.onlyOwner(m) {
		return reply{}, plain(http.StatusForbidden, msgOnlyOwner)
	}
	s.store.remove(m)
	s.recordMember(c, eventMemberRemove, m, "removed member "+m.email)
	return done()
}
