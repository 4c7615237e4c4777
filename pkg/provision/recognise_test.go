package provision_test

import (
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// ok runs a night that must succeed, and returns what was told.
func (n *nightly) ok(t *testing.T, yaml string) string {
	t.Helper()
	report, _, err := n.night(t, yaml)
	if err != nil || !report.Verified {
		t.Fatalf("%v, plan %v, failed %v, unverified %v, refused %v", err, report.Plan.Lines(), report.Failed, report.Unverified, report.Refused)
	}
	return skippedIn(report) + "\n" + strings.Join(report.Notes, "\n")
}

// absent lets the push remove whomever the directory does not name, so that not
// to be recognised costs the seat.
func (n *nightly) absent() *nightly {
	n.push.Policy.Remove = plan.RemoveAbsent
	return n
}

func twoMembers() sandbox.State {
	return stateWith([]sandbox.Member{member("2", "ada@acme.test", "member"), member("3", "bob@acme.test", "member")},
		teamWith("7", "Web", "web", "2", "3"), teamWith("8", "Hand-made", "hand-made", "2", "3"))
}

func (n *nightly) holdsExactly(t *testing.T, people map[string]string, teams map[string][]string) {
	t.Helper()
	gotPeople, gotTeams := n.holds()
	if diff := cmp.Diff(people, gotPeople) + cmp.Diff(teams, gotTeams); diff != "" {
		t.Errorf("Sentry differs (-want +got):\n%s", diff)
	}
}

func TestAChangedAddressTakesNoSecondSeat(t *testing.T) {
	t.Parallel()
	n := newNightly(t, twoMembers(), nil).absent()
	const bob = "{id: i2, username: bob, email: bob@acme.test, groups: [Web]}]"
	n.quiet(t, "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, "+bob)
	told := n.ok(t, "users: [{id: i1, username: lovelace, email: lovelace@acme.test, groups: [Web, Data]}, "+bob)
	if !strings.Contains(told, "1 person has another address than in Sentry, which SCIM cannot change") || !strings.Contains(told, "lovelace@acme.test (in Sentry ada@acme.test)") {
		t.Errorf("told %q", told)
	}
	after := map[string][]string{"Web": {"ada@acme.test", "bob@acme.test"}, "Data": {"ada@acme.test"}, "Hand-made": {"ada@acme.test", "bob@acme.test"}}
	n.holdsExactly(t, map[string]string{"ada@acme.test": "member", "bob@acme.test": "member"}, after)
	for range 3 {
		n.quiet(t, "users: [{id: i1, username: lovelace, email: lovelace@acme.test, groups: [Web, Data]}, "+bob)
	}
	// and who leaves then, leaves
	n.ok(t, "users: [{id: i1, username: lovelace, email: lovelace@acme.test, active: false}, "+bob)
	n.holdsExactly(t, map[string]string{"bob@acme.test": "member"}, map[string][]string{"Web": {"bob@acme.test"}, "Data": {}, "Hand-made": {"bob@acme.test"}})
}

// Somebody else has the address now: whose the member is, is not known, however
// many nights it takes.
func TestAnAddressThatIsSomebodyElsesHarmsNobody(t *testing.T) {
	t.Parallel()
	n := newNightly(t, twoMembers(), nil).absent()
	n.push.Policy.Remove = plan.RemoveAbsent
	const bob = "{id: i2, username: bob, email: bob@acme.test, groups: [Web]}]"
	n.quiet(t, "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, "+bob)
	before := n.sentry.Snapshot()
	const after = "users: [{id: i9, username: newada, email: ada@acme.test, groups: [Web]}, {id: i1, username: lovelace, email: lovelace@acme.test, groups: [Data]}, " + bob
	n.ok(t, "groups: [{name: Data}]\n"+after)
	for range 3 {
		if told := skippedIn(n.quiet(t, after)); !strings.Contains(told, "ada@acme.test is claimed by 2 people of the directory (ada@acme.test, lovelace@acme.test)") {
			t.Errorf("told %q", told)
		}
	}
	if diff := cmp.Diff(before.Members, n.sentry.Snapshot().Members); diff != "" {
		t.Errorf("members were touched (-before +after):\n%s", diff)
	}
	n.push.Policy.AcceptSecond = true
	n.ok(t, after)
	n.push.Policy.AcceptSecond = false
	n.quiet(t, after)
}

// A lost address is no reason to lose a seat, on no night.
func TestALostAddressCostsNoSeat(t *testing.T) {
	t.Parallel()
	n := newNightly(t, twoMembers(), nil).absent()
	n.push.Guards = plan.Standard()
	const bob = "{id: i2, username: bob, email: bob@acme.test, groups: [Web]}]"
	n.quiet(t, "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, "+bob)
	for range 3 {
		n.quiet(t, "users: [{id: i1, username: ada, groups: [Web]}, "+bob)
	}
	if n.remembers(t).Persons[0].NoAddress != true {
		t.Errorf("remembered is %+v", n.remembers(t).Persons)
	}
	n.push.Guards = open()
	n.push.Guards.Blank = plan.Limit{Count: 0} // who was blank before counts no longer
	n.quiet(t, "users: [{id: i1, username: ada, groups: [Web]}, "+bob)
	n.quiet(t, "users: [{id: i1, username: lovelace, email: lovelace@acme.test, groups: [Web]}, "+bob)
	if persons := n.remembers(t).Persons; persons[0].NoAddress || persons[0].Address != "lovelace@acme.test" {
		t.Errorf("remembered is %+v", persons)
	}
	n.ok(t, "users: ["+bob)
	n.holdsExactly(t, map[string]string{"bob@acme.test": "member"}, map[string][]string{"Web": {"bob@acme.test"}, "Hand-made": {"bob@acme.test"}})
}

// What was accepted once is remembered.
func TestASecondAddressIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"by an id": "id: i1, ", "by the address": ""} {
		n := newNightly(t, stateWith([]sandbox.Member{member("3", "old@acme.test", "member", "new@acme.test")}, teamWith("7", "Web", "web", "3")), nil).absent()
		yaml := "users: [{" + id + "username: new, email: new@acme.test, groups: [Web, Data]}]"
		if told := n.ok(t, yaml); !strings.Contains(told, "pass --accept-second-addresses") {
			t.Errorf("%s: told %q", name, told)
		}
		n.push.Policy.AcceptSecond = true
		n.ok(t, yaml)
		n.push.Policy.AcceptSecond = false
		if told := skippedIn(n.quiet(t, yaml)); told != "" {
			t.Errorf("%s: told %q", name, told)
		}
		n.holdsExactly(t, map[string]string{"old@acme.test": "member"}, map[string][]string{"Web": {"old@acme.test"}, "Data": {"old@acme.test"}})
	}
}

