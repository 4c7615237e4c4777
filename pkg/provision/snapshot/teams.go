package snapshot

import (
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// teamMatch finds the teams of a snapshot in Sentry: by id; else by name; else by slug,
// where that team is no other of the snapshot. Names are not unique in Sentry,
// and SCIM shows no slugs: a name that stands for several teams stands for none,
// for people must not get into a team that they were not in.
type teamMatch struct {
	listed  map[string]int          // by name: how many teams of the snapshot have it
	writing map[string]int          // by slug: how many of the snapshot's names Sentry lacks, and would find by it
	byName  map[string][]scim.Group // of Sentry
	bySlug  map[string][]scim.Group // of Sentry, without those that the snapshot names
	byID    map[string]scim.Group
	taken   map[string]bool // slugs
}

func newTeamMatch(teams []Team, groups []scim.Group) *teamMatch {
	m := &teamMatch{
		listed: map[string]int{}, writing: map[string]int{},
		byName: map[string][]scim.Group{}, bySlug: map[string][]scim.Group{}, byID: map[string]scim.Group{}, taken: map[string]bool{},
	}
	for _, t := range teams {
		m.listed[t.Name]++
	}
	for _, g := range groups {
		slug := sentry.TeamSlug(g.DisplayName)
		m.byName[g.DisplayName] = append(m.byName[g.DisplayName], g)
		m.taken[slug] = true
		m.byID[g.ID] = g
		if m.listed[g.DisplayName] == 0 && slug != "" {
			m.bySlug[slug] = append(m.bySlug[slug], g)
		}
	}
	for name := range m.listed {
		if len(m.byName[name]) == 0 {
			m.writing[sentry.TeamSlug(name)]++
		}
	}
	return m
}

// find returns the team of an id or a name, or the reason why it cannot be told which
// that is.
func (m *teamMatch) find(id, name string) (group scim.Group, found bool, reason string) {
	if same, listed := m.byID[id]; listed {
		return same, true, ""
	}
	if m.listed[name] > 1 {
		return scim.Group{}, false, "the snapshot has several teams of that name, which SCIM cannot tell apart"
	}
	candidates, slug := m.byName[name], sentry.TeamSlug(name)
	if len(candidates) == 0 {
		candidates = m.bySlug[slug]
		if len(candidates) > 0 && m.writing[slug] > 1 {
			return scim.Group{}, false, fmt.Sprintf("several teams of the snapshot could be the team %q of Sentry", candidates[0].DisplayName)
		}
	}
	switch len(candidates) {
	case 0:
		return scim.Group{}, false, ""
	case 1:
		return candidates[0], true, ""
	}
	ids := make([]string, 0, len(candidates))
	for _, g := range candidates {
		ids = append(ids, g.ID)
	}
	return scim.Group{}, false, fmt.Sprintf("Sentry has several teams that it could be (ids %s): rename all but one of them", strings.Join(ids, ", "))
}

// label tells a team apart from others of the snapshot that have its name.
func (m *teamMatch) label(t Team) string {
	if m.listed[t.Name] < 2 {
		return t.Name
	}
	return fmt.Sprintf("%s (id %s)", t.Name, t.ID)
}

// claim takes the slug of a team that is to be made, or returns the reason why
// it cannot be made.
func (m *teamMatch) claim(name string) (slug, reason string) {
	slug, err := sentry.TeamSlugOf(name)
	switch {
	case err != nil:
		return "", err.Error()
	case m.taken[slug]:
		return "", "another team has the slug that Sentry would make of its name"
	}
	m.taken[slug] = true
	return slug, ""
}

// nameTaken reports whether another team has the slug that a name makes.
func (m *teamMatch) nameTaken(name, id string) bool {
	slug := sentry.TeamSlug(name)
	for other, g := range m.byID {
		if other != id && sentry.TeamSlug(g.DisplayName) == slug {
			return true
		}
	}
	return false
}
