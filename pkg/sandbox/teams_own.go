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
		methods: []method{{http.MethodGet, s.listTeamMembers}}, withoutSCIM: true,
		scopes: readScopes("team:read", "team:write", "team:admin"),
		find: func(c *call) error {
			if err := s.findTeamBySlug(c); err != nil {
				return err
			}
			return s.refusesTeams(c)
		},
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

// roleOf is the role of a member in the team, nil for none of their own.
func (t *team) roleOf(m *member) *string {
	if role, own := t.roles[m.id]; own {
		return &role
	}
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
		members = append(members, teamMemberResource{m.resource(), c.team.roleOf(m), c.team.slug})
	}
	return reply{status: http.StatusOK, header: header, body: members}, nil
}
