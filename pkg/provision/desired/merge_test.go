package desired_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
)

// directoryOf has the groups that its people are in.
func directoryOf(people ...directory.Person) *directory.Directory {
	d := &directory.Directory{Source: "test", People: people}
	members := map[string][]string{}
	for _, p := range people {
		for _, name := range p.Groups {
			members[name] = append(members[name], p.Username)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		d.Groups = append(d.Groups, directory.Group{Name: name, Members: members[name]})
	}
	return d
}

// inTeams is who is in which team, "a: x@acme.test".
func inTeams(want *desired.State) []string {
	var lines []string
	for _, team := range want.Teams {
		for _, p := range team.Members {
			lines = append(lines, team.Name+": "+p.Email)
		}
	}
	return lines
}

func TestEntriesWithOneAddressAreOnePerson(t *testing.T) {
	t.Parallel()
	first := directory.Person{Username: "first", Email: "x@acme.test", Active: true, Type: "internal", ID: "1", Groups: []string{"a"}, Emails: []string{"one@acme.test"}}
	second := directory.Person{Username: "second", Email: "X@Acme.test", Active: true, Type: "internal", ID: "2", Groups: []string{"a", "b"}, Emails: []string{"two@acme.test", "ONE@acme.test"}}
	tests := map[string]struct {
		change  func(first, second *directory.Person)
		people  []*desired.Person
		teams   []string
		skipped []desired.Skipped
		noted   bool
	}{
		"both active: the union": {
			func(*directory.Person, *directory.Person) {},
			[]*desired.Person{{IDs: []string{"1", "2"}, Name: "first", Email: "x@acme.test", Emails: []string{"one@acme.test", "two@acme.test"}, Active: true, Role: "manager"}},
			[]string{"a: x@acme.test", "b: x@acme.test"},
			nil, true,
		},
		"the active one of two": {
			func(first, _ *directory.Person) { first.Active = false },
			[]*desired.Person{{IDs: []string{"2"}, Name: "second", Email: "X@Acme.test", Emails: []string{"two@acme.test", "ONE@acme.test"}, Active: true, Role: "manager"}},
			[]string{"a: X@Acme.test", "b: X@Acme.test"},
			nil, false,
		},
		"the active one has fewer teams": {
			func(_, second *directory.Person) { second.Active = false },
			[]*desired.Person{{IDs: []string{"1"}, Name: "first", Email: "x@acme.test", Emails: []string{"one@acme.test"}, Active: true, Role: "admin"}},
			[]string{"a: x@acme.test"},
			nil, false,
		},
		"both inactive": {
			func(first, second *directory.Person) { first.Active, second.Active = false, false },
			[]*desired.Person{{IDs: []string{"1", "2"}, Name: "first", Email: "x@acme.test", Emails: []string{"one@acme.test", "two@acme.test"}, Role: "manager"}},
			[]string{"a: x@acme.test", "b: x@acme.test"},
			nil, false,
		},
		"one of a type that is excluded": {
			func(_, second *directory.Person) { second.Type = "robot" },
			[]*desired.Person{{IDs: []string{"1"}, Name: "first", Email: "x@acme.test", Emails: []string{"one@acme.test"}, Active: true, Role: "admin"}},
			[]string{"a: x@acme.test"},
			[]desired.Skipped{{Who: "second", Reason: "the type robot is excluded"}},
			false,
		},
		"another address": {
			func(_, second *directory.Person) { second.Email, second.Emails = "y@acme.test", nil },
			[]*desired.Person{
				{IDs: []string{"1"}, Name: "first", Email: "x@acme.test", Emails: []string{"one@acme.test"}, Active: true, Role: "admin"},
				{IDs: []string{"2"}, Name: "second", Email: "y@acme.test", Active: true, Role: "manager"},
			},
			[]string{"a: x@acme.test", "a: y@acme.test", "b: y@acme.test"},
			nil, false,
		},
		"no address": {
			func(_, second *directory.Person) { second.Email = "" },
			[]*desired.Person{{IDs: []string{"1"}, Name: "first", Email: "x@acme.test", Emails: []string{"one@acme.test"}, Active: true, Role: "admin"}},
			[]string{"a: x@acme.test"},
			[]desired.Skipped{{Who: "second", Reason: "has no e-mail"}},
			false,
		},
		"further addresses that Sentry cannot hold, and the address itself": {
			func(first, second *directory.Person) {
				first.Emails, second.Email, second.Active = []string{"no address", "X@ACME.test", `a"b@acme.test`, "fine@acme.test"}, "y@acme.test", false
				second.Emails = nil
			},
			[]*desired.Person{
				{IDs: []string{"1"}, Name: "first", Email: "x@acme.test", Emails: []string{"fine@acme.test"}, Active: true, Role: "admin"},
				{IDs: []string{"2"}, Name: "second", Email: "y@acme.test", Role: "manager"},
			},
			[]string{"a: x@acme.test", "a: y@acme.test", "b: y@acme.test"},
			nil, false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, other := first, second
			tt.change(&one, &other)
			want, err := desired.Want(directoryOf(one, other), desired.Selection{
				ExcludeTypes: []string{"robot"}, Roles: []desired.RoleRule{{Group: "b", Role: "manager"}, {Group: "a", Role: "admin"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.people, want.People) + cmp.Diff(tt.teams, inTeams(want)) + cmp.Diff(tt.skipped, want.Skipped); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if noted := len(want.Notes) == 1 && strings.Contains(want.Notes[0], "x@acme.test"); noted != tt.noted {
				t.Errorf("notes %q, want one: %v", want.Notes, tt.noted)
			}
		})
	}
}

// A role that an expression could give is one of those that are taken back,
// although it gives the role to nobody now.
func TestTheRolesThatCanBeGiven(t *testing.T) {
	t.Parallel()
	d := directoryOf(directory.Person{Username: "ada", Email: "ada@acme.test", Active: true})
	rule := []desired.RoleRule{{Group: "a", Role: "manager"}}
	tests := map[string]struct {
		selection desired.Selection
		roles     map[string]bool
	}{
		"none":                        {desired.Selection{}, map[string]bool{}},
		"a rule whose group is empty": {desired.Selection{Roles: rule}, map[string]bool{"manager": true}},
		"a mapping without roles":     {desired.Selection{Mapping: rules(t, func(*mapping.Expressions) {})}, map[string]bool{}},
		"an expression": {
			desired.Selection{Mapping: rules(t, func(e *mapping.Expressions) { e.Role = `memberOf("a") ? "admin" : ""` })},
			map[string]bool{"member": true, "admin": true, "manager": true, "billing": true},
		},
	}
	for name, tt := range tests {
		want, err := desired.Want(d, tt.selection)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.roles, want.Roles); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhoHasNoIDIsKnownByTheAddress(t *testing.T) {
	t.Parallel()
	want, err := desired.Want(directoryOf(
		directory.Person{Username: "a", Email: "A@acme.test", Active: true}, directory.Person{Username: "b", Email: "a@acme.test", Active: true},
		directory.Person{Username: "c", Email: "a@acme.test", Active: true, ID: "3"},
	), desired.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3", "mailto:a@acme.test"}, want.People[0].IDs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBlankCellsAreCounted(t *testing.T) {
	t.Parallel()
	want, err := desired.Want(directoryOf(
		directory.Person{Username: "a", ID: "1", Active: true, ActiveBlank: true},
		directory.Person{Username: "b", ID: "2", Email: "b@acme.test", Active: true, ActiveBlank: true},
		directory.Person{Username: "c", ID: "3", Email: "c@acme.test", Active: true},
		directory.Person{Username: "d", ID: "4"},
		directory.Person{Username: "e", Active: true},
		directory.Person{Username: "f", ID: "6", Active: true, ActiveBlank: true, Type: "robot"},
		directory.Person{Username: "g", ID: "7", Email: "g.acme.test", Active: true},
		directory.Person{Username: "h", ID: "8", Email: "h.acme.test"},
	), desired.Selection{ExcludeTypes: []string{"robot"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "7"}, want.NoAddress); diff != "" || want.ActivityBlank != 2 {
		t.Errorf("activity blank of %d, want 2; without an address (-want +got):\n%s", want.ActivityBlank, diff)
	}
}
