package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// project is a project; teams name theirs by its slug.
type project struct {
	id         int64
	slug, name string
}

// checkProjects finds a project that no Sentry could hold, and a team that names
// one that is not there.
func (st State) checkProjects() error {
	ids, slugs := map[string]string{}, map[string]string{}
	for i, p := range st.Projects {
		place := fmt.Sprintf("projects[%d]", i)
		if err := checkID(place+".id", p.ID); err != nil {
			return err
		}
		if err := once(ids, p.ID, place+".id", p.ID); err != nil {
			return err
		}
		if !validSlug(p.Slug) {
			return fmt.Errorf("%s.slug: must be lower-case letters, digits, - and _ with at least one that is no digit, found %q", place, p.Slug)
		}
		if err := once(slugs, p.Slug, place+".slug", p.Slug); err != nil {
			return err
		}
	}
	for i, t := range st.Teams {
		for j, slug := range t.Projects {
			if slugs[slug] == "" {
				return fmt.Errorf("teams[%d].projects[%d]: expected the slug of a project but found %q (team %s)", i, j, slug, t.Slug)
			}
		}
	}
	return nil
}

// projectResource is api/serializers/models/project.py, in part.
type projectResource struct {
	ID    string        `json:"id"`
	Slug  string        `json:"slug"`
	Name  string        `json:"name"`
	Teams []projectTeam `json:"teams"`
}

type projectTeam struct {
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
	projects := []projectResource{}
	for _, p := range s.store.projects[page.from:page.to] {
		projects = append(projects, s.store.withTeams(p))
	}
	return reply{status: http.StatusOK, header: header, body: projects}, nil
}

// withTeams is a project with its active teams.
func (st *store) withTeams(p *project) projectResource {
	r := p.resource()
	for _, t := range st.active {
		if slices.Contains(t.projects, p.slug) {
			r.Teams = append(r.Teams, projectTeam{strconv.FormatInt(t.id, 10), t.slug, t.name})
		}
	}
	return r
}

func (p *project) resource() projectResource {
	return projectResource{ID: strconv.FormatInt(p.id, 10), Slug: p.slug, Name: p.name, Teams: []projectTeam{}}
}

// projectsOf are the projects of a team, by slug.
func (st *store) projectsOf(t *team) []projectResource {
	projects := []projectResource{}
	for _, p := range st.projects {
		if slices.Contains(t.projects, p.slug) {
			projects = append(projects, p.resource())
		}
	}
	return projects
}

// projectStates are the rows as a State shows them, by slug.
func (st *store) projectStates() []Project {
	var states []Project
	for _, p := range st.projects {
		states = append(states, Project{ID: strconv.FormatInt(p.id, 10), Slug: p.slug, Name: p.name})
	}
	return states
}

func byProjectSlug(a, b *project) int { return strings.Compare(a.slug, b.slug) }