// Somebody invited a person by hand who is remembered under another address: the
// row of the address is theirs. The other one is left alone in that night, and a
// stranger from then on.
func TestASecondRowByHandIsTheSamePerson(t *testing.T) {
	t.Parallel()
	n := newNightly(t, twoMembers(), nil).absent()
	const bob = "{id: i2, username: bob, email: bob@acme.test, groups: [Web]}]"
	n.quiet(t, "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, "+bob)
	n.ask(t, http.MethodPost, "/Users", `{"userName":"lovelace@acme.test"}`)
	const after = "users: [{id: i1, username: ada, email: lovelace@acme.test, groups: [Web]}, " + bob
	if told := n.ok(t, after); !strings.Contains(told, "ada@acme.test: had the id of lovelace@acme.test in the directory") {
		t.Errorf("told %q", told)
	}
	n.ok(t, after)
	n.quiet(t, after)
	n.ok(t, "users: [{id: i1, username: ada, email: lovelace@acme.test, active: false}, "+bob)
	n.holdsExactly(t, map[string]string{"bob@acme.test": "member"}, map[string][]string{"Web": {"bob@acme.test"}, "Hand-made": {"bob@acme.test"}})
}

func TestARoleIsTakenBackWithTheRule(t *testing.T) {
	t.Parallel()
	state := twoMembers()
	state.Members[1].Role = "manager" // by hand
	var broken atomic.Bool
	n := newNightly(t, state, func(_ int, r *http.Request) sandbox.Fault {
		if broken.Load() && r.Method == http.MethodPut {
			return sandbox.Fault{Status: http.StatusInternalServerError, ContentType: "application/json", Body: `{"detail":"Internal Error"}`}
		}
		return sandbox.Fault{}
	})
	n.sel.Roles = managers()
	const both = "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web, leads]}, {id: i2, username: bob, email: bob@acme.test, groups: [Web, leads]}]"
	const none = "{users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, {id: i2, username: bob, email: bob@acme.test, groups: [Web]}], groups: [{name: leads}]}"
	n.ok(t, both)
	if people, _ := n.holds(); people["ada@acme.test"] != "manager" {
		t.Fatalf("members: %v", people)
	}
	broken.Store(true)
	for range 2 { // a failure is no reason to forget who gave the role
		if report, _, err := n.night(t, none); err == nil || len(report.Failed) != 2 {
			t.Fatalf("%v, failed %v", err, report.Failed)
		}
	}
	broken.Store(false)
	if told := n.ok(t, none); !strings.Contains(told, "bob@acme.test: keeps the role manager: it was given by hand in Sentry") {
		t.Errorf("told %q", told)
	}
	if people, _ := n.holds(); people["ada@acme.test"] != "member" || people["bob@acme.test"] != "manager" {
		t.Errorf("members: %v", people)
	}
	for range 2 {
		n.quiet(t, none)
	}
}

