package plan_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// people are active people, and as many inactive ones.
func people(active, inactive int) []*desired.Person {
	var all []*desired.Person
	for i := range active + inactive {
		all = append(all, &desired.Person{Email: fmt.Sprintf("p%d@acme.test", i), Active: i < active})
	}
	return all
}

// after is the memory of a push that had that many active people.
func after(people int) *memory.Record {
	r := remembered()
	r.People = people
	return r
}

func TestASourceThatLostMoreThanHalfIsRefusedAtEverySize(t *testing.T) {
	t.Parallel()
	for last := range 40 {
		for active := range 41 {
			for _, inactive := range []int{0, 100} { // the inactive make up for nobody
				guard := open()
				guard.AllowShrink = false
				of := plan.Case{Want: &desired.State{People: people(active, inactive)}, Record: after(last)}
				err := judged(guard, of)
				lostMoreThanHalf := float64(last-active) > float64(last)/2 && active+inactive > 0
				if (err != nil) != lostMoreThanHalf {
					t.Fatalf("%d of %d are left: got %v, want refused = %v", active, last, err, lostMoreThanHalf)
				}
				guard.AllowShrink = true
				if err := judged(guard, of); err != nil {
					t.Fatalf("with the override: %v", err)
				}
			}
		}
	}
	guard := open()
	guard.AllowShrink = false
	left := &desired.State{People: people(1, 0)}
	refused(t, judged(guard, plan.Case{Want: left, Record: after(3)}), "--allow-shrink")
	for name, record := range map[string]*memory.Record{"none": nil, "of no push": memory.New("https://sentry.test", "acme")} {
		if err := judged(guard, plan.Case{Want: left, Record: record}); err != nil {
			t.Errorf("memory: %s: %v", name, err)
		}
	}
}

func TestEachOverrideLiftsItsOwnObjectionAlone(t *testing.T) {
	t.Parallel()
	everything, overrides := everyObjection()
	shut := plan.Guards{}
	all := hints(judged(shut, everything))
	lifted := shut
	for name, lift := range overrides {
		guard := shut
		lift(&guard)
		lift(&lifted)
		left := hints(judged(guard, everything))
		for other := range overrides {
			if !strings.Contains(all, other) || strings.Contains(left, other) == (other == name) {
				t.Errorf("with %s the hints are %q, without any %q", name, left, all)
			}
		}
	}
	if err := judged(lifted, everything); err != nil {
		t.Errorf("with all overrides: %v", err)
	}
}

// everyObjection is a case to which every guard objects, but that of an empty
// directory, and the override of each.
func everyObjection() (plan.Case, map[string]func(*plan.Guards)) {
	out := []scim.User{member("1", "a@acme.test", "manager"), member("2", "b@acme.test", "manager"), member("3", "c@acme.test", "member")}
	known := withID(withRole(active("a@acme.test"), "member"), "ida")
	w := wish{
		want: desired.State{
			People:    []*desired.Person{known, withRole(active("c@acme.test"), "admin"), active("new@acme.test")},
			Teams:     []desired.Team{wantedTeam("Web")},
			NoAddress: []string{"idx"},
		},
		actual: plan.Actual{Users: out, Groups: []scim.Group{team("7", "Web", out[0]), team("8", "Old", out[2])}},
		policy: plan.Policy{Remove: plan.RemoveAbsent, PruneTeams: true},
		record: remembered(memory.Person{ID: "idb", Member: "2"}, memory.Person{ID: "idx", Member: "9"}),
	}
	w.record.People, w.record.Created = 10, []memory.Team{{ID: "8", Name: "Old", Group: "Old"}}
	return plan.Case{Want: &w.want, Actual: &w.actual, Plan: w.compare(), Record: w.record}, map[string]func(*plan.Guards){
		"--max-removals 1":          func(g *plan.Guards) { g.Removals.Count = 1 },
		"--max-membership-losses 2": func(g *plan.Guards) { g.Memberships.Count = 2 },
		"--max-team-losses 1":       func(g *plan.Guards) { g.Teams.Count = 1 },
		"--max-promotions 1":        func(g *plan.Guards) { g.Promotions.Count = 1 },
		"--max-demotions 1":         func(g *plan.Guards) { g.Demotions.Count = 1 },
		"--max-replaced 1":          func(g *plan.Guards) { g.Replaced.Count = 1 },
		"--max-team-removals 1":     func(g *plan.Guards) { g.TeamsGone.Count = 1 },
		"--max-blank 1":             func(g *plan.Guards) { g.Blank.Count = 1 },
		"--allow-shrink":            func(g *plan.Guards) { g.AllowShrink = true },
		"--allow-empty-teams":       func(g *plan.Guards) { g.AllowEmptyTeams = true },
	}
}

