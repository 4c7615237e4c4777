package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// losses are what the plan takes away by the changes of done, which are some of
// its own or all.
func (c *Comparison) losses(done *Plan, groups []scim.Group) memory.Losses {
	l := memory.Losses{Removed: len(done.UsersRemove), Deleted: len(done.TeamsDelete), Teams: map[string]int{}}
	leaving, gone := c.leaving(), map[string]int{}
	for _, m := range done.MembersRemove {
		gone[m.MemberID]++
		if c.lost[m.MemberID] > 0 && !leaving[m.MemberID] {
			l.Teams[c.TeamIDs[m.Team]]++
		}
	}
	for id := range done.membersOfDeleted(groups) {
		gone[id]++
	}
	for id, n := range c.lost {
		l.Lost += min(n, gone[id])
	}
	for _, r := range done.UsersRole {
		switch {
		case higher(cmp.Or(r.To, r.Default), r.From):
			l.Promoted++
		case r.To != "" || r.Default != "" || higher(r.From, lowestRole):
			l.Demoted++ // a reset takes nothing from whoever has no more than the lowest role
		}
	}
	c.countTeams(done, &l)
	return l
}

// lowestRole is the role of members who have no other.
const lowestRole = "member"

// higher reports whether a role can do more than another. One that is not known
// counts as higher: it is the more dangerous mistake.
func higher(role, than string) bool { return rank(role) > rank(than) }

// rank orders roles as Sentry does (conf/server.py SENTRY_ROLES). An empty one is
// the organization's default, which is the lowest that people are given.
func rank(role string) int {
	order := []string{"", "billing", lowestRole, "admin", "manager", OwnerRole}
	if at := slices.Index(order, strings.ToLower(role)); at >= 0 {
		return at
	}
	return len(order)
}

// managed counts the memberships in managed teams, and those of each team.
func (j judge) managed() (all int, teams map[string]int) {
	teams = map[string]int{}
	deleted := j.c.Plan.deleted()
	for _, g := range j.c.Actual.Groups {
		_, is := slices.BinarySearch(j.c.Plan.Managed, g.ID)
		if is || deleted[g.ID] {
			teams[g.ID] = len(g.Members)
			all += len(g.Members)
		}
	}
	return all, teams
}

func (j judge) memberships() Verdict {
	all, _ := j.managed()
	seen, of := j.losses.Lost+j.recent.Lost, j.before(j.recent.Memberships, all)
	return j.amount(Verdict{
		Guard: "memberships", Setting: "scim.guard.max_membership_losses", Seen: seen, Of: of, Override: "--max-membership-losses",
		Says: fmt.Sprintf("people who stay lose %s of the %d in managed teams%s",
			phrase.Count(seen, "membership", "memberships"), of, j.since(j.recent.Lost)),
		forget: func(l *memory.Losses) { l.Lost = 0 },
	}, j.guards.Memberships, j.standard.Memberships)
}

// oneTeam judges the team that loses the most beyond its limit.
func (j judge) oneTeam() Verdict {
	_, sizes := j.managed()
	names := map[string]string{}
	for _, g := range j.c.Actual.Groups {
		names[g.ID] = g.DisplayName
	}
	worst := j.team(Verdict{Says: "no team loses a member who stays"})
	var refused []string
	most, letGone := 0, false
	for _, id := range sortedKeys(j.losses.Teams) {
		earlier := j.recent.Teams[id]
		v := j.team(Verdict{
			Seen: j.losses.Teams[id] + earlier, Of: sizes[id] + earlier,
			Says: fmt.Sprintf("the team %q loses %d of %d members who stay%s", names[id], j.losses.Teams[id]+earlier, sizes[id]+earlier, j.since(earlier)),
		})
		if v.Refused {
			refused, most = append(refused, fmt.Sprintf("%q (%d of %d)", names[id], v.Seen, v.Of)), max(most, v.Seen)
		}
		letGone = letGone || v.letGone
		if v.Seen-v.Allowed > worst.Seen-worst.Allowed || worst.Of == 0 {
			worst = v
		}
	}
	if slices.Sort(refused); len(refused) > 1 {
		worst.Says = fmt.Sprintf("%d teams lose too many members who stay: %s; %s allows %s of each", len(refused), phrase.List(refused), worst.Setting, worst.Limit)
		worst.hint = ifMeant(worst.Override, most)
	}
	worst.letGone = letGone
	return worst
}

func (j judge) team(v Verdict) Verdict {
	v.Guard, v.Setting, v.Override = "team_memberships", "scim.guard.max_team_losses", "--max-team-losses"
	v.forget = func(l *memory.Losses) { l.Teams = nil }
	return j.amount(v, j.guards.Teams, j.standard.Teams)
}