// What was given by hand once is a rule's once a rule gives it.
func TestARoleByHandBecomesTheRules(t *testing.T) {
	t.Parallel()
	state := twoMembers()
	state.Members[0].Role = "manager" // by hand
	n := newNightly(t, state, nil)
	n.sel.Roles = []desired.RoleRule{{Group: "leads", Role: "manager"}, {Group: "admins", Role: "admin"}}
	in := func(group string) string {
		return "{users: [{id: i1, username: ada, email: ada@acme.test, groups: [" + group + "]}], groups: [{name: leads}, {name: admins}, {name: others}]}"
	}
	for _, night := range []struct{ group, role string }{
		{"others", "manager"}, {"admins", "admin"}, {"others", "member"}, {"leads", "manager"}, {"others", "member"},
	} {
		n.ok(t, in(night.group))
		if people, _ := n.holds(); people["ada@acme.test"] != night.role {
			t.Errorf("in %s: %v, want %s", night.group, people, night.role)
		}
	}
	n.quiet(t, in("others"))
}

func TestARoleFallsToTheOneThatIsSet(t *testing.T) {
	t.Parallel()
	n := newNightly(t, twoMembers(), nil)
	n.sel.Roles, n.push.Policy.DefaultRole = managers(), "admin"
	n.ok(t, "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web, leads]}]")
	const none = "{users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}], groups: [{name: leads}]}"
	n.ok(t, none)
	if people, _ := n.holds(); people["ada@acme.test"] != "admin" || people["bob@acme.test"] != "member" {
		t.Errorf("members: %v", people)
	}
	n.quiet(t, none)
}

