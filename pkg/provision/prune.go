package provision

import (
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// prune plans to delete the teams that a push created for groups that have gone.
// SCIM does not tell who made a team (Sentry keeps idp_provisioned to itself, and
// sets it on every team that SCIM as much as touches), so the record of what was
// created here is all that counts. A team stays that was renamed since, or whose
// name or slug, or whose group's, is that of a group of the directory or of its
// team, managed or not: so every wanted team stays.
func prune(plan *Plan, want *Desired, actual *Actual, record *Record) {
	made := make(map[string]RecordedTeam, len(record.Teams))
	for _, t := range record.Teams {
		made[t.ID] = t
	}
	for _, g := range actual.Groups {
		t, ours := made[g.ID]
		if ours && g.DisplayName == t.Name && !want.reserves(t.Group, g.DisplayName) {
			plan.TeamsDelete = append(plan.TeamsDelete,
				TeamDelete{ID: g.ID, Name: g.DisplayName, Reason: "the directory no longer has the group " + t.Group})
		}
	}
	slices.SortFunc(plan.TeamsDelete, func(a, b TeamDelete) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
}

// reserves reports whether one of the names belongs to a group of the directory
// or to its team, in any writing.
func (d *Desired) reserves(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		slug := sentry.TeamSlug(name)
		return d.Reserved[name] || slug != "" && d.Reserved[slug]
	})
}

// plan is the comparison of this push, with what it prunes.
func (p *Push) plan(want *Desired, actual *Actual) (*Plan, []Skipped) {
	plan, skipped := Compare(want, actual, p.Remove)
	if p.PruneTeams && p.Record != nil {
		prune(plan, want, actual, p.Record)
	}
	return plan, skipped
}

func (a *applier) deleteTeam(ctx context.Context, c TeamDelete) {
	err := a.client.DeleteGroup(ctx, c.ID)
	if a.record(err, "delete the team "+c.Name, func(n *Counts) { n.TeamsDelete++ }) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.deleted[c.ID] = true
	}
}
