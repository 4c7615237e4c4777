package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

func (a *applier) createTeam(ctx context.Context, c plan.TeamCreate) {
	group, err := a.Client.CreateGroup(ctx, c.Name)
	if a.record(err, "create the team "+c.Name, func(n *plan.Counts) { n.TeamsCreate++ }) {
		a.locked(func() {
			a.teams[c.Name] = group.ID
			a.out.Created = append(a.out.Created, group)
		})
	}
}

func (a *applier) renameTeam(ctx context.Context, c plan.TeamRename) {
	err := a.Client.RenameGroup(ctx, c.ID, c.To)
	a.record(err, fmt.Sprintf("rename the team %s to %s", c.From, c.To), func(n *plan.Counts) { n.TeamsRename++ })
}

func (a *applier) deleteTeam(ctx context.Context, c plan.TeamDelete) {
	err := a.Client.DeleteGroup(ctx, c.ID)
	a.record(err, "delete the team "+c.Name, func(n *plan.Counts) { n.TeamsDelete++ })
	a.took(err, func(p *plan.Plan) { p.TeamsDelete = append(p.TeamsDelete, c) })
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