// A record of the first format knows how much there was, and nobody.
func TestARecordOfTheFirstFormatGuardsAndLearns(t *testing.T) {
	t.Parallel()
	n := newNightly(t, twoMembers(), nil)
	first := `{"format":1,"sentry_url":"` + n.server.URL + `","org":"acme","pushed_at":"2026-11-22T03:00:00Z","people":5,"teams":[]}`
	if err := os.WriteFile(n.path, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	n.push.Guards = plan.Standard()
	const yaml = "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, {id: i2, username: bob, email: bob@acme.test, groups: [Web]}]"
	if report, _, err := n.night(t, yaml); err == nil || !strings.Contains(strings.Join(report.Refused, "\n"), "less than half of the 5 of the last push") {
		t.Errorf("%v, refused %v", err, report.Refused)
	}
	n.push.Guards.AllowShrink = true
	report := n.quiet(t, yaml)
	if len(report.Plan.TeamsAdopt) > 0 {
		t.Errorf("adopted: %v", report.Plan.TeamsAdopt)
	}
	want := []memory.Person{{ID: "i1", Member: "2"}, {ID: "i2", Member: "3"}}
	if record := n.remembers(t); cmp.Diff(want, record.Persons) != "" || cmp.Diff([]string{"7"}, record.Managed) != "" || record.People != 2 {
		t.Errorf("remembered is %+v", record)
	}
}

// A run that remembers nothing yet says what that costs, where there is anybody
// to lose.
func TestAFirstRunSaysWhichGuardsAreOff(t *testing.T) {
	t.Parallel()
	const told = "no earlier push is remembered: the guards against losses over several nights"
	n := newNightly(t, twoMembers(), nil)
	const yaml = "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}, {id: i2, username: bob, email: bob@acme.test, groups: [Web]}]"
	if got := n.ok(t, yaml); !strings.Contains(got, told) {
		t.Errorf("told %q", got)
	}
	if got := n.ok(t, yaml); strings.Contains(got, told) {
		t.Errorf("the second night is told %q", got)
	}
	n = newNightly(t, stateWith(nil), nil)
	if got := n.ok(t, yaml); strings.Contains(got, told) {
		t.Errorf("an empty Sentry is told %q", got)
	}
}

// Members without an address are in nobody's way.
func TestPlaceholdersAreNeverTouched(t *testing.T) {
	t.Parallel()
	state := twoMembers()
	state.Members = append(state.Members, sandbox.Member{ID: "4", Placeholder: true, Role: "member"})
	state.Teams[0].Members = append(state.Teams[0].Members, "4")
	n := newNightly(t, state, nil).absent()
	if told := n.ok(t, "users: [{id: i1, username: ada, email: ada@acme.test, groups: [Web]}]"); !strings.Contains(told, "1 row of Sentry has no address and is left alone") {
		t.Errorf("told %q", told)
	}
	after := n.sentry.Snapshot()
	if len(after.Members) != 2 || !after.Members[1].Placeholder && !after.Members[0].Placeholder || len(after.Teams[0].Members) != 2 {
		t.Errorf("Sentry has %+v in %+v", after.Members, after.Teams)
	}
}

// The slug is reset where that is allowed, and then there is nothing to say.
func TestAnEditedSlugIsResetWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	state := stateWith([]sandbox.Member{member("2", "ada@acme.test", "member")}, teamWith("7", "web", "frontend", "2"))
	n := newNightly(t, state, nil)
	n.push.Policy.RenameSlugs = true
	n.ok(t, "users: [{email: ada@acme.test, groups: [Web]}]")
	if team := n.sentry.Snapshot().Teams[0]; team.Name != "Web" || team.Slug != "web" {
		t.Errorf("the team is %q, %q", team.Name, team.Slug)
	}
	state.Teams[0].Name, state.Teams[0].Slug = "By hand", "web" // whom a POST of Web would collide with
	n = newNightly(t, state, nil)
	if told := n.ok(t, "users: [{email: ada@acme.test, groups: [Web]}]"); !strings.Contains(told, `the team "By hand" was found by its slug "web"`) {
		t.Errorf("told %q", told)
	}
	if teams := n.sentry.Snapshot().Teams; len(teams) != 1 || teams[0].Slug != "web" || len(teams[0].Members) != 1 {
		t.Errorf("teams: %+v", teams)
	}
}
