package provision

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// forgetful says that no earlier push is remembered, why, and what that costs. In a
// state directory that is merely new it costs nothing where Sentry has nobody to
// lose.
func (p *Push) forgetful(members int) string {
	reason, more := "", ""
	switch {
	case p.NoState != "":
		reason, more = " ("+p.NoState+")", ", and a second push at the same time is not refused"
	case p.Unread != "":
		reason = " (" + p.Unread + ")"
	case p.Record == nil || !p.Record.Fresh() || members < 2:
		return ""
	}
	return "no earlier push is remembered" + reason + ": the guards against losses over several nights, a shrunken directory and blank cells are off, " +
		"and a changed address is not recognised" + more + "; keep the state directory between runs (--state-dir or SENTRYIDP_STATE_DIR, as a cache, volume or artifact)"
}

// begin remembers what the plan takes away before it does: a run that is killed has
// done it all the same.
func (j *pushing) begin(run *running) {
	counts := run.compared.Counts()
	if j.push.Record == nil || !run.compared.TakesAway() && counts.TeamRoles == 0 {
		return
	}
	next := *j.push.Record
	next.Take(j.caseOf(run.actual, run.compared).Taken())
	run.verdicts.Forgive(&next)
	j.begun = &next
	j.keep(run, &next, "takes away")
}

// keep keeps a record in the middle of a push.
func (j *pushing) keep(run *running, next *memory.Record, what string) {
	if err := j.push.SaveRecord(next); err != nil {
		run.report.Notes = append(run.report.Notes, fmt.Sprintf("what this push %s could not be remembered: %v", what, err))
	}
}

// remember keeps the memory of this push for the next one: what it took away and
// learned in any case, who is who and how much there was once Sentry was read again.
func (j *pushing) remember(run *running) {
	if j.push.Record == nil {
		return
	}
	next := *j.push.Record
	next.Known = *j.known
	for _, c := range run.outcome.Taken.UsersRole {
		if c.To != "" { // from now on SCIM gave it
			delete(next.Known.ByHand, c.ID)
		}
	}
	next.Created = created(next.Created, run, j)
	run.given(&next)
	next.Take(j.taken(run))
	run.verdicts.Forgive(&next)
	if run.after != nil || run.compared.Empty() {
		j.settle(&next, run)
	}
	j.push.save(&next, run)
}

// taken is what the plan took away: what Sentry lacks by now, or what was done or
// may have been where Sentry has not been read again.
func (j *pushing) taken(run *running) memory.Taken {
	done := j.caseOf(run.actual, run.compared).TakenBy(run.outcome.Taken)
	if run.after == nil {
		return done
	}
	taken := j.caseOf(run.actual, run.compared).Taken().Settled(held(run.after))
	taken.TeamPromoted, taken.TeamDemoted, taken.Unlinked = done.TeamPromoted, done.TeamDemoted, done.Unlinked // lists do not show them
	taken.Begun = nil
	return taken
}

// held are the role of each member and the members of each team, by id.
func held(actual *plan.Actual) (roles map[string]string, teams map[string][]string) {
	roles, teams = make(map[string]string, len(actual.Users)), make(map[string][]string, len(actual.Groups))
	for _, u := range actual.Users {
		roles[u.ID] = u.Role
	}
	for _, g := range actual.Groups {
		teams[g.ID] = []string{}
		for _, m := range g.Members {
			teams[g.ID] = append(teams[g.ID], m.ID)
		}
	}
	return roles, teams
}

// settle notes who is who, once Sentry is known to have been read after the last
// write. A change that fails each night keeps nobody else from being known.
func (j *pushing) settle(next *memory.Record, run *running) {
	actual, compared := cmp.Or(run.after, run.actual), run.compared
	if run.after != nil {
		compared = plan.Compare(j.want, actual, j.push.Policy, j.push.Record, *j.known)
	}
	next.Persons, next.Managed = j.persons(actual, compared), managed(next.Managed, compared)
	next.People, next.ActivityBlank, next.PushedAt = j.want.Active(), j.want.ActivityBlank, j.push.Now().UTC().Truncate(time.Second)
}

