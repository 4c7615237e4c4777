package runreport_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/runreport"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func begun() time.Time { return time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC) }

// report has something of everything; name makes its names.
func report(name func(string) string) *output.Report {
	r := output.NewReport("https://sentry.example.com", "acme", name("people.yaml"))
	r.Plan = &plan.Plan{
		UsersCreate:   []plan.UserCreate{{Email: name("ada@acme.test")}, {Email: name("dan@acme.test"), Role: "manager"}},
		UsersRole:     []plan.UserRole{{ID: "4", Email: name("cleo@acme.test"), From: "member", To: "manager"}},
		TeamsCreate:   []plan.TeamCreate{{Name: name("engineering"), Slug: "engineering"}},
		TeamsAdopt:    []plan.TeamAdopt{{ID: "10", Name: name("Data"), Members: 3, Loses: 1}},
		TeamsRename:   []plan.TeamRename{{ID: "10", From: name("Data"), To: name("data")}},
		MembersAdd:    []plan.Membership{{Team: name("data"), Email: name("ada@acme.test")}, {Team: name("data"), Email: name("dan@acme.test")}},
		MembersRemove: []plan.Membership{{Team: name("data"), Email: name("cleo@acme.test")}},
		UsersRemove:   []plan.UserRemove{{ID: "2", Email: name("bob@acme.test"), Role: "member", Reason: "inactive in the directory"}},
		TeamsDelete:   []plan.TeamDelete{{ID: "11", Name: name("old"), Reason: "its group has gone"}},

		TeamRoles:      []plan.TeamRole{{Team: name("data"), Email: name("ada@acme.test"), From: "contributor", To: "admin"}},
		ProjectsRemove: []plan.ProjectLink{{Team: name("data"), Project: name("old-pipeline")}},
		ProjectsAdd:    []plan.ProjectLink{{Team: name("data"), Project: name("pipeline")}, {Team: name("data"), Project: name("warehouse")}},
	}
	r.Skipped = []desired.Skipped{{Who: name("bot"), Reason: "the type service_account is excluded"}, {Who: name("kiosk"), Reason: "has no e-mail"}}
	r.Notes = []string{"1 person is removed: " + name("bob@acme.test")}
	r.Requests = output.Requests{Total: 12, ByMethod: map[string]int{"GET": 4, "POST": 3, "PATCH": 5}}
	r.Duration, r.Reading = 4210, 1300
	r.Guards = verdicts(name)
	r.Before = &plan.Size{Members: 40, Teams: 6, Memberships: 75}
	r.After = &plan.Size{Members: 41, Teams: 6, Memberships: 76}
	return r
}

// verdicts are those of a push without a memory, with a limit that was raised
// and a guard that was switched off.
func verdicts(name func(string) string) plan.Verdicts {
	guards := plan.Standard()
	guards.Removals, guards.AllowEmptyTeams = plan.Limit{Count: 9}, true
	users := make([]scim.User, 40)
	for i := range users {
		users[i] = scim.User{ID: strconv.Itoa(i), UserName: fmt.Sprintf("p%d@acme.test", i), Role: "member"}
	}
	want := &desired.State{People: []*desired.Person{{IDs: []string{"0"}, Name: "p0", Email: "p0@acme.test", Active: true}}, Teams: []desired.Team{{Name: name("data")}}}
	actual := &plan.Actual{Users: users, Groups: []scim.Group{{ID: "10", DisplayName: name("data"), Members: []scim.Member{{ID: "1", Display: "p1@acme.test"}}}}}
	compared := plan.Compare(want, actual, plan.Policy{}, nil, memory.Known{}.Clone())
	return guards.Judge(plan.Case{Want: want, Actual: actual, Plan: compared, Now: begun()})
}

func same(text string) string { return text }

