package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

const msgTeamRole = "You do not have permission to edit that user's membership."

// routeTeam finds the endpoints of Sentry's own API that are about one team.
func (s *Sentry) routeTeam(r *http.Request) (*call, bool) {
	if match := rolePath().FindStringSubmatch(r.URL.Path); match != nil {
		return &call{r: r, org: match[1], owner: match[2], name: match[3], query: r.URL.Query(), endpoint: s.memberTeam()}, true
	}
	if match := linkPath().FindStringSubmatch(r.URL.Path); match != nil {
		return &call{r: r, org: match[1], owner: match[2], name: match[3], query: r.URL.Query(), endpoint: s.projectTeam()}, true
	}
	match := teamPath().FindStringSubmatch(r.URL.Path)
	if match == nil {
		return nil, false
	}
	c := &call{r: r, org: match[1], name: match[2], query: r.URL.Query(), endpoint: s.teamMembers()}
	if match[3] == "projects" {
		c.endpoint = s.teamProjects()
	}
	return c, true
}

// refusesTeams is the answer where the SCIM token may not set roles in teams.
func (s *Sentry) refusesTeams(c *call) error {
	token, _ := bearer(c.r)
	if s.config.Faults.IsOn("scim-token-teams") && token == s.config.Token {
		return plain(http.StatusForbidden, msgForbidden)
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
	if err := s.findTeamBySlug(c); err != nil {
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
	return ok(teamRoleResource{IsActive: true, TeamRole: c.team.roleOf(c.member)})
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
	s.recordMember(c, "member.edit", c.member, "edited member "+c.member.email+" (team role: "+role+", team: "+c.team.slug+")")
	return s.getTeamRole(c)
}

// inheritsTeamAdmin reports whether members of an organization role are admins of
// all their teams (conf/server.py SENTRY_TEAM_ROLES, is_minimum_role_for).
func inheritsTeamAdmin(role string) bool {
	return role == roleOwner || role == "manager" || role == "admin"
}
