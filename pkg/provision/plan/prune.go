package plan

import (
	"slices"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// prune plans to delete the teams that a push created for groups that have gone.
// SCIM does not tell who made a team (Sentry keeps idp_provisioned to itself, and
// sets it on every team that SCIM as much as touches), so the memory of what was
// created is all that counts. A team stays that was renamed since, or whose name
// or slug, or whose group's, is that of a group of the directory or of its team,
// managed or not: so every wanted team stays.
func (c *comparison) prune(actual *Actual) {
	made := make(map[string]memory.Team, len(c.record.Created))
	for _, t := range c.record.Created {
		made[t.ID] = t
	}
	for _, g := range actual.Groups {
		t, ours := made[g.ID]
		if !ours || g.DisplayName != t.Name || c.reserves(t.Group, g.DisplayName) || slices.Contains(c.plan.Managed, g.ID) {
			continue
		}
		c.plan.TeamsDelete = append(c.plan.TeamsDelete,
			TeamDelete{ID: g.ID, Name: g.DisplayName, Reason: "the directory no longer has the group " + t.Group})
	}
}

// reserves reports whether one of the names belongs to a group of the directory
// or to its team, in any writing.
func (c *comparison) reserves(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		slug := sentry.TeamSlug(name)
		return c.want.Reserved[name] || slug != "" && c.want.Reserved[slug]
	})
}
