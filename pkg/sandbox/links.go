package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

// teamProjects is core/endpoints/team_projects.py, GET alone.
func (s *Sentry) teamProjects() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listTeamProjects}}, scopes: readScopes("project:read", "project:write", "project:admin"),
		find: s.findTeamBySlug, withoutSCIM: true,
	}
}

func (s *Sentry) listTeamProjects(c *call) (reply, error) {
	rows := s.store.projectsOf(c.team)
	page, header, err := s.cursorPage(c, len(rows))
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, header: header, body: rows[page.from:page.to]}, nil
}

// projectTeam is core/endpoints/project_team_details.py. A team that SCIM made is
// like any other there.
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

// forbiddenList is a 403 as this endpoint alone makes it: its detail is a list.
func forbiddenList() error {
	return refuse(http.StatusForbidden, map[string][]string{"detail": {msgForbidden}})
}

func (s *Sentry) findProjectTeam(c *call) error {
	if s.config.Faults.IsOn("project-refused") {
		return forbiddenList()
	}
	at := slices.IndexFunc(s.store.projects, func(p *project) bool { return p.slug == c.owner || strconv.FormatInt(p.id, 10) == c.owner })
	if at < 0 || s.config.Faults.IsOn("project-vanished") {
		return plain(http.StatusNotFound, msgNotFound)
	}
	c.project = s.store.projects[at]
	if s.findTeamBySlug(c) != nil {
		return plain(http.StatusNotFound, "Team does not exist.")
	}
	return nil
}

func (s *Sentry) linkProject(c *call) (reply, error) {
	if !slices.Contains(c.team.projects, c.project.slug) {
		c.team.projects = append(c.team.projects, c.project.slug)
	}
	s.record(c, "project-team.add", c.project.id, "added team "+c.team.slug+" to project "+c.project.slug)
	return created(s.store.withTeams(c.project))
}

// unlinkProject takes the scope project:write alone, unlike the door.
func (s *Sentry) unlinkProject(c *call) (reply, error) {
	if granted, _ := s.access(c.r); !slices.Contains(granted.scopes, "project:write") {
		return reply{}, forbiddenList()
	}
	c.team.projects = slices.DeleteFunc(slices.Clone(c.team.projects), func(slug string) bool { return slug == c.project.slug })
	s.record(c, "project-team.remove", c.project.id, "removed team "+c.team.slug+" from project "+c.project.slug)
	return ok(s.store.withTeams(c.project))
}