// runs are the ways in which a push can end.
func runs(name func(string) string) map[string]*runreport.Run {
	finish := func(change func(*output.Report), err error) *runreport.Run {
		r := report(name)
		change(r)
		return runreport.New(r, err, begun(), "1.2.3-test")
	}
	refusal := fault.Hint(fault.New(fault.Refused, "the plan removes 9 of %s", name("40 members")), "pass --max-removals 9")
	return map[string]*runreport.Run{
		"done": finish(func(r *output.Report) {
			r.Applied, r.Verified, r.Snapshot = r.Plan.Counts(), true, name("snapshots/acme.json")
		}, nil),
		"nothing": finish(func(r *output.Report) {
			*r = *output.NewReport("https://sentry.example.com", "acme", name("people.yaml"))
			r.Before, r.Verified = &plan.Size{Members: 3}, true
			r.After = r.Before
		}, nil),
		"dry-run": finish(func(r *output.Report) { r.DryRun = true }, fault.Quiet(fault.Changes)),
		"refused": finish(func(r *output.Report) {
			r.After, r.Refused = r.Before, []string{"the plan removes 9 of " + name("40 members")}
			r.Guards[0].Refused, r.Guards[0].Says = true, "the plan removes 9 of "+name("40 members")
		}, refusal),
		"incomplete": finish(func(r *output.Report) {
			r.Applied = r.Plan.Counts()
			r.Applied.UsersCreate--
			r.Failed = []apply.Failure{{
				Kind: "users_create", Change: "invite " + name("dan@acme.test"), Error: name("Invalid organization role."), Hints: []string{"give " + name("another role")},
			}}
			r.Unverified = []string{"invite " + name("dan@acme.test")}
		}, fault.Quiet(fault.Partial)),
		"interrupted": finish(func(r *output.Report) {
			r.After = nil
			r.Failed = []apply.Failure{
				{Kind: "users_create", Change: "invite " + name("ada@acme.test"), Error: "the run ended before Sentry answered", Hints: []string{}, Uncertain: true},
				{Kind: "users_remove", Change: "remove " + name("bob@acme.test"), Error: name("no answer"), Hints: []string{"run it " + name("again")}, Uncertain: true},
				{Kind: "users_remove", Change: "remove " + name("eve@acme.test"), Error: name("503"), Hints: []string{}},
			}
		}, fault.WithCode(errors.New("interrupted"), fault.Interrupted)),
		"restored": finish(func(r *output.Report) {
			r.Kind, r.Guards, r.Skipped, r.Notes = output.KindRestore, plan.Verdicts{}, []desired.Skipped{}, []string{}
			fresh := plan.New()
			r.Plan.UsersRemove, r.Plan.TeamsDelete, r.Plan.MembersRemove, r.Plan.TeamsAdopt = fresh.UsersRemove, fresh.TeamsDelete, fresh.MembersRemove, fresh.TeamsAdopt
			r.Plan.ProjectsRemove = fresh.ProjectsRemove
			r.Applied, r.Verified, r.Source = r.Plan.Counts(), true, name("snapshots/acme.json")
		}, nil),
		"failed": runreport.New(output.NewReport("https://sentry.example.com", "acme", name("people.yaml")),
			fault.Hint(errors.New("GET /Users: "+name("503")), "try again"), begun(), "1.2.3-test"),
	}
}

func TestReportsLookAsTheyShould(t *testing.T) {
	t.Parallel()
	for name, run := range runs(same) {
		for _, format := range runreport.Formats() {
			t.Run(name+format, func(t *testing.T) {
				t.Parallel()
				golden(t, filepath.Join("testdata", name+format), render(t, run, runreport.Format(format)))
			})
		}
	}
}

func TestAFailureKeepsItsHintsInEveryFormat(t *testing.T) {
	t.Parallel()
	for run, want := range map[string][]string{
		"incomplete":  {"dan@acme.test", "Invalid organization role.", "give another role"},
		"interrupted": {"remove bob@acme.test", "no answer", "run it again"},
		"refused":     {"the plan removes 9 of 40 members", "pass --max-removals 9"},
		"failed":      {"GET /Users: 503", "try again"},
	} {
		for _, format := range runreport.Formats() {
			out := render(t, runs(same)[run], runreport.Format(format))
			for _, text := range want {
				if !strings.Contains(out, text) {
					t.Errorf("%s%s lacks %q:\n%s", run, format, text, out)
				}
			}
		}
	}
}

func TestWhatMayHaveBeenDoneIsSaid(t *testing.T) {
	t.Parallel()
	for _, format := range runreport.Formats() {
		out := render(t, runs(same)["interrupted"], runreport.Format(format))
		said := strings.Contains(strings.ToLower(out), "may have been done") || strings.Contains(out, `"uncertain": true`)
		if !said || strings.Contains(out, "nothing changed") || strings.Contains(out, "nothing was written") {
			t.Errorf("%s does not say that changes may have been done:\n%s", format, out)
		}
	}
	want := "Interrupted: 1 failed; may have been done: 2; 0 of 14 changes made"
	if got := runs(same)["interrupted"].Headline(); got != want {
		t.Errorf("the headline is %q, want %q", got, want)
	}
}

