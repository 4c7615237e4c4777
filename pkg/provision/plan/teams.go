package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// teams plans the teams that are made or renamed, and who is in them.
func (c *comparison) teams(groups []scim.Group) {
	match := newTeamMatch(groups, c.want.Teams, c.known)
	for _, t := range c.want.Teams {
		found := match.candidates(t)
		if len(found) > 1 {
			c.out.ambiguous = append(c.out.ambiguous, ambiguity{team: t.Name, groups: found})
		}
		var group scim.Group
		if len(found) == 0 {
			c.plan.TeamsCreate = append(c.plan.TeamsCreate, TeamCreate{Name: t.Name, Slug: t.Slug})
		} else {
			group = found[0]
			match.taken[group.ID] = true
			c.plan.TeamIDs[t.Name] = group.ID
			c.plan.Managed = append(c.plan.Managed, group.ID)
			c.rename(t, group)
		}
		before := len(c.plan.MembersRemove)
		c.memberships(t, group)
		if len(found) > 0 {
			c.adopt(group, len(c.plan.MembersRemove)-before)
		}
	}
	c.out.unmanaged = len(groups) - len(c.plan.Managed)
}

// rename gives a team the name of the directory. Sentry resets the slug with the
// name (core/endpoints/scim/teams.py): one that was edited stays, with the name,
// unless that is allowed. A team that was found by the slug of the new name keeps
// its slug in any case.
func (c *comparison) rename(t desired.Team, group scim.Group) {
	if group.DisplayName == t.Name {
		return
	}
	has := slices.Contains(c.known.Slugs[t.Slug].IDs, group.ID)
	if has {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf("the team %q was found by its slug %q, which was edited in Sentry and stays", group.DisplayName, t.Slug))
	}
	if _, edited := c.known.Edited[group.ID]; edited && !has && !c.policy.RenameSlugs {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf(
			"the team %q keeps its name and its slug, which was edited in Sentry: renaming the team to %q would reset the slug (--rename-slugs does it)",
			group.DisplayName, t.Name))
		return
	}
	c.plan.TeamsRename = append(c.plan.TeamsRename, TeamRename{ID: group.ID, From: group.DisplayName, To: t.Name})
	c.out.uncertain = append(c.out.uncertain, uncertainSlug{id: group.ID, name: group.DisplayName, sure: has || c.policy.RenameSlugs})
}

// adopt names a team that no push has managed. Without a memory of teams that is
// not known; then the teams that lose somebody are named.
func (c *comparison) adopt(group scim.Group, loses int) {
	unknown := c.record.Fresh() || len(c.record.Managed) == 0
	if c.record.Manages(group.ID) || unknown && loses == 0 {
		return
	}
	c.plan.TeamsAdopt = append(c.plan.TeamsAdopt, TeamAdopt{ID: group.ID, Name: group.DisplayName, Members: len(group.Members), Loses: loses})
}

// memberships plans who joins and who leaves a team. Members without an address,
// members who are shielded, and people who are not provisioned stay as they are.
func (c *comparison) memberships(t desired.Team, group scim.Group) {
	present := make(map[string]bool, len(group.Members))
	for _, m := range group.Members {
		present[m.ID] = true
	}
	wanted, keys := map[string]bool{}, make(map[string]bool, len(t.Members))
	for _, p := range t.Members {
		keys[p.Key()] = true
		if add, missing := c.joining(p, present, wanted); missing {
			c.plan.MembersAdd = append(c.plan.MembersAdd, Membership{Team: t.Name, Email: add.Email, MemberID: add.MemberID})
		}
	}
	for _, m := range group.Members {
		if wanted[m.ID] || c.leaving[m.ID] || c.shield[m.ID] {
			continue
		}
		address := m.Display
		if member, listed := c.members[m.ID]; listed {
			address = member.UserName
		}
		// an account that was deactivated in Sentry is in teams, but not on the list
		key := mapping.Key(strings.TrimSpace(address))
		deactivated := c.owner[m.ID] == nil && keys[key]
		if key == "" || deactivated || c.want.Untouched[key] && c.owner[m.ID] == nil {
			continue
		}
		c.plan.MembersRemove = append(c.plan.MembersRemove, Membership{Team: t.Name, Email: address, MemberID: m.ID})
	}
}

