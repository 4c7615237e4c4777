package authentik_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

func now() time.Time { return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC) }

func application() authentik.Selection {
	return authentik.Selection{Scope: authentik.ScopeApplication, Application: "sentry", Now: now()}
}

func usernames(p *authentik.People) string {
	var names []string
	for _, person := range p.Directory.People {
		names = append(names, person.Username)
	}
	return strings.Join(names, " ")
}

func TestWhomTheApplicationLetsIn(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode     string
		bindings []object
		want     string
		bound    string
		notes    []string
	}{
		"a group":            {"any", []object{binding(0, "group", "g-eng")}, "ada", "eng", nil},
		"with child groups":  {"any", []object{binding(0, "group", "g-staff")}, "ada bo cleo", "staff", nil},
		"a user and a group": {"any", []object{binding(0, "group", "g-eng"), binding(1, "user", 4)}, "ada dino", "eng", nil},
		"two groups":         {"any", []object{binding(1, "group", "g-eng"), binding(0, "group", "g-data")}, "ada bo", "data eng", nil},
		"all of them":        {"all", []object{binding(0, "group", "g-staff"), binding(1, "group", "g-eng")}, "ada", "eng staff", nil},
		"all, and not one":   {"all", []object{binding(0, "group", "g-staff"), binding(1, "user", 1, "negate", true)}, "bo cleo", "staff", nil},
		"not a group":        {"any", []object{binding(0, "group", "g-staff", "negate", true)}, "dino", "", nil},
		"none":               {"any", nil, "ada bo cleo dino", "", []string{"no bindings"}},
		"a disabled one":     {"any", []object{binding(0, "group", "g-eng"), binding(1, "group", "g-data", "enabled", false)}, "ada", "eng", []string{"do not count"}},
		"disabled ones only": {"any", []object{binding(0, "group", "g-eng", "enabled", false)}, "ada bo cleo dino", "", []string{"do not count", "no bindings"}},
		"an expired one": {
			"any",
			[]object{binding(0, "group", "g-eng"), binding(1, "group", "g-data", "expiring", true, "expires", "2026-09-01T11:59:59Z", "gone", true)},
			"ada", "eng",
			[]string{"do not count"},
		},
		"one that will expire": {"any", []object{binding(0, "group", "g-eng", "expiring", true, "expires", "2026-09-01T12:00:01Z")}, "ada", "eng", nil},
		"one that will not":    {"any", []object{binding(0, "group", "g-eng", "expiring", false, "expires", "2026-01-01T00:00:00Z")}, "ada", "eng", nil},
		"of another":           {"any", []object{binding(0, "group", "g-eng"), binding(1, "group", "g-data", "target", "app-2", "gone", true)}, "ada", "eng", nil},
		"one on a dry run":     {"any", []object{binding(0, "group", "g-eng"), binding(1, "group", "g-data", "dry_run", true, "gone", true)}, "ada", "eng", []string{"do not count"}},
		"dry runs only":        {"any", []object{binding(0, "group", "g-data", "dry_run", true, "gone", true)}, "ada bo cleo dino", "", []string{"do not count", "no bindings"}},
		"a policy":             {"any", []object{binding(0, "policy", "p-short")}, "bo", "", []string{"asked about 4 people"}},
		"a policy or a group":  {"any", []object{binding(0, "policy", "p-short"), binding(1, "group", "g-eng")}, "ada bo", "eng", []string{"asked about 3 people"}},
		"a policy and a group": {"all", []object{binding(0, "policy", "p-short"), binding(1, "group", "g-staff")}, "bo", "staff", []string{"asked about 3 people"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := company()
			f.bindings, f.app["policy_engine_mode"] = test.bindings, test.mode
			f.policies = map[string]func(object) bool{"p-short": func(u object) bool { return u["username"] == "bo" }}
			people, err := f.serve(t).People(t.Context(), application())
			if err != nil {
				t.Fatal(err)
			}
			if got := usernames(people); got != test.want {
				t.Errorf("in scope are %q, want %q", got, test.want)
			}
			if got := strings.Join(people.Bound, " "); got != test.bound {
				t.Errorf("bound are %q, want %q", got, test.bound)
			}
			if len(people.Notes) != len(test.notes) {
				t.Fatalf("notes %q, want %q", people.Notes, test.notes)
			}
			for i, want := range test.notes {
				if !strings.Contains(people.Notes[i], want) {
					t.Errorf("note %q, want %q", people.Notes[i], want)
				}
			}
		})
	}
}

func TestWithoutBindingsNobodyWhereTheFlagIsOff(t *testing.T) {
	t.Parallel()
	f := company()
	f.noDefault = true
	people, err := f.serve(t).People(t.Context(), application())
	if err != nil || len(people.Directory.People) != 0 || len(people.Notes) != 1 {
		t.Errorf("people %+v, error %v, want nobody and a note", people, err)
	}
}

