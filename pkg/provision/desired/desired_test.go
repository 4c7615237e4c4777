package desired_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func groups(names ...string) *directory.Directory {
	d := &directory.Directory{Source: "test"}
	for _, name := range names {
		d.Groups = append(d.Groups, directory.Group{Name: name})
	}
	return d
}

func teamNames(want *desired.State) string {
	var names []string
	for _, t := range want.Teams {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

func TestGroupsAreChosenByNamesAndPatterns(t *testing.T) {
	t.Parallel()
	d := groups("[old] web", "data", "org/team-a", "team-a", "team-b", "x*")
	tests := []struct{ patterns, teams string }{
		{"", "[old] web data org/team-a team-a team-b x*"},
		{"team-*", "team-a team-b"},
		{"team-?", "team-a team-b"},
		{"team-[^a]", "team-b"},
		{"*", "[old] web data org/team-a team-a team-b x*"},
		{"*team*", "org/team-a team-a team-b"},
		{"[old] web", "[old] web"},
		{"x*", "x*"},
		{"data,team-b,team-*", "data team-a team-b"},
		{"dta", ""},
		{"nothing-*", ""},
		{"[", ""},
		{"data,nothing-*", ""},
	}
	for _, tt := range tests {
		t.Run(tt.patterns, func(t *testing.T) {
			t.Parallel()
			var sel desired.Selection
			if tt.patterns != "" {
				sel.Groups = strings.Split(tt.patterns, ",")
			}
			want, err := desired.Want(d, sel)
			if tt.teams == "" {
				if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) != 1 {
					t.Errorf("got %v with the hints %v, want a usage error with one", err, fault.Hints(err))
				}
				return
			}
			if err != nil || teamNames(want) != tt.teams {
				t.Errorf("got %v, %q, want %q", err, teamNames(want), tt.teams)
			}
		})
	}
}

func TestRulesForGroupsThatDoNotExistAreRefusedWithASuggestion(t *testing.T) {
	t.Parallel()
	for name, sel := range map[string]desired.Selection{
		"scim.groups":     {Groups: []string{"tema-a"}},
		"scim.team_names": {TeamNames: []desired.TeamName{{Group: "tema-a", Team: "A"}}},
		"scim.roles":      {Roles: []desired.RoleRule{{Group: "tema-a", Role: "manager"}}},
	} {
		_, err := desired.Want(groups("team-a"), sel)
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), name) || !strings.Contains(hints(err), `did you mean "team-a"?`) {
			t.Errorf("%s: got %v with the hints %v", name, err, fault.Hints(err))
		}
	}
	twice := []desired.TeamName{{Group: "a", Team: "A"}, {Group: "a", Team: "B"}}
	if _, err := desired.Want(groups("a"), desired.Selection{TeamNames: twice}); fault.CodeOf(err) != fault.Usage {
		t.Errorf("two names for one group: got %v", err)
	}
}

func TestTeamNamesCollideAsGroupsDo(t *testing.T) {
	t.Parallel()
	rules := []desired.TeamName{{Group: "a", Team: "R&D"}, {Group: "b", Team: "rd"}}
	_, err := desired.Want(groups("a", "b", "c"), desired.Selection{TeamNames: rules})
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), `"a" and "b" would both be the team "rd"`) {
		t.Errorf("got %v", err)
	}
	rules = []desired.TeamName{{Group: "команда", Team: "Ops"}}
	want, err := desired.Want(groups("команда"), desired.Selection{TeamNames: rules})
	if err != nil || teamNames(want) != "Ops" || want.Teams[0].Group != "команда" || want.Teams[0].Slug != "ops" {
		t.Errorf("got %v, %+v", err, want)
	}
}

