package provision

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// memberChange is what happens to one team's membership.
type memberChange struct {
	team   string
	add    []Membership
	remove []Membership
}

// memberChanges collects the plan's memberships by team, in the plan's order.
func (p *Plan) memberChanges() []memberChange {
	byTeam := map[string]*memberChange{}
	of := func(team string) *memberChange {
		if byTeam[team] == nil {
			byTeam[team] = &memberChange{team: team}
		}
		return byTeam[team]
	}
	for _, m := range p.MembersAdd {
		of(m.Team).add = append(of(m.Team).add, m)
	}
	for _, m := range p.MembersRemove {
		of(m.Team).remove = append(of(m.Team).remove, m)
	}
	changes := make([]memberChange, 0, len(byTeam))
	for _, team := range slices.Sorted(maps.Keys(byTeam)) {
		changes = append(changes, *byTeam[team])
	}
	return changes
}

// changeMembers brings one team's membership in order. A member who vanished
// meanwhile makes Sentry refuse the whole request: then the members are listed
// again, once a run, and the request is repeated without who is gone.
func (a *applier) changeMembers(ctx context.Context, c memberChange) {
	team, ok := a.team(c.team)
	if !ok {
		a.recordMembers(errors.New("the team could not be created"), c)
		return
	}
	c, absent := a.withIDs(c)
	if len(absent.add) > 0 {
		a.recordMembers(errors.New("there is no such member: the invitation failed"), absent)
	}
	err := a.sendMembers(ctx, team, c)
	if errors.Is(err, scim.ErrUnknownMember) {
		gone, listErr := a.dropGone(ctx, &c)
		if listErr != nil {
			a.recordMembers(errors.Join(err, listErr), c)
			return
		}
		a.recordMembers(fmt.Errorf("left Sentry during the run: %w", err), memberChange{team: c.team, add: gone})
		err = a.sendMembers(ctx, team, c)
	}
	a.recordMembers(err, c)
}

// sendMembers needs as few requests as there can be: one PATCH holds an add of
// any length and single removals, up to Sentry's 100 operations; where more
// would be needed, one replace with the final list does it.
func (a *applier) sendMembers(ctx context.Context, team scim.Group, c memberChange) error {
	add, remove := ids(c.add), ids(c.remove)
	switch operations := len(remove) + min(1, len(add)); {
	case operations == 0:
		return nil
	case operations > scim.MaxOperations:
		return a.client.ReplaceMembers(ctx, team.ID, final(team, add, remove))
	}
	return a.client.UpdateMembers(ctx, team.ID, add, remove)
}

// final is the membership of team after the change.
func final(team scim.Group, add, remove []string) []string {
	leaving := map[string]bool{}
	for _, id := range remove {
		leaving[id] = true
	}
	list := slices.Clone(add)
	for _, m := range team.Members {
		if !leaving[m.ID] {
			list = append(list, m.ID)
		}
	}
	return list
}

func ids(members []Membership) []string {
	list := make([]string, 0, len(members))
	for _, m := range members {
		list = append(list, m.id)
	}
	return list
}

func (a *applier) team(name string) (scim.Group, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	team, ok := a.teams[name]
	return team, ok
}

// withIDs gives the people to add the ids they have now, and splits off those
// who are no members.
func (a *applier) withIDs(c memberChange) (present, absent memberChange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	present, absent = memberChange{team: c.team, remove: c.remove}, memberChange{team: c.team}
	for _, m := range c.add {
		if id, ok := a.members[mapping.Key(m.Email)]; ok {
			m.id = id
			present.add = append(present.add, m)
		} else {
			absent.add = append(absent.add, m)
		}
	}
	return present, absent
}

// dropGone takes out of c who is no longer listed, and returns those of them
// who were to be added. To be taken out of a team and to be gone is the same.
func (a *applier) dropGone(ctx context.Context, c *memberChange) ([]Membership, error) {
	listed, err := a.relist(ctx)
	if err != nil {
		return nil, err
	}
	isGone := func(m Membership) bool { return !listed[m.id] }
	var gone []Membership
	for _, m := range c.add {
		if isGone(m) {
			gone = append(gone, m)
		}
	}
	c.add = slices.DeleteFunc(slices.Clone(c.add), isGone)
	c.remove = slices.DeleteFunc(slices.Clone(c.remove), isGone)
	return gone, nil
}

// recordMembers counts or fails the memberships of one team's change.
func (a *applier) recordMembers(err error, c memberChange) {
	for _, m := range c.add {
		a.record(err, fmt.Sprintf("add %s to %s", m.Email, c.team), func(n *Counts) { n.MembersAdd++ })
	}
	for _, m := range c.remove {
		a.record(err, fmt.Sprintf("take %s out of %s", m.Email, c.team), func(n *Counts) { n.MembersRemove++ })
	}
}