// persons are who is who. People whose member is several people's or who have
// lost their address stay as they are remembered: else they would be strangers
// the next time.
func (j *pushing) persons(actual *plan.Actual, compared *plan.Comparison) []memory.Person {
	listed := make(map[string]bool, len(actual.Users))
	for _, u := range actual.Users {
		listed[u.ID] = true
	}
	persons := []memory.Person{}
	keep := func(id string, noAddress bool) {
		if was, known := j.push.Record.Person(id); known && listed[was.Member] {
			was.NoAddress, was.Contested = noAddress, !noAddress
			persons = append(persons, was)
		}
	}
	for _, p := range j.want.People {
		members := compared.People[p].Members
		for _, id := range p.IDs {
			if len(members) == 0 {
				keep(id, false)
				continue
			}
			persons = append(persons, j.person(id, p, members))
		}
	}
	for _, id := range j.want.NoAddress {
		keep(id, true)
	}
	slices.SortFunc(persons, func(a, b memory.Person) int { return strings.Compare(a.ID, b.ID) })
	return persons
}

// person is who an entry of the directory is. Of several members it stays the
// one that is remembered. A role that is to be taken back is still one that a
// push gave.
func (j *pushing) person(id string, p *desired.Person, members []scim.User) memory.Person {
	was, _ := j.push.Record.Person(id)
	member := members[max(0, slices.IndexFunc(members, func(u scim.User) bool { return u.ID == was.Member }))]
	one := memory.Person{ID: id, Member: member.ID}
	if mapping.Key(member.UserName) != p.Key() {
		one.Address = p.Key()
	}
	_, byHand := j.known.ByHand[member.ID]
	switch {
	case p.Role != "" && strings.EqualFold(p.Role, member.Role):
		one.Role = p.Role
	case p.Role == "" && was.Member == member.ID && strings.EqualFold(was.Role, member.Role) && !byHand:
		one.Role = was.Role
	}
	return one
}

func managed(before []string, c *plan.Comparison) []string {
	all := slices.Concat(before, c.Managed)
	slices.Sort(all)
	return slices.Compact(all)
}

// created are the teams that pushes created and that are still there.
func created(before []memory.Team, run *running, j *pushing) []memory.Team {
	actual := cmp.Or(run.after, run.actual)
	there := make(map[string]bool, len(actual.Groups))
	for _, g := range actual.Groups {
		there[g.ID] = true
	}
	teams := slices.DeleteFunc(slices.Clone(before), func(t memory.Team) bool { return !there[t.ID] })
	teams = append(teams, teamsOf(run.outcome.Created, j.want)...)
	for i := range teams {
		for _, c := range run.compared.TeamsRename {
			if c.ID == teams[i].ID {
				teams[i].Name = c.To
			}
		}
	}
	slices.SortFunc(teams, memory.Team.Compare)
	return teams
}

// teamsOf are teams of Sentry with the groups that they were made of.
func teamsOf(made []scim.Group, want *desired.State) []memory.Team {
	groups := make(map[string]string, len(want.Teams))
	for _, t := range want.Teams {
		groups[t.Name] = t.Group
	}
	teams := make([]memory.Team, 0, len(made))
	for _, g := range made {
		teams = append(teams, memory.Team{ID: g.ID, Name: g.DisplayName, Group: groups[g.DisplayName]})
	}
	return teams
}

// save keeps a record. One that cannot be kept costs the next push its memory,
// nothing else.
func (p *Push) save(next *memory.Record, run *running) {
	if err := p.SaveRecord(next); err != nil {
		run.report.Notes = append(run.report.Notes, fmt.Sprintf("this push could not be remembered for the guards of the next one: %v", err))
		return
	}
	p.Record = next
}
