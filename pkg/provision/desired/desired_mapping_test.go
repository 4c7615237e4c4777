package desired_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
)

// rules compiles the default mapping with a change.
func rules(t *testing.T, change func(*mapping.Expressions)) *mapping.Rules {
	t.Helper()
	e := mapping.Default()
	change(&e)
	compiled, err := mapping.Compile(e)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func person(username, email string, groups ...string) directory.Person {
	return directory.Person{ID: "id-" + username, Username: username, Email: email, Active: true, Type: "internal", Groups: groups}
}

func mappedDirectory() *directory.Directory {
	d := &directory.Directory{
		Source: "test",
		People: []directory.Person{
			person("ada", "ada@old.test", "eng", "leads"), person("bo@old.test", "bo@old.test", "eng"),
			person("cleo", "cleo@old.test", "away", "leads"), person("dino", "dino@old.test"),
			{Username: "robot", Email: "robot@old.test", Active: true, Type: "robot"},
		},
		Groups: []directory.Group{
			{Name: "away", Members: []string{"cleo"}},
			{Name: "eng", Members: []string{"ada", "bo@old.test"}},
			{Name: "leads", Members: []string{"ada", "cleo"}},
		},
	}
	d.People[3].Attributes = map[string]any{"mail": "no address"}
	return d
}

func mappedSelection(t *testing.T) desired.Selection {
	t.Helper()
	return desired.Selection{
		ExcludeTypes: []string{"robot"},
		Roles:        []desired.RoleRule{{Group: "eng", Role: "manager"}},
		TeamNames:    []desired.TeamName{{Group: "eng", Team: "Engineering"}},
		Mapping: rules(t, func(e *mapping.Expressions) {
			e.Email = `attribute("mail", replace(user.email, "@old.", "@new."))`
			e.Include = `not memberOf("away")`
			e.Role = `memberOf("leads") ? "admin" : user.username == "bo@old.test" ? "billing" : ""`
			e.Team = `group.name == "away" ? "" : "team-" + group.name`
		}),
	}
}

func TestWantByExpressions(t *testing.T) {
	t.Parallel()
	want, err := desired.Want(mappedDirectory(), mappedSelection(t))
	if err != nil {
		t.Fatal(err)
	}
	ada := &desired.Person{IDs: []string{"id-ada"}, Name: "ada", Email: "ada@new.test", Active: true, Role: "manager"}
	bo := &desired.Person{IDs: []string{"id-bo@old.test"}, Name: "bo@old.test", Email: "bo@new.test", Active: true, Role: "manager"}
	wanted := &desired.State{
		People: []*desired.Person{ada, bo},
		Teams: []desired.Team{
			{Name: "Engineering", Slug: "engineering", Group: "eng", Members: []*desired.Person{ada, bo}},
			{Name: "team-leads", Slug: "team-leads", Group: "leads", Members: []*desired.Person{ada}},
		},
		Roles: map[string]bool{"member": true, "admin": true, "manager": true, "billing": true}, // an expression can give any
		Skipped: []desired.Skipped{
			{Who: "cleo", Reason: "scim.mapping.include leaves them out"},
			{Who: "robot", Reason: "the type robot is excluded"},
			{Who: "dino", Reason: `the e-mail has a comma, quote, backslash or space, which Sentry's SCIM filter cannot carry`},
			{Who: "away", Reason: "scim.mapping.team makes no team of the group"},
		},
		Untouched: map[string]bool{
			"cleo": true, "cleo@old.test": true, "cleo@new.test": true, "robot": true, "robot@old.test": true, "robot@new.test": true,
			"dino": true, "dino@old.test": true, "no address": true,
		},
		NoAddress: []string{"id-dino"},
		Aliases:   map[string]string{"ada": "ada@new.test", "ada@old.test": "ada@new.test", "bo@old.test": "bo@new.test"},
		Reserved: map[string]bool{
			"away": true, "eng": true, "Engineering": true, "engineering": true, "leads": true, "team-leads": true,
		},
	}
	if diff := cmp.Diff(wanted, want); diff != "" {
		t.Errorf("desired (-want +got):\n%s", diff)
	}
}

func TestMappingsThatAreRefused(t *testing.T) {
	t.Parallel()
	twins := func() *directory.Directory {
		return &directory.Directory{Source: "test", People: []directory.Person{person("a", "one@acme.test", "g"), person("b", "ONE@acme.test")}}
	}
	nameless := func() *directory.Directory {
		return &directory.Directory{Source: "test", People: []directory.Person{person("a", ""), person("b", "")}}
	}
	tests := map[string]struct {
		directory *directory.Directory
		change    func(*mapping.Expressions)
		want      string
	}{
		"one e-mail for two": {
			mappedDirectory(), func(e *mapping.Expressions) { e.Email = `"all@acme.test"` },
			`scim.mapping.email gives "ada" and "bo@old.test" the same address "all@acme.test"`,
		},
		"one e-mail for two who have none": {
			nameless(), func(e *mapping.Expressions) { e.Email = `"all@acme.test"` },
			`scim.mapping.email gives "a" and "b" the same address "all@acme.test"`,
		},
		"one e-mail, two roles":      {twins(), func(e *mapping.Expressions) { e.Role = `memberOf("g") ? "admin" : ""` }, ""},
		"one e-mail, active and not": {twins(), func(e *mapping.Expressions) { e.Active = `memberOf("g")` }, ""},
		"one of them left out":       {twins(), func(e *mapping.Expressions) { e.Include, e.Active = `memberOf("g")`, `memberOf("g")` }, ""},
		"one e-mail for one who is left out": {
			mappedDirectory(), func(e *mapping.Expressions) { e.Email, e.Include = `"all@acme.test"`, `user.username == "ada"` }, "",
		},
		"no e-mail for anybody": {mappedDirectory(), func(e *mapping.Expressions) { e.Email = `""` }, ""},
		"one team of two groups": {
			mappedDirectory(), func(e *mapping.Expressions) { e.Team = `"team"` }, `the groups "away" and "eng" would both be the team "team"`,
		},
		"a failure": {mappedDirectory(), func(e *mapping.Expressions) { e.Email = "lower(user.attributes.mail)" }, `"ada": scim.mapping.email: lower wants a text, found nothing`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := desired.Want(tt.directory, desired.Selection{Mapping: rules(t, tt.change)})
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), tt.want) || len(fault.Hints(err)) == 0):
				t.Errorf("code %d: %v %q\nwant %s", fault.CodeOf(err), err, fault.Hints(err), tt.want)
			case tt.want != "" && want != nil && len(want.People) > 0 && name == "a failure":
				t.Error("a mapping in part")
			}
		})
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	got, err := desired.Map(mappedDirectory(), mappedSelection(t))
	if err != nil {
		t.Fatal(err)
	}
	want := &desired.Mapped{
		Source: "test",
		People: []desired.MappedPerson{
			{Username: "ada", Email: "ada@new.test", Active: true, Role: "manager", RoleRule: "scim.roles: eng", Teams: []string{"Engineering", "team-leads"}},
			{Username: "bo@old.test", Email: "bo@new.test", Active: true, Role: "manager", RoleRule: "scim.roles: eng", Teams: []string{"Engineering"}},
			{Username: "cleo", Email: "cleo@old.test", Active: true, Teams: []string{}, Skipped: "scim.mapping.include leaves them out"},
			{Username: "dino", Email: "no address", Active: true, Teams: []string{}, Skipped: "the e-mail has a comma, quote, backslash or space, which Sentry's SCIM filter cannot carry"},
			{Username: "robot", Email: "robot@old.test", Active: true, Teams: []string{}, Skipped: "the type robot is excluded"},
		},
		TeamsSkipped: []desired.Skipped{{Who: "away", Reason: "scim.mapping.team makes no team of the group"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mapped (-want +got):\n%s", diff)
	}
}

// TestMapAgreesWithWant holds that what is shown is what is pushed.
func TestMapAgreesWithWant(t *testing.T) {
	t.Parallel()
	d, sel := mappedDirectory(), mappedSelection(t)
	want, err := desired.Want(d, sel)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := desired.Map(d, sel)
	if err != nil {
		t.Fatal(err)
	}
	var people []*desired.Person
	for _, p := range shown.People {
		if p.Skipped == "" {
			people = append(people, &desired.Person{IDs: []string{"id-" + p.Username}, Name: p.Username, Email: p.Email, Active: p.Active, Role: p.Role})
		}
	}
	if diff := cmp.Diff(want.People, people); diff != "" {
		t.Errorf("(-pushed +shown):\n%s", diff)
	}
}

func TestMapOne(t *testing.T) {
	t.Parallel()
	d, sel := mappedDirectory(), mappedSelection(t)
	for name, username := range map[string]string{
		"ada": "ada", "ADA@old.test": "ada", "ada@NEW.test": "ada", "bo@old.test": "bo@old.test", "robot@old.test": "robot", "no address": "dino",
	} {
		one, err := desired.MapOne(d, sel, name)
		if err != nil || one.Directory.Username != username || one.Outcome.Username != username {
			t.Errorf("%s: %+v, %v", name, one, err)
		}
	}
	for name, hint := range map[string]string{"adaa": "did you mean ada?", "": "'sentryidp scim map' lists everybody", "Nobody": "'sentryidp scim map' lists everybody"} {
		one, err := desired.MapOne(d, sel, name)
		if diff := cmp.Diff([]string{hint}, fault.Hints(err)); one != nil || fault.CodeOf(err) != fault.Usage || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	sel.Mapping = rules(t, func(e *mapping.Expressions) { e.Email = "lower(user.attributes.mail)" })
	one, err := desired.MapOne(d, sel, "ada")
	if fault.CodeOf(err) != fault.Refused || one == nil || one.Outcome != nil || len(one.Steps) != 6 {
		t.Errorf("refused: %+v, %v", one, err)
	}
}

func TestMapNamesTheEntryThatCounts(t *testing.T) {
	t.Parallel()
	d := &directory.Directory{Source: "test", People: []directory.Person{
		person("ada", "ada@acme.test"), person("adb", "ADA@acme.test"), {Username: "old", Email: "ada@acme.test"}, {Username: "out", Email: "out@acme.test"},
	}}
	got, err := desired.Map(d, desired.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	want := []desired.MappedPerson{
		{Username: "ada", Email: "ada@acme.test", Active: true, Teams: []string{}},
		{Username: "adb", Email: "ADA@acme.test", Active: true, Teams: []string{}},
		{Username: "old", Email: "ada@acme.test", Teams: []string{}, Skipped: "another entry of the directory has the address"},
		{Username: "out", Email: "out@acme.test", Teams: []string{}},
	}
	if diff := cmp.Diff(want, got.People); diff != "" {
		t.Errorf("mapped (-want +got):\n%s", diff)
	}
}