func TestARestoreIsNotCalledAPush(t *testing.T) {
	t.Parallel()
	for _, format := range runreport.Formats() {
		out := render(t, runs(same)["restored"], runreport.Format(format))
		if strings.Contains(strings.ToLower(out), "push") || !strings.Contains(out, "restore") {
			t.Errorf("%s calls a restore otherwise:\n%s", format, out)
		}
	}
}

// Build servers show the history of a case by its name.
func TestJUnitHasTheSameCasesInEveryRun(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`<testcase name="([^"]*)"`)
	cases := func(run string) []string {
		var list []string
		for _, found := range names.FindAllStringSubmatch(render(t, runs(same)[run], runreport.JUnit), -1) {
			list = append(list, found[1])
		}
		return list
	}
	want := cases("done")
	for run := range runs(same) {
		if diff := cmp.Diff(want, cases(run)); diff != "" {
			t.Errorf("%s has other cases:\n%s", run, diff)
		}
	}
	for _, v := range verdicts(same) {
		if !slices.Contains(want, "guard "+v.Guard) {
			t.Errorf("the guard %s has no case", v.Guard)
		}
	}
	if got := len(plan.GuardNames()); got != len(verdicts(same)) {
		t.Errorf("%d guards have names, %d have verdicts", got, len(verdicts(same)))
	}
}

func TestWhatIsTakenAwayComesFirst(t *testing.T) {
	t.Parallel()
	for _, format := range runreport.Formats() {
		out := render(t, runs(same)["dry-run"], runreport.Format(format))
		first, removals, others := len(out), 0, 0
		for _, title := range []string{"Invitations", "Changes of roles", "New teams", "Added to teams", `"users_create"`, `"users_role"`} {
			if i := strings.Index(strings.ToLower(out), strings.ToLower(title)); i >= 0 {
				first, others = min(first, i), others+1
			}
		}
		for _, title := range []string{"Removed people", "Deleted teams", "Removed from teams", `"users_remove"`, `"teams_delete"`, `"members_remove"`} {
			i := strings.Index(strings.ToLower(out), strings.ToLower(title))
			if i >= 0 {
				removals++
			}
			if i > first {
				t.Errorf("%s has %q behind additions", format, title)
			}
		}
		if removals == 0 || others == 0 {
			t.Errorf("%s has %d kinds of removals and %d others", format, removals, others)
		}
	}
}

func render(t *testing.T, run *runreport.Run, format runreport.Format) string {
	t.Helper()
	out, err := run.Render(format)
	if err != nil {
		t.Fatal(err)
	}
	again, err := run.Render(format)
	if err != nil || string(again) != string(out) {
		t.Fatalf("the same run gave other bytes (%v)", err)
	}
	return string(out)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func TestTheExtensionIsTheFormat(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]runreport.Format{
		"a.json": runreport.JSON, "b/c.MD": runreport.Markdown, "x.tar.html": runreport.HTML, "junit.xml": runreport.JUnit,
	} {
		if got, err := runreport.FormatOf(path); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", path, got, err, want)
		}
	}
	for _, path := range []string{"", "-", "report", "report.txt", "a.json/b", ".yaml"} {
		_, err := runreport.FormatOf(path)
		if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) != 1 {
			t.Errorf("%q gave %v, want a usage error with a hint", path, err)
		}
	}
}

func TestMarkdownIsCutBetweenLines(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("- a line\n", 100))
	for limit := range 1000 {
		cut := string(runreport.Cut(text, limit))
		if len(cut) > limit {
			t.Fatalf("cut to %d bytes it has %d", limit, len(cut))
		}
		lines, note, found := strings.Cut(cut, "\n**The report is cut here")
		if cut != "" && limit < len(text) && (!found || strings.Contains(note, "- a") || strings.ReplaceAll(lines, "- a line\n", "") != "") {
			t.Fatalf("cut to %d bytes it is %q", limit, cut)
		}
	}
	if got := runreport.Cut(text, len(text)); string(got) != string(text) {
		t.Error("what fits was cut")
	}
}
