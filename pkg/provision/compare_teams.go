package provision

import (
	"slices"

	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// teams plans the teams that are made or renamed, and who is in them.
func (c *comparison) teams(groups []scim.Group) {
	match := newTeamMatch(groups, c.want.Teams)
	for _, t := range c.want.Teams {
		group, found := match.take(t)
		switch {
		case !found:
			c.plan.TeamsCreate = append(c.plan.TeamsCreate, TeamCreate{Name: t.Name, Slug: t.Slug})
		case group.DisplayName != t.Name:
			c.plan.TeamsRename = append(c.plan.TeamsRename, TeamRename{ID: group.ID, From: group.DisplayName, To: t.Name})
		}
		c.memberships(t, group)
	}
}

// teamMatch finds the teams of Sentry that the wanted ones are. SCIM shows names
// and hides slugs, so that a slug is what Sentry makes of the name.
type teamMatch struct {
	byName map[string][]scim.Group
	bySlug map[string][]scim.Group
	wanted map[string]bool // slugs of the wanted teams
	taken  map[string]bool // ids of teams that are one of the wanted
}

func newTeamMatch(groups []scim.Group, wanted []Team) *teamMatch {
	m := &teamMatch{
		byName: make(map[string][]scim.Group, len(groups)), bySlug: make(map[string][]scim.Group, len(groups)),
		wanted: make(map[string]bool, len(wanted)), taken: map[string]bool{},
	}
	for _, g := range groups {
		m.byName[g.DisplayName] = append(m.byName[g.DisplayName], g)
		if slug := sentry.TeamSlug(g.DisplayName); slug != "" {
			m.bySlug[slug] = append(m.bySlug[slug], g)
		}
	}
	for _, t := range wanted {
		m.wanted[t.Slug] = true
	}
	return m
}

// take returns the team that t is, which then is no other. Where there are
// several, which the guard refuses, it is the first of Sentry's list.
func (m *teamMatch) take(t Team) (scim.Group, bool) {
	found := m.candidates(t)
	if len(found) == 0 {
		return scim.Group{}, false
	}
	m.taken[found[0].ID] = true
	return found[0], true
}

// candidates are the teams that t can be: those of its name; else of its slug,
// for a team whose name differs only in its writing is the same team; else, for
// a team that is called otherwise than its group, those of the group's name or
// slug, unless another wanted team has that.
func (m *teamMatch) candidates(t Team) []scim.Group {
	if named := m.byName[t.Name]; len(named) > 0 {
		return named
	}
	if alike := m.bySlug[t.Slug]; len(alike) > 0 {
		return alike
	}
	former := sentry.TeamSlug(t.Group)
	if t.Group == "" || m.wanted[former] {
		return nil
	}
	if named := m.free(m.byName[t.Group]); len(named) > 0 {
		return named
	}
	return m.free(m.bySlug[former])
}

// free are the groups that are none of the wanted teams yet.
func (m *teamMatch) free(groups []scim.Group) []scim.Group {
	return slices.DeleteFunc(slices.Clone(groups), func(g scim.Group) bool { return m.taken[g.ID] })
}
