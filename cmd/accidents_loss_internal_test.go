package cmd

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// limit is the greatest loss that a default lets through: a percentage, and a
// number that it always allows.
type limit struct{ percent, floor int }

func (l limit) of(all int) int { return max(l.floor, all*l.percent/100) }

// The default limits. What they are percentages of stands beside them.
var (
	limitRemovals    = limit{10, 3} // people removed, of the members
	limitMemberships = limit{10, 3} // memberships lost by who stays, of those in managed teams
	limitTeam        = limit{25, 3} // the same of one team
	limitPromotions  = limit{5, 3}  // of the members
	limitDemotions   = limit{20, 3} // of the members with a role other than the default
	limitReplaced    = limit{10, 3} // invitations and members left over, both, of the members
	limitTeams       = limit{10, 3} // teams deleted, of the teams
)

// standing is what Sentry holds.
type standing struct {
	members map[string]sandbox.Member  // by id
	teams   map[string]sandbox.Team    // by id; those that are not deleted
	in      map[string]map[string]bool // team → ids of its members
}

func standingOf(state sandbox.State) standing {
	s := standing{members: map[string]sandbox.Member{}, teams: map[string]sandbox.Team{}, in: map[string]map[string]bool{}}
	for _, m := range state.Members {
		s.members[m.ID] = m
	}
	for _, team := range state.Teams {
		if team.Status == "pending_deletion" {
			continue
		}
		s.teams[team.ID], s.in[team.ID] = team, map[string]bool{}
		for _, id := range team.Members {
			s.in[team.ID][id] = true
		}
	}
	return s
}

// teamLoss is what one team lost to nobody.
type teamLoss struct {
	name      string
	lost, had int
	emptied   bool
}

// loss is what is gone of a Sentry. Whoever moves from one managed team to
// another has lost nothing; whoever was removed and invited again has lost all.
type loss struct {
	members, memberships, elevated, teams int // there were

	removed, lost, promoted, demoted, deleted int
	invited, leftOver                         int // both at once: a replaced directory
	moved                                     int // memberships exchanged for others
	byTeam                                    []teamLoss
}

// lossOf compares two states of a Sentry. Teams are managed whose slugs are in
// managed, and those that anybody has left or joined. forgotten reports whether
// the directory that was pushed last has lost an address.
func lossOf(before, after standing, managed map[string]bool, forgotten func(email string) bool) loss {
	l := loss{members: len(before.members), teams: len(before.teams)}
	for id, m := range before.members {
		if m.Role != "member" {
			l.elevated++
		}
		now, stays := after.members[id]
		switch {
		case !stays:
			l.removed++
		case rank(now.Role) > rank(m.Role):
			l.promoted++
		case rank(now.Role) < rank(m.Role):
			l.demoted++
		}
		if stays && forgotten(m.Email) {
			l.leftOver++
		}
	}
	for id, m := range after.members {
		if _, old := before.members[id]; !old {
			l.invited++
			if rank(m.Role) > rank("member") && hasOthersThanOwners(before) {
				l.promoted++
			}
		}
	}
	for id := range before.teams {
		if _, stays := after.teams[id]; !stays {
			l.deleted++
		}
	}
	l.countMemberships(before, after, managed)
	return l
}

// rank orders the roles.
func rank(role string) int {
	return slices.Index([]string{"member", "admin", "manager", "owner"}, role)
}

func hasOthersThanOwners(s standing) bool {
	for _, m := range s.members {
		if m.Role != "owner" {
			return true
		}
	}
	return false
}

func (l *loss) countMemberships(before, after standing, managed map[string]bool) {
	left, joined := map[string][]string{}, map[string]int{} // by member
	counted := map[string]bool{}
	for id, team := range before.teams {
		counted[id] = managed[team.Slug]
		for m := range before.in[id] {
			if _, stays := after.members[m]; stays && !after.in[id][m] {
				left[m] = append(left[m], id)
				counted[id] = true
			}
		}
	}
	for id := range after.teams {
		for m := range after.in[id] {
			if !before.in[id][m] {
				joined[m]++
				counted[id] = true
			}
		}
	}
	for id := range before.teams {
		if counted[id] {
			l.memberships += len(before.in[id])
		}
	}
	perTeam := map[string]float64{}
	for _, m := range slices.Sorted(maps.Keys(left)) { // so that the sums are the same in every run
		teams := slices.Sorted(slices.Values(left[m]))
		net := max(0, len(teams)-joined[m])
		l.lost += net
		l.moved += len(teams) - net
		for _, id := range teams {
			perTeam[id] += float64(net) / float64(len(teams))
		}
	}
	for id, lost := range perTeam {
		t := teamLoss{name: before.teams[id].Name, lost: int(lost), had: len(before.in[id])}
		t.emptied = t.lost > 0 && len(after.in[id]) == 0
		l.byTeam = append(l.byTeam, t)
	}
	slices.SortFunc(l.byTeam, func(a, b teamLoss) int {
		return cmp.Or(cmp.Compare(b.lost*a.had, a.lost*b.had), strings.Compare(a.name, b.name))
	})
}

