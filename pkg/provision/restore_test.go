package provision_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestRestoreBringsBackWhatIsMissingAndTouchesNothingElse(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "ada@acme.test", Linked: true, Role: "admin"}, // another role by now
		{ID: "9", Email: "new@acme.test", Linked: true, Role: "member"},
	}
	state.Teams = []sandbox.Team{
		{ID: "1", Name: "Eng", Slug: "eng", Members: []string{"9"}}, // written otherwise by now
		{ID: "2", Name: "New", Slug: "new", Members: []string{"1"}},
	}
	w := newWorld(t, state, nil)
	past := &snapshot.Snapshot{
		Format: 1, SentryURL: w.server.URL, Org: "acme",
		Members: []snapshot.Member{
			{ID: "1", Email: "ADA@acme.test", Role: "member"},
			{ID: "2", Email: "Bob@acme.test", Role: "manager"},
			{ID: "3", Email: "cid@acme.test", Role: ""},
			{ID: "4", Email: "CID@acme.test", Role: "member"},
			{ID: "5", Email: "own@acme.test", Role: "owner"},
			{ID: "6", Email: "odd@acme.test", Role: "Owner"},
		},
		Teams: []snapshot.Team{
			{ID: "1", Name: "eng", Members: []string{"ada@acme.test", "bob@acme.test", "BOB@acme.test", "gone@acme.test"}},
			{ID: "3", Name: "ops", Members: []string{"cid@acme.test", "own@acme.test"}},
			{ID: "4", Name: "OPS", Members: []string{}},
			{ID: "5", Name: "12345", Members: []string{"ada@acme.test"}},
		},
	}
	asked := 0
	w.push.Confirm = func(*output.Report) error { asked++; return nil }
	report, err := w.push.Restore(t.Context(), past, provision.Restoring{})
	if err != nil || !report.Verified || report.Kind != output.KindRestore || asked != 1 {
		t.Fatalf("error %v, verified %t, asked %d", err, report.Verified, asked)
	}
	people, teams := w.holds()
	wantPeople := map[string]string{"ada@acme.test": "admin", "bob@acme.test": "manager", "cid@acme.test": "member", "new@acme.test": "member"}
	wantTeams := map[string][]string{
		"eng": {"ada@acme.test", "bob@acme.test", "new@acme.test"}, "New": {"ada@acme.test"}, "ops": {"cid@acme.test"},
	}
	if diff := cmp.Diff(wantPeople, people) + cmp.Diff(wantTeams, teams); diff != "" {
		t.Error(diff)
	}
	var left []string
	for _, s := range report.Skipped {
		left = append(left, s.Who)
	}
	if diff := cmp.Diff([]string{"gone@acme.test", "odd@acme.test", "own@acme.test", "own@acme.test", "team 12345", "team OPS"}, left); diff != "" {
		t.Error(diff)
	}
	again, err := w.push.Restore(t.Context(), past, provision.Restoring{})
	if err != nil || !again.Plan.Empty() || asked != 1 {
		t.Errorf("second restore: error %v, plans %q, asked %d", err, again.Plan.Lines(), asked)
	}
}