func (j judge) promotions() Verdict {
	promoted := j.losses.Promoted
	if j.members > j.c.Plan.owners {
		for _, u := range j.c.Plan.UsersCreate {
			if u.Role != "" && higher(u.Role, lowestRole) {
				promoted++
			}
		}
	}
	seen, of := promoted+j.recent.Promoted, j.before(j.recent.Members, j.members)
	return j.amount(Verdict{
		Guard: "promotions", Setting: "scim.guard.max_promotions", Seen: seen, Of: of, Override: "--max-promotions",
		Says:   fmt.Sprintf("%s a higher role, of %d%s", phrase.Count(seen, "person gets", "people get"), of, j.since(j.recent.Promoted)),
		forget: func(l *memory.Losses) { l.Promoted = 0 },
	}, j.guards.Promotions, j.standard.Promotions)
}

func (j judge) demotions() Verdict {
	seen, of := j.losses.Demoted+j.recent.Demoted, j.before(j.recent.Elevated, j.elevated())
	return j.amount(Verdict{
		Guard: "demotions", Setting: "scim.guard.max_demotions", Seen: seen, Of: of, Override: "--max-demotions",
		Says: fmt.Sprintf("%s a lower role, of %d with more than the role member%s",
			phrase.Count(seen, "person gets", "people get"), of, j.since(j.recent.Demoted)),
		forget: func(l *memory.Losses) { l.Demoted = 0 },
	}, j.guards.Demotions, j.standard.Demotions)
}

// elevated counts the members who can lose a role.
func (j judge) elevated() int {
	n := 0
	for _, u := range j.c.Actual.Users {
		if !isOwner(u) && higher(u.Role, lowestRole) {
			n++
		}
	}
	return n
}

// replaced objects to a directory that is another one: unknown people come while
// known members are left over. A changed mail domain looks the same, and so does
// another organization's file. Where there is a memory, known are those whom the
// directory named at the last push; else all whom it could name.
func (j judge) replaced() Verdict {
	left := j.c.Plan.leftOver
	if !j.c.Record.Fresh() && len(j.c.Record.Persons) > 0 {
		left = j.c.Plan.unknown
	}
	coming := len(j.c.Plan.UsersCreate)
	v := Verdict{
		Guard: "replaced_directory", Setting: "scim.guard.max_replaced", Of: j.members, Override: "--max-replaced",
		Seen: min(left, coming) + j.c.Plan.changed,
		Says: fmt.Sprintf("%s left over while %s invited and %s another address",
			phrase.Count(left, "known member is", "known members are"), phrase.Count(coming, "unknown person is", "unknown people are"),
			phrase.Count(j.c.Plan.changed, "person has", "people have")),
	}
	if 2*coming < left {
		v.Seen = j.c.Plan.changed // people leave; who comes is no replacement for them
	}
	v = j.amount(v, j.guards.Replaced, j.standard.Replaced)
	v.hint = "another directory, or a changed mail domain, looks like this; " + v.hint
	return v
}

// Taken is what the plan takes away and how much there was before it. All of it
// is pending.
func (c Case) Taken() memory.Taken {
	taken := c.TakenBy(c.Plan.Plan)
	taken.Pending = c.pending()
	if begun := c.Plan.Begun(); len(begun.Promoted)+len(begun.Demoted)+len(begun.Unlinked) > 0 {
		taken.Begun = &begun
	}
	return taken
}

// TakenBy is what those changes of the plan take away that were made.
func (c Case) TakenBy(done *Plan) memory.Taken {
	j := judge{c: c}
	all, _ := j.managed()
	return memory.Taken{
		At: c.Now.UTC(), Members: len(c.Actual.Users), Memberships: all, Elevated: j.elevated(), AllTeams: len(c.Actual.Groups),
		Losses: c.Plan.losses(done, c.Actual.Groups),
	}
}

// pending are the ids of those from whom the plan takes something.
func (c Case) pending() *memory.Pending {
	p := &memory.Pending{Leaving: map[string][]string{}, Roles: map[string]string{}}
	for _, r := range c.Plan.UsersRemove {
		p.Members = append(p.Members, r.ID)
	}
	for _, m := range c.Plan.MembersRemove {
		team := c.Plan.TeamIDs[m.Team]
		p.Leaving[team] = append(p.Leaving[team], m.MemberID)
	}
	deleted := c.Plan.deleted()
	p.Teams = sortedKeys(deleted)
	for _, g := range c.Actual.Groups {
		for _, m := range g.Members {
			if deleted[g.ID] {
				p.Leaving[g.ID] = append(p.Leaving[g.ID], m.ID)
			}
		}
	}
	for _, r := range c.Plan.UsersRole {
		p.Roles[r.ID] = r.From
	}
	return p
}
