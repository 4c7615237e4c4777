package output_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// planned is a report with a change of every kind.
func planned() *output.Report {
	r := output.NewReport("https://sentry.example.com", "acme", "people.yaml")
	r.Plan.UsersRemove = []plan.UserRemove{{ID: "2", Email: "bob@acme.test", Role: "member", Reason: "inactive in the directory"}}
	r.Plan.TeamsDelete = []plan.TeamDelete{{ID: "11", Name: "old", Reason: "the directory no longer has the group old"}}
	r.Plan.MembersRemove = []plan.Membership{{Team: "data", Email: "cleo@acme.test"}}
	r.Plan.UsersRole = []plan.UserRole{{ID: "4", Email: "cleo@acme.test", From: "manager"}}
	r.Plan.TeamsAdopt = []plan.TeamAdopt{{ID: "10", Name: "Data", Members: 3, Loses: 1}}
	r.Plan.TeamsRename = []plan.TeamRename{{ID: "10", From: "Data", To: "data"}}
	r.Plan.UsersCreate = []plan.UserCreate{{Email: "ada@acme.test", Role: "admin"}}
	r.Plan.TeamsCreate = []plan.TeamCreate{{Name: "web", Slug: "web"}}
	r.Plan.MembersAdd = []plan.Membership{{Team: "web", Email: "ada@acme.test"}, {Team: "web", Email: "eve@acme.test"}}
	r.Requests.Total = 12
	return r
}

func text(t *testing.T, r *output.Report) string {
	t.Helper()
	var out strings.Builder
	if err := r.RenderText(&out, ui.Plain()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func closing(t *testing.T, r *output.Report) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(text(t, r)), "\n")
	return lines[len(lines)-1]
}

func TestTheTextHasWhatIsTakenAwayFirst(t *testing.T) {
	t.Parallel()
	r := planned()
	r.DryRun = true
	r.Skipped = []desired.Skipped{{Who: "bot", Reason: "the type service_account is excluded"}}
	r.Notes = []string{"a note"}
	r.Guards = plan.Verdicts{
		{Guard: "memberships", Setting: "scim.guard.max_membership_losses", On: true, Says: "as usual"},
		{Guard: "removals", Setting: "scim.guard.max_removals", On: true, Looser: true, Says: "the plan removes 1 member of 40"},
		{Guard: "emptied_teams", Setting: "scim.guard.allow_empty_teams", Looser: true, Says: "no team is emptied"},
		{Guard: "blank_cells", Setting: "scim.guard.max_blank", Says: "no earlier push is remembered"},
	}
	want := `- person bob@acme.test (inactive in the directory): Sentry deletes the membership
- team   old (the directory no longer has the group old): its projects are left without it
- member data: 1
         cleo@acme.test
~ role   cleo@acme.test: manager -> the default role
~ adopt  Data: no earlier push is known to have managed the team; it loses 1 of 3 members
~ team   Data -> data
+ person ada@acme.test as admin
+ team   web
+ member web: 2
         ada@acme.test, eve@acme.test
~ skip   1: the type service_account is excluded
         bot
note: a note
note: the guard removals is looser than its default: the plan removes 1 member of 40
note: the guard emptied_teams is off by scim.guard.allow_empty_teams: no team is emptied
dry run: 1 person to remove, 1 team to delete, 1 membership to remove, 1 role to change, 1 team to rename, 1 person to invite, 1 team to create, 2 memberships to add; nothing was written, 12 requests
`
	if diff := cmp.Diff(want, text(t, r)); diff != "" {
		t.Error(diff)
	}
}