func TestTheGuardRefusesMoreDeletedTeamsThanAllowed(t *testing.T) {
	t.Parallel()
	for deleted := range 8 {
		guard := open()
		guard.TeamsGone, guard.Floor = plan.Limit{Count: -1, Percent: 10}, 3
		err := judged(guard, plan.Case{
			Actual: &plan.Actual{Groups: make([]scim.Group, 50)}, Plan: planned(plan.Plan{TeamsDelete: make([]plan.TeamDelete, deleted)}),
		})
		if deleted <= 5 {
			if err != nil {
				t.Errorf("%d of 50: %v", deleted, err)
			}
			continue
		}
		refused(t, err, fmt.Sprintf("--max-team-removals %d", deleted))
	}
}

func TestATeamIsNotEmptiedBecauseItsGroupIsEmpty(t *testing.T) {
	t.Parallel()
	ada, bob, robot := member("2", "ada@acme.test", "member"), member("3", "bob@acme.test", "member"), member("4", "robot@acme.test", "member")
	a, b := active("ada@acme.test"), active("bob@acme.test")
	stay := []*desired.Person{a, b}
	tests := map[string]struct {
		people  []*desired.Person
		members []*desired.Person // of the group
		has     []scim.User
		refused bool
	}{
		"the group has nobody":                   {stay, nil, []scim.User{ada, bob}, true},
		"a service account is not its people":    {stay, nil, []scim.User{ada, robot}, true},
		"somebody is left":                       {stay, []*desired.Person{a}, []scim.User{ada, bob}, false},
		"others take over":                       {stay, []*desired.Person{b}, []scim.User{ada}, false},
		"the team has nobody either":             {stay, nil, nil, false},
		"the team has only what is left alone":   {stay, nil, []scim.User{robot}, false},
		"all its people leave the organization":  {[]*desired.Person{inactive("ada@acme.test")}, nil, []scim.User{ada}, false},
		"one leaves the organization, one stays": {[]*desired.Person{inactive("ada@acme.test"), b}, nil, []scim.User{ada, bob}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &desired.State{
				People: tt.people, Teams: []desired.Team{{Name: "Web", Slug: "web", Members: tt.members}},
				Untouched: map[string]bool{"robot@acme.test": true},
			}
			actual := &plan.Actual{Users: []scim.User{ada, bob, robot}, Groups: []scim.Group{team("7", "Web", tt.has...)}}
			c := plan.Compare(want, actual, plan.Policy{Remove: plan.RemoveInactive}, nil, memory.Known{})
			guard := open()
			guard.AllowEmptyTeams = false
			err := judged(guard, plan.Case{Want: want, Actual: actual, Plan: c})
			if tt.refused {
				refused(t, err, "--allow-empty-teams")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestATeamThatCouldBeTwoIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		has     []string
		refused bool
	}{
		"one of the name":                       {[]string{"Web"}, false},
		"one of the name, one alike":            {[]string{"Web", "web"}, false},
		"one alike":                             {[]string{"WEB"}, false},
		"two of the name":                       {[]string{"Web", "Web"}, true},
		"two alike":                             {[]string{"web", "WEB"}, true},
		"one of the group's name":               {[]string{"Frontend"}, false},
		"two of the group's name":               {[]string{"Frontend", "Frontend"}, true},
		"two of the group's name, one of its":   {[]string{"Frontend", "Web", "Frontend"}, false},
		"names without slugs are not all alike": {[]string{"研究", "Команда"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &desired.State{Teams: []desired.Team{{Name: "Web", Slug: "web", Group: "Frontend"}, {Name: "Ops", Slug: "ops", Group: "运维"}}}
			actual := &plan.Actual{}
			for i, name := range tt.has {
				actual.Groups = append(actual.Groups, team(strconv.Itoa(i+1), name))
			}
			c := plan.Compare(want, actual, plan.Policy{Remove: plan.RemoveInactive}, nil, memory.Known{})
			err := judged(open(), plan.Case{Want: want, Actual: actual, Plan: c})
			if tt.refused {
				refused(t, err, "in Sentry")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
