package provision_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
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
	snapshot := &provision.Snapshot{
		Format: 1, SentryURL: w.server.URL, Org: "acme",
		Members: []provision.SnapshotMember{
			{ID: "1", Email: "ADA@acme.test", Role: "member"},
			{ID: "2", Email: "Bob@acme.test", Role: "manager"},
			{ID: "3", Email: "cid@acme.test", Role: ""},
			{ID: "4", Email: "CID@acme.test", Role: "member"},
			{ID: "5", Email: "own@acme.test", Role: "owner"},
			{ID: "6", Email: "odd@acme.test", Role: "emperor"},
		},
		Teams: []provision.SnapshotTeam{
			{ID: "1", Name: "eng", Members: []string{"ada@acme.test", "bob@acme.test", "BOB@acme.test", "gone@acme.test"}},
			{ID: "3", Name: "ops", Members: []string{"cid@acme.test", "own@acme.test"}},
			{ID: "4", Name: "OPS", Members: []string{}},
			{ID: "5", Name: "12345", Members: []string{"ada@acme.test"}},
		},
	}
	asked := 0
	bounds := provision.Restoring{Confirm: func(*provision.Report) error { asked++; return nil }}
	report, err := w.push.Restore(t.Context(), snapshot, bounds)
	if err != nil || !report.Verified || report.Kind != provision.KindRestore || asked != 1 {
		t.Fatalf("error %v, verified %t, asked %d", err, report.Verified, asked)
	}
	people, teams := w.holds()
	wantPeople := map[string]string{"ada@acme.test": "admin", "bob@acme.test": "manager", "cid@acme.test": "member", "new@acme.test": "member"}
	wantTeams := map[string][]string{
		"Eng": {"ada@acme.test", "bob@acme.test", "new@acme.test"}, "New": {"ada@acme.test"}, "ops": {"cid@acme.test"},
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
	again, err := w.push.Restore(t.Context(), snapshot, bounds)
	if err != nil || !again.Plan.Empty() || asked != 1 {
		t.Errorf("second restore: error %v, plans %q, asked %d", err, again.Plan.Lines(), asked)
	}
}

func TestARestoreThatIsNotConfirmedWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.DefaultState("acme"), nil)
	before := w.sentry.Snapshot()
	snapshot := &provision.Snapshot{Format: 1, SentryURL: w.server.URL, Org: "acme", Members: []provision.SnapshotMember{{Email: "ada@acme.test"}}}
	no := fault.New(fault.Failed, "no")
	tests := map[string]struct {
		change func(*provision.Snapshot)
		bounds provision.Restoring
		code   fault.Code
	}{
		"no":             {func(*provision.Snapshot) {}, provision.Restoring{Confirm: func(*provision.Report) error { return no }}, fault.Failed},
		"another org":    {func(s *provision.Snapshot) { s.Org = "beta" }, provision.Restoring{}, fault.Refused},
		"another Sentry": {func(s *provision.Snapshot) { s.SentryURL = "https://sentry.example" }, provision.Restoring{}, fault.Refused},
	}
	for name, tt := range tests {
		other := *snapshot
		tt.change(&other)
		report, err := w.push.Restore(t.Context(), &other, tt.bounds)
		if fault.CodeOf(err) != tt.code || len(report.Refused) == 0 {
			t.Errorf("%s: %v, refused %q", name, err, report.Refused)
		}
	}
	if diff := cmp.Diff(before, w.sentry.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseSnapshot(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "{}", `{"format":1}`, `{"format":2,"org":"a","sentry_url":"b"}`, `{"format":1,"org":"a","sentry_url":"b","members":[{}]}`,
		`{"format":1,"org":"a","sentry_url":"b","teams":[{"name":" "}]}`, `{"format":1,"org":"a","sentry_url":"b"} x`,
		`{"format":1,"taken_at":"2026-11-01T12:00:00Z","org":"a","sentry_url":"b","members":[{"id":"1","email":"a@b","role":"member"}],"teams":[{"id":"1","name":"t","members":["a@b"]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := provision.ParseSnapshot(data)
		if err != nil {
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("code %d of %v", fault.CodeOf(err), err)
			}
			return
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provision.ParseSnapshot(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		for _, m := range s.Members {
			if strings.TrimSpace(m.Email) == "" {
				t.Errorf("a member without e-mail was read from %q", data)
			}
		}
	})
}
