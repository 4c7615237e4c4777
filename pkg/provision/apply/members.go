package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// memberChange is what happens to one team's membership.
type memberChange struct {
	team   string
	add    []plan.Membership
	remove []plan.Membership
}

// memberChanges collects the plan's memberships by team.
func memberChanges(p *plan.Plan) []memberChange {
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
	for _, team := range sorted(byTeam) {
		changes = append(changes, *byTeam[team])
	}
	return changes
}

// changeMembers brings one team's membership in order. A member who vanished
// meanwhile makes Sentry refuse the whole request: then the members are listed
// again, once a run, and what is left is sent without who is gone.
func (a *applier) changeMembers(ctx context.Context, c memberChange) {
	var id string
	var ok bool
	a.locked(func() { id, ok = a.teams[c.team] })
	if !ok {
		a.recordMembers(errors.New("the team could not be created"), c)
		return
	}
	c, absent := a.withIDs(a.withoutKept(c))
	a.recordMembers(errNoMember, absent)
	err := a.send(ctx, id, &c)
	if errors.Is(err, scim.ErrUnknownMember) {
		gone, listErr := a.dropGone(ctx, &c)
		if listErr != nil {
			a.recordMembers(errors.Join(err, listErr), c)
			return
		}
		a.recordMembers(fmt.Errorf("left Sentry during the run: %w", err), gone)
		err = a.send(ctx, id, &c)
	}
	a.recordMembers(err, c)
}

var errNoMember = errors.New("there is no such member: the invitation failed")

// send changes a team, counts what was done, and leaves the rest in c.
func (a *applier) send(ctx context.Context, team string, c *memberChange) error {
	add, remove, err := a.Client.ChangeMembers(ctx, team, ids(c.add), ids(c.remove))
	if err == nil {
		return nil
	}
	left := memberChange{team: c.team, add: only(c.add, add), remove: only(c.remove, remove)}
	a.recordMembers(nil, memberChange{team: c.team, add: without(c.add, left.add), remove: without(c.remove, left.remove)})
	*c = left
	return err
}

func ids(members []plan.Membership) []string {
	list := make([]string, 0, len(members))
	for _, m := range members {
		list = append(list, m.MemberID)
	}
	return list
}

// only are the memberships of the members with those ids.
func only(members []plan.Membership, ids []string) []plan.Membership {
	listed := make(map[string]bool, len(ids))
	for _, id := range ids {
		listed[id] = true
	}
	return slices.DeleteFunc(slices.Clone(members), func(m plan.Membership) bool { return !listed[m.MemberID] })
}

// without are the memberships that are not among others.
func without(members, others []plan.Membership) []plan.Membership {
	listed := make(map[string]bool, len(others))
	for _, m := range others {
		listed[m.MemberID] = true
	}
	return slices.DeleteFunc(slices.Clone(members), func(m plan.Membership) bool { return listed[m.MemberID] })
}

// withoutKept leaves out the removal of members who are kept from harm.
func (a *applier) withoutKept(c memberChange) memberChange {
	var rest []plan.Membership
	for _, m := range c.remove {
		if a.kept[m.MemberID] {
			a.skip(m.Email, keptReason)
			continue
		}
		rest = append(rest, m)
	}
	c.remove = rest
	return c
}

// withIDs gives the people to add the ids they have now, and splits off those
// who are no members. Somebody who was left alone is not told twice. A member who
// turned out to be one of those to add stays.
func (a *applier) withIDs(c memberChange) (present, absent memberChange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	present, absent = memberChange{team: c.team, remove: c.remove}, memberChange{team: c.team}
	for _, m := range c.add {
		key := mapping.Key(m.Email)
		id, ok := a.members[key]
		_, held := a.out.Known.Held[key]
		switch {
		case m.MemberID != "":
			present.add = append(present.add, m)
		case ok:
			m.MemberID = id
			present.add = append(present.add, m)
		case !held:
			absent.add = append(absent.add, m)
		}
	}
	present.remove = without(present.remove, present.add)
	return present, absent
}

// dropGone takes out of c who is no longer listed, and returns those of them
// who were to be added. To be removed from a team and to be gone is the same.
func (a *applier) dropGone(ctx context.Context, c *memberChange) (memberChange, error) {
	listed, err := a.relist(ctx)
	gone := memberChange{team: c.team}
	if err != nil {
		return gone, err
	}
	isGone := func(m plan.Membership) bool { return !listed[m.MemberID] }
	for _, m := range c.add {
		if isGone(m) {
			gone.add = append(gone.add, m)
		}
	}
	c.add = slices.DeleteFunc(slices.Clone(c.add), isGone)
	c.remove = slices.DeleteFunc(slices.Clone(c.remove), isGone)
	return gone, nil
}

// recordMembers counts or fails the memberships of one team's change.
func (a *applier) recordMembers(err error, c memberChange) {
	for _, m := range c.add {
		a.record(err, fmt.Sprintf("add %s to %s", m.Email, c.team), func(n *plan.Counts) { n.MembersAdd++ })
	}
	for _, m := range c.remove {
		a.record(err, fmt.Sprintf("remove %s from %s", m.Email, c.team), func(n *plan.Counts) { n.MembersRemove++ })
	}
	a.took(err, func(p *plan.Plan) { p.MembersRemove = append(p.MembersRemove, c.remove...) })
}
