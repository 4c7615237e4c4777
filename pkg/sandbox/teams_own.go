package sandbox

import (
	"net/http"
	"strings"
)

// teamMemberResource is core/endpoints/team_members.py
// DetailedOrganizationMemberTeamSerializer: a member with the role in the team,
// which is null for one who has none of their own.
type teamMemberResource struct {
	memberResource

	TeamRole *string `json:"teamRole"`
	TeamSlug string  `json:"teamSlug"`
}

// teamMembers is core/endpoints/team_members.py TeamMembersEndpoint.
func (s *Sentry) teamMembers() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listTeamMembers}}, find: s.findTeamBySlug, withoutSCIM: true,
		scopes: readScopes("team:read", "team:write", "team:admin"),
	}
}

// findTeamBySlug takes a number too (api/bases/team.py).
func (s *Sentry) findTeamBySlug(c *call) error {
	t := s.store.bySlug[strings.ToLower(c.name)]
	if n, ok := pyInt(c.name); ok {
		t = s.store.teams[n]
	}
	if t == nil || t.deleted {
		return plain(http.StatusNotFound, msgNotFound)
	}
	c.team = t
	return nil
}

func (s *Sentry) listTeamMembers(c *call) (reply, error) {
	var rows []*member
	for _, m := range s.store.membersOf(c.team) {
		if m.listed() {
			rows = append(rows, m)
		}
	}
	page, header, err := s.cursorPage(c, len(rows))
	if err != nil {
		return reply{}, err
	}
	members := make([]teamMemberResource, 0, page.to-page.from)
	for _, m := range rows[page.from:page.to] {
		r := teamMemberResource{memberResource: m.resource(), TeamSlug: c.team.slug}
		if role, ok := c.team.roles[m.id]; ok {
			r.TeamRole = &role
		}
		members = append(members, r)
	}
	return reply{status: http.StatusOK, header: header, body: members}, nil
}