// joining reports whether a person is to be added, and as which member. All
// members who the person is are wanted in the team.
func (c *comparison) joining(p *desired.Person, present, wanted map[string]bool) (Membership, bool) {
	var staying *scim.User
	there := false
	for i, member := range c.out.People[p].Members {
		wanted[member.ID] = true
		if c.leaving[member.ID] {
			continue
		}
		there = there || present[member.ID]
		if staying == nil {
			staying = &c.out.People[p].Members[i]
		}
	}
	switch {
	case there:
		return Membership{}, false
	case staying != nil:
		return Membership{Email: staying.UserName, MemberID: staying.ID}, true
	}
	return Membership{Email: p.Email}, c.invited[p]
}

// countLosses counts what people lose who stay: a membership that is replaced by
// another of a managed team is none.
func (c *comparison) countLosses(groups []scim.Group) {
	gained := map[string]int{}
	for _, m := range c.plan.MembersAdd {
		gained[m.MemberID]++
	}
	for _, m := range c.plan.MembersRemove {
		c.out.lost[m.MemberID]++
	}
	for id := range c.plan.membersOfDeleted(groups) {
		if !c.leaving[id] {
			c.out.lost[id]++
		}
	}
	for id, n := range c.out.lost {
		if n <= gained[id] {
			delete(c.out.lost, id)
			continue
		}
		c.out.lost[id] = n - gained[id]
	}
}

// ambiguity is a wanted team and the teams of Sentry that it could be.
type ambiguity struct {
	team   string
	groups []scim.Group
}

// teamMatch finds the teams of Sentry that the wanted ones are. SCIM shows names
// and hides slugs, so that a slug is what Sentry makes of the name, or what a
// look-up told.
type teamMatch struct {
	byName map[string][]scim.Group
	bySlug map[string][]scim.Group
	byID   map[string]scim.Group
	slugs  map[string]memory.Fact
	wanted map[string]bool // slugs of the wanted teams
	names  map[string]bool // of the wanted teams
	taken  map[string]bool // ids of teams that are one of the wanted
}

func newTeamMatch(groups []scim.Group, wanted []desired.Team, known memory.Known) *teamMatch {
	m := &teamMatch{
		byName: make(map[string][]scim.Group, len(groups)), bySlug: make(map[string][]scim.Group, len(groups)), byID: make(map[string]scim.Group, len(groups)),
		slugs: known.Slugs, wanted: make(map[string]bool, len(wanted)), names: make(map[string]bool, len(wanted)), taken: map[string]bool{},
	}
	for _, g := range groups {
		m.byID[g.ID] = g
		m.byName[g.DisplayName] = append(m.byName[g.DisplayName], g)
		if slug := sentry.TeamSlug(g.DisplayName); slug != "" {
			m.bySlug[slug] = append(m.bySlug[slug], g)
		}
	}
	for _, t := range wanted {
		m.wanted[t.Slug], m.names[t.Name] = true, true
	}
	return m
}

// candidates are the teams that t can be: those of its name; else of its slug,
// for a team whose name differs only in its writing is the same team; else the
// one that a look-up found by the slug; else, for a team that is called otherwise
// than its group, those of the group's name or slug, unless another wanted team
// has that.
func (m *teamMatch) candidates(t desired.Team) []scim.Group {
	if named := m.byName[t.Name]; len(named) > 0 {
		return named
	}
	if alike := m.bySlug[t.Slug]; len(alike) > 0 {
		return alike
	}
	if held := m.lookedUp(t.Slug); len(held) > 0 {
		return held
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

// lookedUp is the team that has the slug although its name says otherwise, unless
// another wanted team has that name.
func (m *teamMatch) lookedUp(slug string) []scim.Group {
	for _, id := range m.slugs[slug].IDs {
		if g, listed := m.byID[id]; listed && !m.taken[id] && !m.names[g.DisplayName] {
			return []scim.Group{g}
		}
	}
	return nil
}

// free are the groups that are none of the wanted teams yet.
func (m *teamMatch) free(groups []scim.Group) []scim.Group {
	var rest []scim.Group
	for _, g := range groups {
		if !m.taken[g.ID] {
			rest = append(rest, g)
		}
	}
	return rest
}
