package runreport_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/runreport"
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
		TeamsRename:   []plan.TeamRename{{ID: "10", From: name("Data"), To: name("data")}},
		MembersAdd:    []plan.Membership{{Team: name("data"), Email: name("ada@acme.test")}, {Team: name("data"), Email: name("dan@acme.test")}},
		MembersRemove: []plan.Membership{{Team: name("data"), Email: name("cleo@acme.test")}},
		UsersRemove:   []plan.UserRemove{{ID: "2", Email: name("bob@acme.test"), Role: "member", Reason: "inactive in the directory"}},
		TeamsDelete:   []plan.TeamDelete{{ID: "11", Name: name("old"), Reason: "its group has gone"}},
	}
	r.Skipped = []desired.Skipped{{Who: name("bot"), Reason: "the type service_account is excluded"}, {Who: name("kiosk"), Reason: "has no e-mail"}}
	r.Notes = []string{"1 person is removed: " + name("bob@acme.test")}
	r.Requests = output.Requests{Total: 12, ByMethod: map[string]int{"GET": 4, "POST": 3, "PATCH": 5}}
	r.Duration = 4210
	r.Before = &plan.Size{Members: 40, Teams: 6, Memberships: 75}
	r.After = &plan.Size{Members: 41, Teams: 6, Memberships: 76}
	return r
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
		}, refusal),
		"incomplete": finish(func(r *output.Report) {
			r.Applied = r.Plan.Counts()
			r.Applied.UsersCreate--
			r.Failed = []apply.Failure{{Kind: "users_create", Change: "invite " + name("dan@acme.test"), Error: name("Invalid organization role.")}}
			r.Unverified = []string{"invite " + name("dan@acme.test")}
		}, fault.Quiet(fault.Partial)),
		"interrupted": finish(func(r *output.Report) {
			r.Applied.UsersCreate, r.After = 1, nil
		}, fault.WithCode(errors.New("interrupted"), fault.Interrupted)),
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