// TestARestoreGivesTheRolesOfThisSentry: SENTRY_ROLES of a self-hosted Sentry can
// have roles of its own, and a snapshot has them from Sentry.
func TestARestoreGivesTheRolesOfThisSentry(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.CustomRoles = []string{"auditor"}
	state.Members = []sandbox.Member{{ID: "1", Email: "ada@acme.test", Linked: true, Role: "member"}, {ID: "9", Email: "zoe@acme.test", Linked: true, Role: "member"}}
	w := newWorld(t, state, nil)
	past := &snapshot.Snapshot{
		Format: 1, SentryURL: w.server.URL, Org: "acme", Teams: []snapshot.Team{},
		Members: []snapshot.Member{{ID: "1", Email: "ada@acme.test", Role: "auditor"}, {ID: "2", Email: "bob@acme.test", Role: "auditor"}},
	}
	report, err := w.push.Restore(t.Context(), past, provision.Restoring{Roles: true})
	if err != nil || !report.Verified || !slices.ContainsFunc(report.Notes, func(n string) bool { return strings.HasSuffix(n, "Sentry may refuse them: auditor") }) {
		t.Fatalf("error %v, verified %t, notes %q", err, report.Verified, report.Notes)
	}
	people, _ := w.holds()
	if diff := cmp.Diff(map[string]string{"ada@acme.test": "auditor", "bob@acme.test": "auditor", "zoe@acme.test": "member"}, people); diff != "" {
		t.Error(diff)
	}
	past.Members[0].Role, past.Members[1] = "emperor", snapshot.Member{ID: "3", Email: "cid@acme.test", Role: "emperor"}
	report, err = w.push.Restore(t.Context(), past, provision.Restoring{Roles: true})
	if fault.CodeOf(err) != fault.Partial && fault.CodeOf(err) != fault.Failed || len(report.Failed) != 2 {
		t.Fatalf("a role that Sentry lacks: code %d, error %v, failed %v", fault.CodeOf(err), err, report.Failed)
	}
}

// TestARestoreSaysThatItResetsASlug: Sentry resets the slug with the name
// (core/endpoints/scim/teams.py).
func TestARestoreSaysThatItResetsASlug(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{{ID: "9", Email: "zoe@acme.test", Linked: true, Role: "member"}}
	state.Teams = []sandbox.Team{{ID: "1", Name: "Frontend", Slug: "fe", Members: []string{}}, {ID: "2", Name: "Backend", Slug: "backend", Members: []string{}}}
	w := newWorld(t, state, nil)
	w.push.DryRun = true
	past := &snapshot.Snapshot{
		Format: 1, SentryURL: w.server.URL, Org: "acme", Members: []snapshot.Member{},
		Teams: []snapshot.Team{{ID: "1", Name: "Web", Members: []string{}}, {ID: "2", Name: "Server", Members: []string{}}},
	}
	report, err := w.push.Restore(t.Context(), past, provision.Restoring{})
	want := []string{`the slug of the team "Frontend" was edited in Sentry: renaming the team to "Web" resets the slug to "web"`}
	if err != nil || cmp.Diff(want, report.Notes) != "" {
		t.Errorf("error %v, notes %q", err, report.Notes)
	}
}

func TestARestoreThatIsNotConfirmedWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), nil)
	before := w.sentry.Snapshot()
	past := &snapshot.Snapshot{Format: 1, SentryURL: w.server.URL, Org: "acme", Members: []snapshot.Member{{Email: "ada@acme.test"}}}
	no := fault.New(fault.Failed, "no")
	tests := map[string]struct {
		change func(*snapshot.Snapshot)
		code   fault.Code
	}{
		"no":             {func(*snapshot.Snapshot) {}, fault.Failed},
		"another org":    {func(s *snapshot.Snapshot) { s.Org = "beta" }, fault.Refused},
		"another Sentry": {func(s *snapshot.Snapshot) { s.SentryURL = "https://sentry.example" }, fault.Refused},
	}
	w.push.Confirm = func(*output.Report) error { return no }
	for name, tt := range tests {
		other := *past
		tt.change(&other)
		report, err := w.push.Restore(t.Context(), &other, provision.Restoring{})
		if fault.CodeOf(err) != tt.code || len(report.Refused) > 0 != (tt.code == fault.Refused) {
			t.Errorf("%s: %v, refused %q", name, err, report.Refused)
		}
	}
	if diff := cmp.Diff(before, w.sentry.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

// exported is Sentry's side as scim export writes it, without the ids, which
// who comes back has others of, and the time.
func (w *world) exported(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	users, err := w.push.Client.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	groups, err := w.push.Client.Groups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot.Take(w.server.URL, "acme", clock(), &plan.Actual{Users: users, Groups: groups})
	s.TakenAt = time.Time{}
	for i := range s.Members {
		s.Members[i].ID = ""
	}
	for i := range s.Teams {
		s.Teams[i].ID = ""
	}
	return s
}

func TestARestoreUndoesTheRemovalsOfAPush(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "ada@acme.test", Linked: true, Role: "member"},
		{ID: "2", Email: "BOB@acme.test", Linked: true, Role: "manager"},
		{ID: "3", Email: "cid@acme.test", Linked: true, Role: "admin"},
		{ID: "4", Email: "own@acme.test", Linked: true, Role: "owner"},
	}
	state.Teams = []sandbox.Team{
		{ID: "1", Name: "eng", Slug: "eng", Members: []string{"1", "2"}},
		{ID: "2", Name: "By Hand", Slug: "by-hand", Members: []string{"2", "3", "4"}},
	}
	w := newWorld(t, state, nil)
	before := w.exported(t)
	dir := t.TempDir()
	w.push.SaveSnapshot = func(a *plan.Actual) (string, error) {
		return snapshot.Take(w.server.URL, "acme", clock(), a).Save(dir)
	}
	report, err := w.push.Run(t.Context(), wantOf(t, `users:
  - {username: ada, email: ada@acme.test, groups: [eng]}
  - {username: bob, email: bob@acme.test, active: false}
  - {username: cid, email: cid@acme.test, active: false}
groups: [{name: eng}]
`))
	if err != nil || report.Applied.UsersRemove != 2 {
		t.Fatalf("push: %v, %d removed", err, report.Applied.UsersRemove)
	}
	data, err := os.ReadFile(report.Snapshot)
	if err != nil {
		t.Fatal(err)
	}
	past, err := snapshot.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if report, err = w.push.Restore(t.Context(), past, provision.Restoring{}); err != nil || !report.Verified {
		t.Fatalf("restore: %v, verified %t", err, report.Verified)
	}
	if diff := cmp.Diff(before, w.exported(t)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoCannotComeBackIsNamedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), nil)
	past := &snapshot.Snapshot{
		Format: 1, SentryURL: w.server.URL, Org: "acme",
		Members: []snapshot.Member{
			{ID: "1", Email: "two@acme.test", Role: "member"},
			{ID: "2", Email: "TWO@acme.test", Role: "manager"},
			{ID: "3", Email: "same@acme.test", Role: ""},
			{ID: "4", Email: "SAME@acme.test", Role: "manager"},
			{ID: "5", Email: `a"b@acme.test`, Role: "member"},
			{ID: "6", Email: "a\x00@acme.test", Role: "member"},
			{ID: "7", Email: strings.Repeat("a", 70) + "@acme.test", Role: "member"},
			{ID: "8", Email: "", Role: "member"},
		},
		Teams: []snapshot.Team{{ID: "1", Name: "t", Members: []string{"", "same@acme.test"}}},
	}
	report, err := w.push.Restore(t.Context(), past, provision.Restoring{})
	if err != nil || !report.Verified || len(report.Failed) > 0 {
		t.Fatalf("error %v, failed %v", err, report.Failed)
	}
	if diff := cmp.Diff([]plan.UserCreate{{Email: "same@acme.test", Role: "manager"}}, report.Plan.UsersCreate); diff != "" {
		t.Error(diff)
	}
	told := map[string]string{
		"two@acme.test": "several roles", "TWO@acme.test": "(manager, member)", `a"b@acme.test`: "quote", "a\x00@acme.test": "does not take",
		strings.Repeat("a", 70) + "@acme.test": "80 characters", "member 8": "no address", "team t": "without an address",
	}
	for _, s := range report.Skipped {
		if part, known := told[s.Who]; !known || !strings.Contains(s.Reason, part) {
			t.Errorf("%q: %s, want %q", s.Who, s.Reason, part)
		}
		delete(told, s.Who)
	}
	if len(told) > 0 {
		t.Errorf("not told: %v", told)
	}
}