// beyond says where the loss is more than the default limits let through.
func (l loss) beyond() []string {
	var over []string
	add := func(limit limit, found, all int, format string) {
		if allowed := limit.of(all); found > allowed {
			over = append(over, fmt.Sprintf(format, found, all)+fmt.Sprintf(" (limit %d)", allowed))
		}
	}
	add(limitRemovals, l.removed, l.members, "removed %d of %d")
	add(limitMemberships, l.lost, l.memberships, "lost %d of %d memberships")
	add(limitPromotions, l.promoted, l.members, "promoted %d of %d")
	add(limitDemotions, l.demoted, l.elevated, "demoted %d of %d")
	add(limitTeams, l.deleted, l.teams, "deleted %d of %d teams")
	add(limitReplaced, min(l.invited, l.leftOver), l.members, "replaced %d of %d members by others")
	for _, t := range l.byTeam {
		if allowed := limitTeam.of(t.had); t.lost > allowed || t.emptied {
			over = append(over, fmt.Sprintf("%q lost %d of %d (limit %d)", t.name, t.lost, t.had, allowed))
			break // the first is the worst
		}
	}
	return over
}

// none reports whether nothing at all was lost or changed.
func (l loss) none() bool {
	return l.removed+l.lost+l.promoted+l.demoted+l.deleted+l.moved+l.invited == 0
}

func (l loss) String() string {
	return fmt.Sprintf("removed %d, memberships %d lost and %d moved, roles %d up and %d down, teams %d deleted, invited %d, left over %d",
		l.removed, l.lost, l.moved, l.promoted, l.demoted, l.deleted, l.invited, l.leftOver)
}

// disagreements says where Sentry is not as the company's directory says: who is
// missing, there twice, there still, or has the wrong role; and who is in a
// managed team and should not be, or the other way round. byHand are the ids of
// members whose roles were given in Sentry.
func disagreements(now standing, c *company, byHand map[string]bool) []string {
	who := map[string]int{} // address → place
	for i, p := range c.people {
		for _, email := range append([]string{p.email}, p.former...) {
			who[strings.ToLower(email)] = i
		}
	}
	var wrong []string
	seats := map[int][]sandbox.Member{}
	for _, m := range now.members {
		if i, known := who[strings.ToLower(m.Email)]; known {
			seats[i] = append(seats[i], m)
		}
	}
	for i, p := range c.people {
		wrong = append(wrong, p.disagrees(seats[i], byHand)...)
	}
	wanted := map[string]map[string]bool{}
	for i, p := range c.people {
		for _, group := range p.groups {
			if wanted[slugOf(group)] == nil {
				wanted[slugOf(group)] = map[string]bool{}
			}
			for _, m := range seats[i] {
				wanted[slugOf(group)][m.ID] = true
			}
		}
	}
	for id, team := range now.teams {
		slug := slugOf(team.Name)
		if wanted[slug] == nil {
			slug = team.Slug // a team may be called otherwise than its group
		}
		if want, managed := wanted[slug]; managed && !maps.Equal(want, now.in[id]) {
			wrong = append(wrong, fmt.Sprintf("team %s has %d members, the directory %d others", team.Name, len(now.in[id]), len(want)))
		}
		delete(wanted, slug)
	}
	for slug := range wanted {
		wrong = append(wrong, "no team "+slug)
	}
	slices.Sort(wrong)
	return wrong
}

// disagrees compares a person with the members that are them.
func (p employee) disagrees(seats []sandbox.Member, byHand map[string]bool) []string {
	role, _ := p.role()
	switch {
	case len(seats) > 1:
		return []string{p.email + " is there twice"}
	case len(seats) == 0 && !p.inactive:
		return []string{p.email + " is missing"}
	case len(seats) == 0 || seats[0].Role == "owner":
		return nil
	case p.inactive:
		return []string{p.email + " is there still"}
	case seats[0].Role != role && !byHand[seats[0].ID]:
		return []string{fmt.Sprintf("%s is %s, not %s", p.email, seats[0].Role, role)}
	}
	return nil
}