func TestEachFailureIsShownAsWhatItIs(t *testing.T) {
	t.Parallel()
	r := planned()
	r.Failed = []apply.Failure{
		{Change: "invite ada@acme.test", Error: "503", Hints: []string{"try again", "ask the\x1b[31m admin"}},
		{Change: "remove bob@acme.test", Error: "the run ended before Sentry answered", Uncertain: true},
	}
	r.Unverified = []string{"create the team web"}
	want := []string{
		"failed: could not invite ada@acme.test: 503",
		"         hint: try again",
		"         hint: ask the\uFFFD[31m admin",
		"may have been done: remove bob@acme.test: the run ended before Sentry answered",
		"not verified: Sentry still needs to create the team web",
		"incomplete: 1 failed; may have been done: 1, 12 requests",
		"",
	}
	lines := strings.Split(text(t, r), "\n")
	if diff := cmp.Diff(want, lines[len(lines)-len(want):]); diff != "" {
		t.Error(diff)
	}
}

func TestTheClosingLineSaysWhatBecameOfThePlan(t *testing.T) {
	t.Parallel()
	failed := apply.Failure{Change: "x", Error: "y"}
	uncertain := apply.Failure{Change: "x", Error: "y", Uncertain: true}
	for name, test := range map[string]struct {
		change func(*output.Report)
		want   string
	}{
		"done":               {func(r *output.Report) { r.Applied.UsersCreate, r.Verified = 2, true }, "done: 2 people invited; verified, 12 requests"},
		"nothing to do":      {func(r *output.Report) { r.Plan = plan.New() }, "nothing to do: Sentry is as the directory says, 12 requests"},
		"nothing to restore": {func(r *output.Report) { r.Plan, r.Kind = plan.New(), output.KindRestore }, "nothing to do: Sentry has all that the snapshot has, 12 requests"},
		"refused":            {func(r *output.Report) { r.Refused = []string{"too much"} }, "refused: nothing was written, 12 requests"},
		"not begun":          {func(*output.Report) {}, "not applied: nothing was written, 12 requests"},
		"all failed":         {func(r *output.Report) { r.Failed = []apply.Failure{failed, failed} }, "incomplete: nothing changed; 2 failed, 12 requests"},
		"all uncertain":      {func(r *output.Report) { r.Failed = []apply.Failure{uncertain, uncertain} }, "incomplete: may have been done: 2, 12 requests"},
		"some of each":       {func(r *output.Report) { r.Applied.UsersRemove, r.Failed = 1, []apply.Failure{failed, uncertain} }, "incomplete: 1 person removed; 1 failed; may have been done: 1, 12 requests"},
		"not verified":       {func(r *output.Report) { r.Applied.UsersRemove, r.Unverified = 1, []string{"x"} }, "incomplete: 1 person removed, 12 requests"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := planned()
			test.change(r)
			if got := closing(t, r); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// What may have been done counts as written: the next run has to look.
func TestTheOutcomeIsPartialOnceAnythingMayHaveBeenWritten(t *testing.T) {
	t.Parallel()
	ended := fault.Hint(errors.New("the end"), "run it again")
	failed := apply.Failure{Code: fault.Credential}
	uncertain := apply.Failure{Uncertain: true, Code: fault.Failed}
	for name, test := range map[string]struct {
		applied int
		failed  []apply.Failure
		fatal   error
		want    fault.Code
	}{
		"all done":                           {1, nil, nil, fault.OK},
		"ended before anything":              {0, nil, ended, fault.Failed},
		"ended after something":              {1, nil, ended, fault.Partial},
		"ended while a write was on its way": {0, []apply.Failure{uncertain}, ended, fault.Partial},
		"every change failed":                {0, []apply.Failure{failed, failed}, nil, fault.Credential},
		"a change was not answered":          {0, []apply.Failure{uncertain}, nil, fault.Partial},
		"some failed":                        {1, []apply.Failure{failed}, nil, fault.Partial},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := planned()
			r.Applied.UsersCreate, r.Failed = test.applied, test.failed
			err := r.Outcome(test.fatal)
			if got := fault.CodeOf(err); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
			if test.fatal != nil && !slices.Equal(fault.Hints(err), []string{"run it again"}) {
				t.Errorf("hints %q", fault.Hints(err))
			}
		})
	}
}