func TestPoliciesTakeASuperuser(t *testing.T) {
	t.Parallel()
	f := company()
	f.superuser = false
	f.bindings = []object{binding(0, "policy", "p-short")}
	_, err := f.serve(t).People(t.Context(), application())
	if fault.CodeOf(err) != fault.Credential || len(fault.Hints(err)) == 0 {
		t.Errorf("error %v with hints %q, want a credential error", err, fault.Hints(err))
	}
	if asked := f.count("GET core/applications/sentry/check_access/"); asked != 0 {
		t.Errorf("%d people were asked about with a token that is answered about itself", asked)
	}
}

func TestOtherScopes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		selection authentik.Selection
		want      string
		code      fault.Code
		words     string
	}{
		"all":             {authentik.Selection{Scope: authentik.ScopeAll}, "ada bo cleo dino", fault.OK, ""},
		"a group":         {authentik.Selection{Scope: authentik.ScopeGroups, Groups: []string{"eng"}}, "ada", fault.OK, ""},
		"a pattern":       {authentik.Selection{Scope: authentik.ScopeGroups, Groups: []string{"*a*"}}, "ada bo cleo", fault.OK, ""},
		"no groups":       {authentik.Selection{Scope: authentik.ScopeGroups}, "", fault.Usage, "scim.groups"},
		"an unknown one":  {authentik.Selection{Scope: authentik.ScopeGroups, Groups: []string{"sales"}}, "", fault.Usage, "sales"},
		"another app":     {authentik.Selection{Scope: authentik.ScopeApplication, Application: "wiki"}, "", fault.Failed, `no application "wiki"`},
		"a path for slug": {authentik.Selection{Scope: authentik.ScopeApplication, Application: "../users"}, "", fault.Failed, "no key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			people, err := company().serve(t).People(t.Context(), test.selection)
			if fault.CodeOf(err) != test.code {
				t.Fatalf("code %d, want %d: %v", fault.CodeOf(err), test.code, err)
			}
			if err != nil {
				if !strings.Contains(err.Error(), test.words) {
					t.Errorf("error %q, want %q in it", err, test.words)
				}
				return
			}
			if got := usernames(people); got != test.want {
				t.Errorf("in scope are %q, want %q", got, test.want)
			}
		})
	}
}

func TestNestedGroups(t *testing.T) {
	t.Parallel()
	nested := map[string][]directory.Group{
		"flat": {{Name: "data", Members: []string{"bo"}}, {Name: "eng", Members: []string{"ada"}}, {Name: "staff", Members: []string{"ada", "bo", "cleo"}}},
		"deep": {{Name: "data", Members: []string{"bo"}}, {Name: "eng", Members: []string{"ada"}}, {Name: "staff", Members: []string{"cleo"}}},
	}
	old := func(f *fake) {
		for _, g := range f.groups {
			parents, _ := g["parents"].([]string)
			delete(g, "parents")
			g["parent"] = nil
			if len(parents) > 0 {
				g["parent"] = parents[0]
			}
		}
	}
	round := func(f *fake) { f.groups[0]["parents"] = []string{"g-staff", "g-eng"} }
	for name, test := range map[string]struct {
		change  func(*fake)
		flatten bool
		want    []directory.Group
	}{
		"parents, flattened":    {func(*fake) {}, true, nested["flat"]},
		"parents":               {func(*fake) {}, false, nested["deep"]},
		"one parent, flattened": {old, true, nested["flat"]},
		"one parent":            {old, false, nested["deep"]},
		"going round": {round, true, []directory.Group{
			{Name: "data", Members: []string{"bo"}}, {Name: "eng", Members: []string{"ada", "bo", "cleo"}}, {Name: "staff", Members: []string{"ada", "bo", "cleo"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := company()
			test.change(f)
			people, err := f.serve(t).People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll, Flatten: test.flatten})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, people.Directory.Groups); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
			checkBothSides(t, people.Directory)
		})
	}
}

// checkBothSides holds that memberships say the same of people and of groups.
func checkBothSides(t *testing.T, d *directory.Directory) {
	t.Helper()
	ofPeople, ofGroups := map[string]bool{}, map[string]bool{}
	for _, p := range d.People {
		for _, group := range p.Groups {
			ofPeople[group+"/"+p.Username] = true
		}
	}
	for _, g := range d.Groups {
		for _, member := range g.Members {
			ofGroups[g.Name+"/"+member] = true
		}
	}
	if diff := cmp.Diff(ofPeople, ofGroups); diff != "" {
		t.Errorf("memberships differ (-people +groups):\n%s", diff)
	}
}

func TestPeopleAreReadWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*fake)
		words  string
	}{
		"a user in an unknown group": {func(f *fake) { f.users[0]["groups"] = []string{"g-gone"} }, "does not list the group g-gone"},
		"a user without groups":      {func(f *fake) { delete(f.users[0], "groups") }, "without groups"},
		"an unknown parent":          {func(f *fake) { f.groups[0]["parents"] = []string{"g-gone"} }, "does not list the group g-gone"},
		"an unknown bound group":     {func(f *fake) { f.bindings = []object{binding(0, "group", "g-gone")} }, "does not list the group g-gone"},
		"two groups of one name":     {func(f *fake) { f.groups[1]["name"] = "staff" }, `two groups called "staff"`},
		"a user who is listed twice": {func(f *fake) { f.users[1]["pk"] = 1 }, "came twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := company()
			test.change(f)
			people, err := f.serve(t).People(t.Context(), application())
			if people != nil || err == nil || !strings.Contains(err.Error(), test.words) || len(fault.Hints(err)) == 0 && name != "a user without groups" {
				t.Errorf("people %v, error %v with hints %q, want %q", people, err, fault.Hints(err), test.words)
			}
		})
	}
}

// TestManyPeople reads a directory as large as they come, in as few requests as
// the server's pages allow.
func TestManyPeople(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("100,000 people take seconds")
	}
	const users, groups = 100_000, 1_000
	many := &fake{version: "2026.8.0", superuser: true, app: company().app}
	for i := range groups {
		many.groups = append(many.groups, object{"pk": "g-" + number(i), "name": "group " + number(i), "parents": []string{}})
	}
	for i := range users {
		many.users = append(many.users, person(i+1, "user"+number(i), "g-"+number(i%groups), "g-"+number((i+1)%groups)))
	}
	many.bindings = []object{binding(0, "group", "g-"+number(0))}
	people, err := many.serve(t).People(t.Context(), application())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(people.Directory.People); got != 2*users/groups {
		t.Errorf("%d people are in scope, want %d", got, 2*users/groups)
	}
	want := map[string]int{
		"GET admin/version/": 1,
		"GET core/users/":    users / 100, "GET core/groups/": groups / 100, "GET policies/bindings/": 1, "GET core/applications/sentry/": 1,
	}
	if diff := cmp.Diff(want, many.seen); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestAFailedPageStopsTheRun(t *testing.T) {
	t.Parallel()
	f := company()
	f.cap = 1
	f.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("page") != "3" || !strings.HasSuffix(r.URL.Path, "/users/") {
			return false
		}
		reply(w, http.StatusInternalServerError, object{"detail": "boom"})
		return true
	}
	people, err := f.serve(t).People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll})
	if people != nil || err == nil || !strings.Contains(err.Error(), "GET /api/v3/core/users/: answered 500 Internal Server Error: boom") {
		t.Errorf("people %v, error %v, want the failed page", people, err)
	}
}

// The ID outlives a change of everything else, and a new installation that counts
// users from 1 again.
func TestTheIDIsTheUUID(t *testing.T) {
	t.Parallel()
	f := company()
	f.users[0]["uuid"] = "6d1f53e6-6a9c-4b0e-9d3c-1a2b3c4d5e6f"
	people, err := f.serve(t).People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, p := range people.Directory.People {
		ids[p.Username] = p.ID
	}
	want := map[string]string{"ada": "6d1f53e6-6a9c-4b0e-9d3c-1a2b3c4d5e6f", "bo": "2", "cleo": "3", "dino": "4"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("IDs (-want +got):\n%s", diff)
	}
}

func TestAttributesAreReadWhereTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	ada := object{"pk": 1, "username": "ada", "email": "ada@acme.test", "is_active": true, "groups": []string{}, "attributes": object{"unit": object{"code": "R7"}}}
	f := &fake{version: "2026.8.0", cap: 100, users: []object{ada}, superuser: true}
	for asked, want := range map[bool]map[string]any{true: {"unit": map[string]any{"code": "R7"}}, false: nil} {
		people, err := f.serve(t).People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll, Attributes: asked})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, people.Directory.People[0].Attributes); diff != "" {
			t.Errorf("asked %t:\n%s", asked, diff)
		}
	}
	deep := any("x")
	for range 20 {
		deep = object{"d": deep}
	}
	ada["attributes"] = deep
	if _, err := f.serve(t).People(t.Context(), authentik.Selection{Scope: authentik.ScopeAll, Attributes: true}); err == nil || !strings.Contains(err.Error(), "the attributes of ada in authentik") {
		t.Errorf("error %v", err)
	}
}
