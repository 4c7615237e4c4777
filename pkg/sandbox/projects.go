package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

// projectResource is api/serializers/models/project.py, in part.
type projectResource struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// teamInProject is a team as a project tells of it.
type teamInProject struct {
	ID   string `json:"id"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// projectIndex is core/endpoints/organization_projects.py, GET alone.
func (s *Sentry) projectIndex() endpoint {
	return endpoint{methods: []method{{http.MethodGet, s.listProjects}}, scopes: readScopes("org:read", "org:write", "org:admin"), withoutSCIM: true}
}

func (s *Sentry) listProjects(c *call) (reply, error) {
	page, header, err := s.cursorPage(c, len(s.store.projects))
	if err != nil {
		return reply{}, err
	}
	list := []any{}
	for _, p := range s.store.projects[page.from:page.to] {
		list = append(list, s.projectWithTeams(p))
	}
	return reply{status: http.StatusOK, header: header, body: list}, nil
}

// projectWithTeams is a project with its teams, an empty list too.
func (s *Sentry) projectWithTeams(p *project) any {
	type resource struct {
		projectResource

		Teams []teamInProject `json:"teams"`
	}
	r := resource{p.resource(), []teamInProject{}}
	for _, n := range p.teams {
		if t := s.store.teams[n]; t != nil && !t.deleted {
			r.Teams = append(r.Teams, teamInProject{ID: strconv.FormatInt(t.id, 10), Slug: t.slug, Name: t.name})
		}
	}
	return r
}

// teamProjects is core/endpoints/team_projects.py, GET alone.
func (s *Sentry) teamProjects() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listTeamProjects}}, scopes: readScopes("project:read", "project:write", "project:admin"),
		find: s.findTeamNamed, withoutSCIM: true,
	}
}

func (s *Sentry) listTeamProjects(c *call) (reply, error) {
	rows := s.projectsOf(c.team)
	page, header, err := s.cursorPage(c, len(rows))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, header: header, body: rows[page.from:page.to]}, nil
}

func (s *Sentry) projectsOf(t *team) []projectResource {
	rows := []projectResource{}
	for _, p := range s.store.projects {
		if slices.Contains(p.teams, t.id) {
			rows = append(rows, p.resource())
		}
	}
	return rows
}

// projectTeam is core/endpoints/project_team_details.py. It knows no team that is
// special because SCIM made it.
func (s *Sentry) projectTeam() endpoint {
	return endpoint{
		methods: []method{{http.MethodPost, s.linkProject}, {http.MethodDelete, s.unlinkProject}},
		scopes: func(method string) []string {
			if method == http.MethodPost || method == http.MethodDelete {
				return []string{"project:write", "project:admin"}
			}
			return nil
		},
		find: s.findProjectTeam, withoutSCIM: true,
	}
}

func (s *Sentry) findProjectTeam(c *call) error {
	if s.config.Faults.IsOn("project-refused") {
		return refuse(http.StatusForbidden, map[string][]string{"detail": {msgForbidden}})
	}
	at := slices.IndexFunc(s.store.projects, func(p *project) bool { return p.slug == c.owner || strconv.FormatInt(p.id, 10) == c.owner })
	if at < 0 || s.config.Faults.IsOn("project-vanished") {
		return plain(http.StatusNotFound, msgNotFound)
	}
	c.project = s.store.projects[at]
	if s.findTeamNamed(c) != nil {
		return plain(http.StatusNotFound, "Team does not exist.")
	}
	return nil
}

func (s *Sentry) linkProject(c *call) (reply, error) {
	if !slices.Contains(c.project.teams, c.team.id) {
		c.project.teams = append(c.project.teams, c.team.id)
	}
	s.record(c, "project-team.add", c.project.id, "added team "+c.team.slug+" to project "+c.project.slug)
	return created(s.projectWithTeams(c.project))
}

// unlinkProject takes the scope project:write alone, unlike the door.
func (s *Sentry) unlinkProject(c *call) (reply, error) {
	if granted, _ := s.access(c.r); !slices.Contains(granted.scopes, "project:write") {
		return reply{}, refuse(http.StatusForbidden, map[string][]string{"detail": {msgForbidden}})
	}
	c.project.teams = slices.DeleteFunc(c.project.teams, func(n int64) bool { return n == c.team.id })
	s.record(c, "project-team.remove", c.project.id, "removed team "+c.team.slug+" from project "+c.project.slug)
	return ok(s.projectWithTeams(c.project))
}
