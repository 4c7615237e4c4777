package cmd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// year is a company of a thousand and its pushes, night after night.
type year struct {
	*site

	company *company
	chance  *rand.Rand
	teams   []string        // where one is in one team at a time
	guilds  []string        // of which one can be in several
	left    []int           // by person: the night of leaving, 0 for none
	byHand  map[string]bool // ids of members whose roles were given in Sentry
	special map[string]bool // usernames of those, and of owners
	args    []string

	night, founded int
	pushes, quiet  int // pushes, and those that wrote nothing
	reads, writes  int
}

// yearCompany has 1,000 people in 30 teams and 8 guilds; 50 of them are managers.
func yearCompany() (c *company, teams, guilds []string) {
	var units, circles []unit
	for n := range 30 {
		units = append(units, unit{fmt.Sprintf("Team %02d", n), 20 + n*26/29}) // 20 to 46
		teams = append(teams, units[n].name)
	}
	for n := range 8 {
		circles = append(circles, unit{fmt.Sprintf("Guild %d", n), 60 + 15*n})
		guilds = append(guilds, circles[n].name)
	}
	return newCompany(1000, units, append(circles, unit{"Leads", 50}, unit{"Admins", 6})), teams, guilds
}

// newYear begins in an empty Sentry, or else in one that is in step.
func newYear(t *testing.T, empty bool, args ...string) *year {
	t.Helper()
	y := &year{chance: rand.New(rand.NewPCG(2, 3)), args: args, byHand: map[string]bool{}, special: map[string]bool{}}
	y.company, y.teams, y.guilds = yearCompany()
	y.founded = len(y.teams)
	y.left = make([]int, len(y.company.people))
	state := y.company.asSentryHasIt()
	addStrangers(&state, 20)
	if slices.Contains(args, "absent") {
		state.Members = slices.DeleteFunc(state.Members, func(m sandbox.Member) bool { return strings.HasSuffix(m.Email, "contractor.test") })
		state.Teams = slices.DeleteFunc(state.Teams, func(team sandbox.Team) bool { return team.Name == handMade })
	}
	if empty {
		state.Members = slices.DeleteFunc(state.Members, func(m sandbox.Member) bool { return m.Role != "owner" })
		state.Teams = nil
	}
	for _, m := range state.Members {
		y.byHand[m.ID] = m.Role == "manager" && !slices.Contains(m.Flags, "idp:role-restricted")
		y.special[strings.TrimSuffix(m.Email, mailDomain)] = y.byHand[m.ID] || m.Role == "owner"
	}
	y.site = newSite(t, newHub(t), state, rolesVariable())
	return y
}

// TestAQuietYear pushes every night of a year of a company of a thousand: people
// come and go, move, lead and lead no more, ten begin on the first of a month, on
// the fifteenth one in twenty is reorganized, and now and then one in a hundred
// leaves at once. No push is refused, after each Sentry is as the directory says,
// and a push with nothing to do sends the requests of the lists and nothing else.
func TestAQuietYear(t *testing.T) {
	t.Parallel()
	y := newYear(t, true)
	for range scaled(365, 35, 17) {
		y.live()
		if !y.sleep() {
			return
		}
		if y.night%9 == 0 && !y.sleepAgain() {
			return
		}
	}
	t.Log(y)
}

// TestOnePercentEveryNight has one in a hundred leave every night for a month and
// as many come, in each of the ways in which somebody can leave.
func TestOnePercentEveryNight(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name, remove string
		vanish       bool
	}{{"inactive", "inactive", false}, {"absent", "absent", true}, {"absent and not removed", "inactive", true}} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			y := newYear(t, false, "--remove", way.remove)
			for range scaled(28, 9, 3) {
				for n := range 10 {
					y.lose(y.someone(y.teams[(10*y.night+n)%len(y.teams)]))
					y.gain(y.teams[(10*y.night+n)%len(y.teams)])
				}
				if way.vanish {
					y.forget(0)
				}
				if !y.sleep() {
					return
				}
			}
			t.Log(y)
		})
	}
}

func (y *year) String() string {
	return fmt.Sprintf("%d nights, %d pushes (%d with nothing to do), %d GETs, %d writes; %d people and %d teams in the end",
		y.night, y.pushes, y.quiet, y.reads, y.writes, len(y.site.sentry.Snapshot().Members), len(y.site.sentry.Snapshot().Teams))
}

