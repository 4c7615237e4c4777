package directory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

func parse(t *testing.T, format directory.Format, data string) *directory.Directory {
	t.Helper()
	d, err := directory.Parse([]byte(data), "people", format)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMembershipIsTheUnion(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		groups   []directory.Group
		ofAda    []string
	}{
		{
			"said by the user", "users: [{username: ada, groups: [b, a]}]",
			[]directory.Group{{Name: "a", Members: []string{"ada"}}, {Name: "b", Members: []string{"ada"}}},
			[]string{"a", "b"},
		},
		{
			"said by the group, before the users", "groups: [{name: a, members: [ada]}]\nusers: [{username: ada}]",
			[]directory.Group{{Name: "a", Members: []string{"ada"}}},
			[]string{"a"},
		},
		{
			"said by both, and twice", "users: [{username: ada, groups: [a, a]}]\ngroups: [{name: a, members: [ada, ada]}]",
			[]directory.Group{{Name: "a", Members: []string{"ada"}}},
			[]string{"a"},
		},
		{
			"said by each for another", "users: [{username: ada}, {username: bo, groups: [a]}]\ngroups: [{name: a, members: [ada]}, {name: empty}, {name: none, members: []}]",
			[]directory.Group{{Name: "a", Members: []string{"ada", "bo"}}, {Name: "empty", Members: []string{}}, {Name: "none", Members: []string{}}},
			[]string{"a"},
		},
		{"said by nobody", "users: [{username: ada}]\ngroups:", []directory.Group{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := parse(t, directory.YAML, tt.in)
			if diff := cmp.Diff(tt.groups, d.Groups); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.ofAda, d.People[0].Groups); diff != "" {
				t.Errorf("groups of ada (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     directory.Person
	}{
		{"username is the e-mail", `{"email": " Ada@acme.test "}`, directory.Person{Username: "Ada@acme.test", Email: "Ada@acme.test", Active: true, Type: "internal"}},
		{"the id is given", `{"id": " 42 ", "email": "a@acme.test", "emails": null}`, directory.Person{ID: "42", Username: "a@acme.test", Email: "a@acme.test", Active: true, Type: "internal"}},
		{
			"further addresses", `{"username": "ada", "email": "a@acme.test", "emails": ["B@acme.test", "A@acme.test", " c", "b@acme.test"]}`,
			directory.Person{ID: "ada", Username: "ada", Email: "a@acme.test", Active: true, Type: "internal", Emails: []string{"B@acme.test", "c"}},
		},
		{"no other address", `{"username": "ada", "email": "a@acme.test", "emails": ["A@acme.test"]}`, directory.Person{ID: "ada", Username: "ada", Email: "a@acme.test", Active: true, Type: "internal"}},
		{"null is nothing", `{"username": "ada", "name": null, "email": null, "active": null, "type": null, "groups": null}`, directory.Person{ID: "ada", Username: "ada", Active: true, ActiveBlank: true, Type: "internal"}},
		{"all is said", `{"username": "ada", "name": "Ada", "email": "a@acme.test", "active": false, "type": "external", "groups": ["a"]}`, directory.Person{ID: "ada", Username: "ada", Name: "Ada", Email: "a@acme.test", Type: "external", Groups: []string{"a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []directory.Format{directory.JSONLines, directory.YAML} {
				in := tt.in
				if format == directory.YAML {
					in = "users: [" + in + "]"
				}
				if diff := cmp.Diff([]directory.Person{tt.want}, parse(t, format, in).People); diff != "" {
					t.Errorf("%s (-want +got):\n%s", format, diff)
				}
			}
		})
	}
}

// A blank cell is not the same as a column that is not there: what was said of
// the person before is said no more.
func TestBlankActivity(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"username,active\nada,true\nbo,\ncleo,false\ndino, \n": "bo dino",
		"username,active\nada,\nbo,\n":                         "ada bo",
		"username\nada\nbo\n":                                  "",
	} {
		if got := blanks(parse(t, directory.CSV, in)); got != want {
			t.Errorf("blank in %q: %q, want %q", in, got, want)
		}
	}
	const users = `[{"username": "ada", "active": null}, {"username": "bo"}, {"username": "cleo", "active": true}]`
	for format, in := range map[directory.Format]string{
		directory.JSON: `{"users": ` + users + `}`, directory.YAML: "users: " + users, directory.JSONLines: `{"username": "ada", "active": null}`,
	} {
		if got := blanks(parse(t, format, in)); got != "ada" {
			t.Errorf("blank in %s: %q", format, got)
		}
	}
}

// blanks are the usernames of whose activity is blank. All of them are active.
func blanks(d *directory.Directory) string {
	var names []string
	for _, p := range d.People {
		if p.ActiveBlank && p.Active {
			names = append(names, p.Username)
		}
	}
	return strings.Join(names, " ")
}

// Which entry counts where two have one address is not decided by reading.
func TestEntriesMayShareAnAddress(t *testing.T) {
	t.Parallel()
	d := parse(t, directory.CSV, "username,email,active,groups\nada2,ADA@acme.test,false,a\nada,ada@acme.test,true,b\n")
	want := []directory.Person{
		{ID: "ada", Username: "ada", Email: "ada@acme.test", Active: true, Type: "internal", Groups: []string{"b"}},
		{ID: "ada2", Username: "ada2", Email: "ADA@acme.test", Type: "internal", Groups: []string{"a"}},
	}
	if diff := cmp.Diff(want, d.People); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

// Nobody is a directory too, where the file says so.
func TestNobody(t *testing.T) {
	t.Parallel()
	for format, in := range map[directory.Format]string{
		directory.YAML: "users: []", directory.JSON: `{"users": null}`, directory.CSV: "username,email\n",
	} {
		want := &directory.Directory{Source: "people", People: []directory.Person{}, Groups: []directory.Group{}}
		if diff := cmp.Diff(want, parse(t, format, in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", format, diff)
		}
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	d := samples()
	d.People[1].ActiveBlank = true
	rest, skipped := d.Without([]string{"service_account", "external"})
	wantSkipped := []directory.Skipped{
		{Who: "007", Reason: "the type external is excluded"},
		{Who: "backup", Reason: "the type service_account is excluded"},
	}
	if diff := cmp.Diff(wantSkipped, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	want := samples()
	want.People = append(want.People[1:2:2], want.People[3:]...)
	want.People[0].ActiveBlank = true
	want.Groups[2].Members = want.Groups[2].Members[1:]
	if diff := cmp.Diff(want, rest); diff != "" {
		t.Errorf("rest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(samples(), d, butBlank()); diff != "" {
		t.Errorf("the directory itself has changed (-want +got):\n%s", diff)
	}
	everybody, none := d.Without(nil)
	if diff := cmp.Diff(d, everybody); diff != "" || len(none) > 0 {
		t.Errorf("without no type: %v (-want +got):\n%s", none, diff)
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	got, err := samples().Group("managers")
	if diff := cmp.Diff(directory.Group{Name: "managers", Members: []string{"ada", "bo"}}, got); diff != "" || err != nil {
		t.Errorf("group: %v (-want +got):\n%s", err, diff)
	}
	many := &directory.Directory{Source: "people"}
	for i := range 11 {
		many.Groups = append(many.Groups, directory.Group{Name: fmt.Sprintf("g%02d", i)})
	}
	for _, tt := range []struct {
		in   *directory.Directory
		hint string
	}{
		{samples(), "the groups are: developers, managers, on call"},
		{many, "the groups are: g00, g01, g02, g03, g04, g05, g06, g07, g08, g09, …"},
		{&directory.Directory{}, "the groups are: none"},
	} {
		_, err := tt.in.Group("Managers")
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), `no group "Managers" in `+tt.in.Source) {
			t.Errorf("unknown group: %v", err)
		}
		if diff := cmp.Diff([]string{tt.hint}, fault.Hints(err)); diff != "" {
			t.Errorf("hints (-want +got):\n%s", diff)
		}
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := directory.Parse(nil, "people", "ldif"); fault.CodeOf(err) != fault.Usage {
		t.Errorf("unknown format: %v", err)
	}
}
