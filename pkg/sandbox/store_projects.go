package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// project names its teams by id, in the order in which they were linked.
type project struct {
	id         int64
	slug, name string
	teams      []int64
}

func projectOf(p Project) *project {
	row := &project{id: id(p.ID), slug: p.Slug, name: cmp.Or(p.Name, p.Slug)}
	for _, t := range p.Teams {
		row.teams = append(row.teams, id(t))
	}
	return row
}

func (p *project) resource() projectResource {
	return projectResource{ID: strconv.FormatInt(p.id, 10), Slug: p.slug, Name: p.name}
}

// unlinkAll takes a team that is deleted from its projects.
func (st *store) unlinkAll(t *team) {
	for _, p := range st.projects {
		p.teams = slices.DeleteFunc(p.teams, func(n int64) bool { return n == t.id })
	}
}

// projectStates are the rows as a State shows them, by slug.
func (st *store) projectStates() []Project {
	var states []Project
	for _, p := range st.projects {
		state := Project{ID: strconv.FormatInt(p.id, 10), Slug: p.slug, Teams: []string{}}
		if p.name != p.slug {
			state.Name = p.name
		}
		for _, t := range slices.Sorted(slices.Values(p.teams)) {
			state.Teams = append(state.Teams, strconv.FormatInt(t, 10))
		}
		states = append(states, state)
	}
	return states
}

// checkProjects holds projects to ids and slugs of their own, and to teams that
// there are.
func (st State) checkProjects() error {
	teams := map[string]bool{}
	for _, t := range st.Teams {
		teams[t.ID] = true
	}
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
			return fmt.Errorf("%s.slug: expected lower-case letters, digits, - and _ with at least one that is no digit but found %q", place, p.Slug)
		}
		if err := once(slugs, p.Slug, place+".slug", p.Slug); err != nil {
			return err
		}
		for j, t := range p.Teams {
			if !teams[t] {
				return fmt.Errorf("%s.teams[%d]: expected the id of a team but found %q", place, j, t)
			}
		}
	}
	return nil
}