// live is what happens on an ordinary day.
func (y *year) live() {
	c := y.company
	times := func(most int, happen func()) {
		for range y.chance.IntN(most + 1) {
			happen()
		}
	}
	if y.night%7 > 4 { // nobody works on weekends
		return
	}
	times(1, func() { y.lose(y.someone("")) })
	times(1, func() { y.gain(y.teams[y.chance.IntN(len(y.teams))]) })
	times(3, func() { y.move(y.someone("")) })
	times(2, func() { c.join(y.someone(""), y.guilds[y.chance.IntN(len(y.guilds))]) })
	times(1, func() { guild := y.guilds[y.chance.IntN(len(y.guilds))]; c.leave(y.someone(guild), guild) })
	times(1, func() { c.people[y.someone("")].name += " II" })
	switch y.night % 4 {
	case 0:
		c.join(y.someone(""), "Leads")
	case 2:
		c.leave(y.someone("Leads"), "Leads")
	}
	switch y.night % 30 {
	case 1:
		for n := range 10 {
			y.gain(y.teams[n%len(y.teams)])
		}
	case 9:
		for range 10 {
			y.lose(y.someone(""))
		}
	case 15:
		y.reorganize()
	}
	y.forget(30)
}

// reorganize moves one in twenty, and makes one team of a half of another, or
// divides one among the others.
func (y *year) reorganize() {
	for range 25 {
		y.move(y.someone(""))
	}
	old := y.teams[y.chance.IntN(len(y.teams))]
	people := y.company.in(old)
	if y.night%60 < 30 {
		y.founded++
		team := fmt.Sprintf("Team %02d", y.founded)
		y.teams = append(y.teams, team)
		for _, i := range people[:len(people)/2] {
			y.company.leave(i, old)
			y.company.join(i, team)
		}
		return
	}
	y.teams = slices.DeleteFunc(y.teams, func(team string) bool { return team == old })
	for _, i := range people {
		y.company.leave(i, old)
		y.company.join(i, y.teams[y.chance.IntN(len(y.teams))])
	}
}

// someone is an active person of a group, or of all, who has no role by hand.
func (y *year) someone(group string) int {
	places := slices.DeleteFunc(y.company.in(group), func(i int) bool {
		return y.company.people[i].inactive || y.special[y.company.people[i].username]
	})
	return places[y.chance.IntN(len(places))]
}

func (y *year) gain(team string) int {
	y.left = append(y.left, 0)
	return y.company.hire(team)
}

func (y *year) lose(i int) {
	y.company.people[i].inactive = true
	y.left[i] = y.night + 1
}

// forget leaves out of the directory who left so many nights ago.
func (y *year) forget(nights int) {
	for i, night := range slices.Backward(y.left) {
		if night > 0 && night <= y.night+1-nights {
			y.left = slices.Delete(y.left, i, i+1)
			y.company.people = slices.Delete(y.company.people, i, i+1)
		}
	}
}

// move moves a person from their team to another one.
func (y *year) move(i int) {
	groups := y.company.people[i].groups
	at := slices.IndexFunc(groups, func(g string) bool { return slices.Contains(y.teams, g) })
	if at < 0 {
		return
	}
	y.company.leave(i, groups[at])
	y.company.join(i, y.teams[y.chance.IntN(len(y.teams))])
}

// sleep pushes once and reports whether the night was as it has to be.
func (y *year) sleep() bool {
	y.t.Helper()
	y.night++
	y.pass(24 * time.Hour)
	return y.isQuiet(y.pushNow())
}

// sleepAgain pushes once more in the same night: there is nothing to do.
func (y *year) sleepAgain() bool {
	y.t.Helper()
	y.pass(time.Hour)
	return y.isQuiet(y.pushNow())
}

func (y *year) pushNow(overrides ...string) ended {
	y.t.Helper()
	e := y.push(kept, y.company.csv(), slices.Concat(y.args, overrides)...)
	y.pushes++
	y.reads += e.reads
	y.writes += e.writes
	return e
}

// isQuiet reports whether a push passed, Sentry is as the directory says, and a
// push that wrote nothing sent the lists' requests alone.
func (y *year) isQuiet(e ended) bool {
	y.t.Helper()
	state := y.sentry.Snapshot()
	now := standingOf(state)
	lists := (len(now.members)+99)/100 + (len(now.teams)+99)/100
	wrong := disagreements(now, y.company, y.byHand)
	switch {
	case e.code != 0:
		y.t.Errorf("night %d: exit %d: %s", y.night, e.code, e.told())
	case len(wrong) > 0:
		y.t.Errorf("night %d: Sentry is otherwise than the directory in %d places: %s", y.night, len(wrong), strings.Join(wrong[:min(3, len(wrong))], ", "))
	case e.writes == 0 && e.reads != lists:
		y.t.Errorf("night %d: nothing was to do, and %d GETs were sent, expected %d", y.night, e.reads, lists)
	}
	if e.writes == 0 {
		y.quiet++
	}
	y.arrive()
	return !y.t.Failed()
}

// arrive has those who were invited log in for the first time.
func (y *year) arrive() {
	for _, m := range y.sentry.Snapshot().Members {
		if !m.Linked {
			y.sentry.Join(m.Email)
		}
	}
}
