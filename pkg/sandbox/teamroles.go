package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

const msgTeamRole = "You do not have permission to edit that user's membership."

// routeTeams finds the endpoints of Sentry's own API that are about one team.
func (s *Sentry) routeTeams(r *http.Request) (*call, bool) {
	if match := rolePath.FindStringSubmatch(r.URL.Path); match != nil {
		return &call{r: r, org: match[1], owner: match[2], name: match[3], query: r.URL.Query(), endpoint: s.memberTeam()}, true
	}
	if match := linkPath.FindStringSubmatch(r.URL.Path); match != nil {
		return &call{r: r, org: match[1], owner: match[2], name: match[3], query: r.URL.Query(), endpoint: s.projectTeam()}, true
	}
	match := teamPath.FindStringSubmatch(r.URL.Path)
	if match == nil {
		return nil, false
	}
	c := &call{r: r, org: match[1], name: match[2], query: r.URL.Query(), endpoint: s.teamMembers()}
	if match[3] == "projects" {
		c.endpoint = s.teamProjects()
	}
	return c, true
}

// findTeamNamed looks up a team by slug or number.
func (s *Sentry) findTeamNamed(c *call) error {
	t, found := s.store.bySlug[c.name]
	if !found && digitsOnly.MatchString(c.name) {
		n, _ := pyInt(c.name)
		t, found = s.store.teams[n]
	}
	if !found || t.deleted {
		return plain(http.StatusNotFound, msgNotFound)
	}
	c.team = t
	return nil
}

// refusesTeams is the answer where the SCIM token may not set roles in teams.
func (s *Sentry) refusesTeams(c *call) error {
	token, _ := bearer(c.r)
	if s.config.Faults.IsOn("scim-token-teams") && token == s.config.Token {
		return plain(http.StatusForbidden, msgForbidden)
	}
	return nil
}

// teamMembers is core/endpoints/team_members.py.
func (s *Sentry) teamMembers() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listTeamMembers}}, scopes: readScopes("team:read", "team:write", "team:admin"), withoutSCIM: true,
		find: func(c *call) error {
			if err := s.findTeamNamed(c); err != nil {
				return err
			}
			return s.refusesTeams(c)
		},
	}
}

// teamMemberResource is a member with the role in the team; null is none of
// their own.
type teamMemberResource struct {
	memberResource

	TeamRole *string `json:"teamRole"`
	TeamSlug string  `json:"teamSlug"`
}

func (s *Sentry) listTeamMembers(c *call) (reply, error) {
	rows := slices.DeleteFunc(s.store.membersOf(c.team), func(m *member) bool { return !m.listed() })
	slices.SortStableFunc(rows, func(a, b *member) int { return byID(a, b) })
	page, header, err := s.cursorPage(c, len(rows))
	if err != nil {
		return reply{}, err
	}
	members := make([]teamMemberResource, 0, page.to-page.from)
	for _, m := range rows[page.from:page.to] {
		members = append(members, teamMemberResource{m.resource(), c.team.role(m), c.team.slug})
	}
	return reply{status: http.StatusOK, header: header, body: members}, nil
}

func (t *team) role(m *member) *string {
	if role, own := t.roles[m.id]; own && role != teamRoleContributor {
		return &role
	}
	return nil
}

// memberTeam is core/endpoints/organization_member_team_details.py, GET and PUT.
func (s *Sentry) memberTeam() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.getTeamRole}, {http.MethodPut, s.setTeamRole}},
		scopes: func(method string) []string {
			switch method {
			case http.MethodGet:
				return []string{"org:read", "org:write", "org:admin", "member:read", "member:write", "member:admin"}
			case http.MethodPut:
				return []string{"org:read", "org:write", "org:admin", "member:read", "member:write", "member:admin", "team:admin", "team:write"}
			}
			return nil
		},
		find: s.findTeamMember, withoutSCIM: true,
	}
}

func (s *Sentry) findTeamMember(c *call) error {
	n, _ := pyInt(c.owner)
	m, found := s.store.members[n]
	if !found || m.placeholder {
		return plain(http.StatusNotFound, msgNotFound)
	}
	c.member = m
	if err := s.findTeamNamed(c); err != nil {
		return err
	}
	if err := s.refusesTeams(c); err != nil {
		return err
	}
	if !slices.Contains(c.team.members, m.id) {
		return plain(http.StatusNotFound, msgNotFound)
	}
	return nil
}

// teamRoleResource is the answer to both methods.
type teamRoleResource struct {
	IsActive bool    `json:"isActive"`
	TeamRole *string `json:"teamRole"`
}

func (s *Sentry) getTeamRole(c *call) (reply, error) {
	return ok(teamRoleResource{IsActive: true, TeamRole: c.team.role(c.member)})
}

func (s *Sentry) setTeamRole(c *call) (reply, error) {
	body, err := c.object()
	if err != nil {
		return reply{}, err
	}
	asked, given := body["teamRole"]
	role, isText := asked.(string)
	if given && (!isText || role != teamRoleAdmin && role != teamRoleContributor) {
		var problems fields
		problems.add("teamRole", []string{strconv.Quote(pyStr(asked)) + " is not a valid choice."})
		return reply{}, refuse(http.StatusBadRequest, problems)
	}
	if !given || s.config.Faults.IsOn("team-roles-off") {
		return s.getTeamRole(c)
	}
	granted, _ := s.access(c.r)
	if !slices.ContainsFunc([]string{"team:write", "org:write", "member:write"}, func(scope string) bool { return slices.Contains(granted.scopes, scope) }) {
		return reply{}, plain(http.StatusBadRequest, msgTeamRole)
	}
	// A role that is not above the least one of the organization role is none.
	if role == teamRoleContributor || inheritsTeamAdmin(c.member.role) {
		delete(c.team.roles, c.member.id)
	} else {
		c.team.roles[c.member.id] = role
	}
	s.record(c, "member.edit", c.member.id, "edited member "+c.member.email+" (team role: "+role+", team: "+c.team.slug+")")
	return s.getTeamRole(c)
}

// inheritsTeamAdmin reports whether members of an organization role are admins of
// all their teams (conf/server.py SENTRY_TEAM_ROLES, is_minimum_role_for).
func inheritsTeamAdmin(role string) bool {
	return role == roleOwner || role == "manager" || role == "admin"
}