func TestPeopleWhoShareAnEmailMustAgree(t *testing.T) {
	t.Parallel()
	base := directory.Person{Username: "a", Email: "x@acme.test", Active: true, Type: "internal"}
	for name, tt := range map[string]struct {
		change  func(*directory.Person)
		refused bool
	}{
		"the same":       {func(*directory.Person) {}, false},
		"another name":   {func(p *directory.Person) { p.Name = "B" }, false},
		"inactive":       {func(p *directory.Person) { p.Active = false }, true},
		"another type":   {func(p *directory.Person) { p.Type = "service_account" }, true},
		"another e-mail": {func(p *directory.Person) { p.Email, p.Active = "y@acme.test", false }, false},
		"no e-mail":      {func(p *directory.Person) { p.Email, p.Active = "", false }, false},
	} {
		other := base
		other.Username, other.Email = "b", "X@Acme.test"
		tt.change(&other)
		_, err := desired.Want(&directory.Directory{Source: "test", People: []directory.Person{base, other}}, desired.Selection{})
		if refused := fault.CodeOf(err) == fault.Refused; refused != tt.refused {
			t.Errorf("%s: got %v, want refused = %v", name, err, tt.refused)
		}
	}
}

// Nobody is removed as absent whom the directory has under the same address,
// whatever keeps them from being provisioned.
func TestWhoeverTheDirectoryKnowsIsNotAbsent(t *testing.T) {
	t.Parallel()
	const address = "ada@acme.test"
	long := strings.Repeat("a", 80) + "@acme.test" // longer than Sentry takes
	tests := map[string]struct {
		person  directory.Person
		member  string
		removed bool
	}{
		"provisioned":                             {directory.Person{Username: "ada", Email: address, Active: true}, address, false},
		"without an e-mail, by the username":      {directory.Person{Username: "ADA@acme.test", Active: true}, address, false},
		"with an address that Sentry refuses":     {directory.Person{Username: "ada", Email: long, Active: true}, long, false},
		"a service account":                       {directory.Person{Username: "ada", Email: address, Type: "robot", Active: true}, address, false},
		"a service account, by the username":      {directory.Person{Username: address, Type: "robot", Active: true}, address, false},
		"unmappable and inactive":                 {directory.Person{Username: "ada", Email: long}, long, true},
		"somebody else":                           {directory.Person{Username: "bob", Email: "bob@acme.test", Active: true}, address, true},
		"under another e-mail, which is provided": {directory.Person{Username: address, Email: "new@acme.test", Active: true}, address, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &directory.Directory{Source: "test", People: []directory.Person{tt.person}}
			want, err := desired.Want(d, desired.Selection{ExcludeTypes: []string{"robot"}})
			if err != nil {
				t.Fatal(err)
			}
			if want.Untouched[""] {
				t.Error("whoever has no address is left alone")
			}
			plan, _ := plan.Compare(want, &plan.Actual{Users: []scim.User{member("2", tt.member, "member")}}, plan.RemoveAbsent)
			if removed := len(plan.UsersRemove) == 1; removed != tt.removed {
				t.Errorf("plan %v, want removed = %v", plan.Lines(), tt.removed)
			}
		})
	}
}

func TestOwnersAndWhoCouldBeOneAreNeverTouched(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"owner", "Owner", ""} {
		actual := &plan.Actual{Users: []scim.User{member("1", "a@acme.test", role), member("2", "b@acme.test", role)}}
		want := &desired.State{People: []provision.Person{{Email: "a@acme.test"}, {Email: "b@acme.test", Active: true, Role: "member"}}}
		for _, remove := range []plan.Remove{plan.RemoveInactive, plan.RemoveAbsent} {
			plan, skipped := plan.Compare(want, actual, remove)
			if !plan.Empty() || len(skipped) != 2 {
				t.Errorf("role %q: plan %v, skipped %v", role, plan.Lines(), skipped)
			}
		}
	}
}

func TestRemovedPeopleWhoMayComeBackAreNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sampleOf("a@acme.test", "b@acme.test", "c@acme.test"), nil)
	w.push.DryRun, w.push.Remove = true, plan.RemoveAbsent
	report, err := w.push.Run(t.Context(), desired(t, "users: [{email: a@acme.test, active: false}, {username: B@acme.test, email: new@acme.test}]"))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 person is removed, but still active in the directory under another e-mail: who can still log in by SSO comes back with the default role: b@acme.test (now new@acme.test)",
		"1 person is removed for not being in the directory as it was read: who can still log in by SSO comes back with the default role",
	}
	if diff := cmp.Diff(want, report.Notes); diff != "" {
		t.Errorf("notes differ (-want +got):\n%s", diff)
	}
}
