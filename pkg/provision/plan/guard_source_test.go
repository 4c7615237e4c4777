package plan_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// people are active people, and as many inactive ones.
func people(active, inactive int) []provision.Person {
	var all []provision.Person
	for i := range active + inactive {
		all = append(all, provision.Person{Email: fmt.Sprintf("p%d@acme.test", i), Active: i < active})
	}
	return all
}

// open lifts every objection but those that have no override.
func open() plan.Guards {
	everything := plan.Limit{Count: 1 << 30}
	return plan.Guards{MaxRemovals: everything, MaxTeamRemovals: everything, AllowEmpty: true, AllowShrink: true, AllowEmptyTeams: true}
}

func hints(err error) string { return strings.Join(fault.Hints(err), "\n") }

// refuses checks that guard refuses, and names override, which lifts it.
func refuses(t *testing.T, guard plan.Guards, want *desired.State, actual *plan.Actual, plan *plan.Plan, override string) {
	t.Helper()
	err := guard.Check(want, actual, plan)
	if fault.CodeOf(err) != fault.Refused || !strings.HasSuffix(err.Error(), "so nothing was written") {
		t.Errorf("got %v, want a refusal", err)
	}
	if !strings.Contains(hints(err), override) {
		t.Errorf("the hints %q do not name %s", hints(err), override)
	}
}

func TestASourceThatLostMoreThanHalfIsRefusedAtEverySize(t *testing.T) {
	t.Parallel()
	for last := range 40 {
		for active := range 41 {
			for _, inactive := range []int{0, 100} { // the inactive make up for nobody
				guard := open()
				guard.AllowShrink, guard.LastPeople = false, last
				want := &desired.State{People: people(active, inactive)}
				err := guard.Check(want, &plan.Actual{}, &plan.Plan{})
				lostMoreThanHalf := float64(last-active) > float64(last)/2 && active+inactive > 0
				if (err != nil) != lostMoreThanHalf {
					t.Fatalf("%d of %d are left: got %v, want refused = %v", active, last, err, lostMoreThanHalf)
				}
				guard.AllowShrink = true
				if err := guard.Check(want, &plan.Actual{}, &plan.Plan{}); err != nil {
					t.Fatalf("with the override: %v", err)
				}
			}
		}
	}
	guard := open()
	guard.AllowShrink, guard.LastPeople = false, 3
	refuses(t, guard, &desired.State{People: people(1, 0)}, &plan.Actual{}, &plan.Plan{}, "--allow-shrink")
}

func TestEachOverrideLiftsItsOwnObjectionAlone(t *testing.T) {
	t.Parallel()
	shut := plan.Guards{LastPeople: 10}
	want := &desired.State{People: people(1, 0), Teams: []provision.Team{{Name: "Web", Slug: "web"}}}
	plan := &plan.Plan{
		UsersRemove: make([]plan.UserRemove, 2), TeamsDelete: make([]plan.TeamDelete, 3),
		MembersRemove: []plan.Membership{{Team: "Web", Email: "a@acme.test"}},
	}
	overrides := map[string]func(*plan.Guards){
		"--max-removals 2":      func(g *plan.Guards) { g.MaxRemovals.Count = 2 },
		"--max-team-removals 3": func(g *plan.Guards) { g.MaxTeamRemovals.Count = 3 },
		"--allow-shrink":        func(g *plan.Guards) { g.AllowShrink = true },
		"--allow-empty-teams":   func(g *plan.Guards) { g.AllowEmptyTeams = true },
	}
	all := hints(shut.Check(want, &plan.Actual{}, plan))
	lifted := shut
	for name, lift := range overrides {
		guard := shut
		lift(&guard)
		lift(&lifted)
		left := hints(guard.Check(want, &plan.Actual{}, plan))
		for other := range overrides {
			if !strings.Contains(all, other) || strings.Contains(left, other) == (other == name) {
				t.Errorf("with %s the hints are %q, without any %q", name, left, all)
			}
		}
	}
	if err := lifted.Check(want, &plan.Actual{}, plan); err != nil {
		t.Errorf("with all overrides: %v", err)
	}
}

func TestTheGuardRefusesMoreDeletedTeamsThanAllowed(t *testing.T) {
	t.Parallel()
	for deleted := range 8 {
		guard := open()
		guard.MaxTeamRemovals, guard.Floor = plan.Limit{Count: -1, Percent: 10}, 3
		actual := &plan.Actual{Groups: make([]scim.Group, 50)}
		plan := &plan.Plan{TeamsDelete: make([]plan.TeamDelete, deleted)}
		if deleted <= 5 {
			if err := guard.Check(&desired.State{}, actual, plan); err != nil {
				t.Errorf("%d of 50: %v", deleted, err)
			}
			continue
		}
		refuses(t, guard, &desired.State{}, actual, plan, fmt.Sprintf("--max-team-removals %d", deleted))
	}
}

func TestATeamIsNotEmptiedBecauseItsGroupIsEmpty(t *testing.T) {
	t.Parallel()
	ada, bob, robot := member("2", "ada@acme.test", "member"), member("3", "bob@acme.test", "member"), member("4", "robot@acme.test", "member")
	stay := []provision.Person{{Email: "ada@acme.test", Active: true}, {Email: "bob@acme.test", Active: true}}
	tests := map[string]struct {
		people  []provision.Person
		members []string // of the group
		has     []scim.User
		refused bool
	}{
		"the group has nobody":                   {stay, nil, []scim.User{ada, bob}, true},
		"a service account is not its people":    {stay, nil, []scim.User{ada, robot}, true},
		"somebody is left":                       {stay, []string{"ada@acme.test"}, []scim.User{ada, bob}, false},
		"others take over":                       {stay, []string{"bob@acme.test"}, []scim.User{ada}, false},
		"the team has nobody either":             {stay, nil, nil, false},
		"the team has only what is left alone":   {stay, nil, []scim.User{robot}, false},
		"all its people leave the organization":  {[]provision.Person{{Email: "ada@acme.test"}}, nil, []scim.User{ada}, false},
		"one leaves the organization, one stays": {[]provision.Person{{Email: "ada@acme.test"}, stay[1]}, nil, []scim.User{ada, bob}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := &desired.State{
				People: tt.people, Teams: []provision.Team{{Name: "Web", Slug: "web", Members: tt.members}},
				Untouched: map[string]bool{"robot@acme.test": true},
			}
			actual := &plan.Actual{Users: []scim.User{ada, bob, robot}, Groups: []scim.Group{team("7", "Web", tt.has...)}}
			plan, _ := plan.Compare(want, actual, plan.RemoveInactive)
			guard := open()
			guard.AllowEmptyTeams = false
			if tt.refused {
				refuses(t, guard, want, actual, plan, "--allow-empty-teams")
			} else if err := guard.Check(want, actual, plan); err != nil {
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
			want := &desired.State{Teams: []provision.Team{{Name: "Web", Slug: "web", Group: "Frontend"}, {Name: "Ops", Slug: "ops", Group: "运维"}}}
			actual := &plan.Actual{}
			for i, name := range tt.has {
				actual.Groups = append(actual.Groups, team(strconv.Itoa(i+1), name))
			}
			plan, _ := plan.Compare(want, actual, plan.RemoveInactive)
			if tt.refused {
				refuses(t, open(), want, actual, plan, "in Sentry")
			} else if err := open().Check(want, actual, plan); err != nil {
				t.Error(err)
			}
		})
	}
}
