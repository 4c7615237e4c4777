package provision_test

import (
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// nightly is a push that runs each night and keeps its memory in a file.
type nightly struct {
	*world
	path  string
	taken *snapshot.Snapshot
	sel   desired.Selection
}

func newNightly(t *testing.T, state sandbox.State, broken func(n int, r *http.Request) sandbox.Fault) *nightly {
	t.Helper()
	n := &nightly{world: newWorld(t, state, broken), path: filepath.Join(t.TempDir(), "record.json")}
	n.push.SaveRecord = func(r *memory.Record) error { return r.Save(n.path) }
	n.push.Guards = open()
	return n
}

func (n *nightly) remembers(t *testing.T) *memory.Record {
	t.Helper()
	record, err := memory.Load(n.path, n.server.URL, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return record
}

func (n *nightly) want(t *testing.T, yaml string) *desired.State {
	t.Helper()
	d, err := directory.Parse([]byte(yaml), "people.yaml", directory.YAML)
	if err != nil {
		t.Fatal(err)
	}
	want, err := desired.Want(d, n.sel)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// night is one push, and what it sent by method.
func (n *nightly) night(t *testing.T, yaml string) (*output.Report, map[string]int, error) {
	t.Helper()
	n.push.Record = n.remembers(t)
	before := n.push.Requests().ByMethod
	report, err := n.push.Run(t.Context(), n.want(t, yaml))
	return report, difference(n.push.Requests().ByMethod, before), err
}

// quiet checks that a night has nothing to do and sends only the lists.
func (n *nightly) quiet(t *testing.T, yaml string) *output.Report {
	t.Helper()
	report, sent, err := n.night(t, yaml)
	if err != nil || !report.Verified {
		t.Fatalf("%v, plan %v, failed %v", err, report.Plan.Lines(), report.Failed)
	}
	if diff := cmp.Diff(map[string]int{http.MethodGet: 2}, sent); diff != "" {
		t.Errorf("a quiet night sends more than the lists (-want +got):\n%s", diff)
	}
	return report
}

func skippedIn(r *output.Report) string {
	var told []string
	for _, s := range r.Skipped {
		told = append(told, s.Who+": "+s.Reason)
	}
	return strings.Join(told, "\n")
}

// member is one with an account, which can have further addresses.
func member(id, email, role string, further ...string) sandbox.Member {
	return sandbox.Member{ID: id, Email: email, Role: role, Linked: true, SecondaryEmails: further}
}

func stateWith(members []sandbox.Member, teams ...sandbox.Team) sandbox.State {
	state := sandbox.DefaultState("acme")
	state.Members, state.Teams = members, teams
	return state
}

func teamWith(id, name, slug string, members ...string) sandbox.Team {
	return sandbox.Team{ID: id, Name: name, Slug: slug, Members: append([]string{}, members...)}
}

// What a push cannot do is told each night and tried once: the nights after it
// send the lists, and are no failures.
func TestWhatCannotBeDoneIsTriedOnce(t *testing.T) {
	t.Parallel()
	ada := member("2", "ada@acme.test", "member")
	const people = "{username: ada, email: ada@acme.test, groups: [Web]}"
	tests := map[string]struct {
		state sandbox.State
		yaml  string
		sel   desired.Selection
		tries int    // nights until it is known
		told  string // each night
	}{
		"a second address": {
			stateWith([]sandbox.Member{ada, member("3", "old@acme.test", "member", "new@acme.test")}, teamWith("7", "Web", "web", "2", "3")),
			"users: [" + people + ", {username: new, email: new@acme.test, groups: [Web]}]",
			desired.Selection{},
			1,
			"new@acme.test: Sentry has the address as an unverified further address of old@acme.test",
		},
		"a request that waits": {
			stateWith([]sandbox.Member{ada, {ID: "3", Email: "asked@acme.test", Role: "member", InviteStatus: "requested_to_join"}}, teamWith("7", "Web", "web", "2")),
			"users: [" + people + ", {username: asked, email: asked@acme.test}]",
			desired.Selection{},
			1,
			"asked@acme.test: an invite or join request of this address waits for approval",
		},
		"a request that waits, of somebody in a team": {
			stateWith([]sandbox.Member{ada, {ID: "3", Email: "asked@acme.test", Role: "member", InviteStatus: "requested_to_be_invited"}}, teamWith("7", "Web", "web", "2")),
			"users: [" + people + ", {username: asked, email: asked@acme.test, groups: [Web]}]",
			desired.Selection{},
			1,
			"asked@acme.test: an invite or join request of this address waits for approval",
		},
		"an address that is refused": {
			stateWith([]sandbox.Member{ada}, teamWith("7", "Web", "web", "2")),
			"users: [" + people + ", {username: x, email: x@qq.com, groups: [Web]}]",
			desired.Selection{},
			0, "x@qq.com: Sentry does not take the address",
		},
		"a role that this Sentry lacks": {
			stateWith([]sandbox.Member{ada}, teamWith("7", "Web", "web", "2")),
			"users: [" + people + "]",
			desired.Selection{Roles: []desired.RoleRule{{Group: "Web", Role: "billing"}}},
			0,
			`ada@acme.test: the role "billing" is not given`,
		},
		"a team whose slug was edited": {
			stateWith([]sandbox.Member{ada}, teamWith("7", "web", "frontend", "2")),
			"users: [" + people + "]",
			desired.Selection{},
			1, `the team "web" keeps its name and its slug`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNightly(t, tt.state, nil)
			n.sel = tt.sel
			for range tt.tries {
				report, _, err := n.night(t, tt.yaml)
				if err != nil || !report.Verified {
					t.Fatalf("%v, failed %v, unverified %v", err, report.Failed, report.Unverified)
				}
			}
			for range 2 {
				report := n.quiet(t, tt.yaml)
				if told := skippedIn(report) + strings.Join(report.Notes, "\n"); !strings.Contains(told, tt.told) {
					t.Errorf("told %q, want %q", told, tt.told)
				}
			}
			for i, m := range tt.state.Members {
				if after := n.sentry.Snapshot().Members[i]; after.ID != m.ID || after.Role != m.Role {
					t.Errorf("%s was touched: %+v", m.Email, after)
				}
			}
		})
	}
}

// An address or a role that Sentry turns out to refuse fails once.
func TestWhatSentryRefusesFailsOnce(t *testing.T) {
	t.Parallel()
	n := newNightly(t, stateWith([]sandbox.Member{member("2", "ada@acme.test", "member")}), func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPut {
			return sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"Invalid organization role."}`}
		}
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Users") {
			return sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"{\"email\":[\"Not from here.\"]}"}`}
		}
		return sandbox.Fault{}
	})
	n.sel = desired.Selection{Roles: []desired.RoleRule{{Group: "leads", Role: "manager"}}}
	const yaml = "users: [{email: ada@acme.test, groups: [leads]}, {email: new@acme.test}]"
	report, _, err := n.night(t, yaml)
	if err == nil || len(report.Failed) != 2 {
		t.Fatalf("%v, failed %+v", err, report.Failed)
	}
	for range 2 {
		report = n.quiet(t, yaml)
		for _, told := range []string{`ada@acme.test: the role "manager" is not given`, "new@acme.test: Sentry does not take the address", "Not from here"} {
			if !strings.Contains(skippedIn(report), told) {
				t.Errorf("told %q, want %q", skippedIn(report), told)
			}
		}
	}
}

// Without a memory the look-ups come before any write, and are made again.
func TestSecondAddressesAreLookedUpBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	for _, accept := range []bool{false, true} {
		state := stateWith([]sandbox.Member{member("3", "old@acme.test", "member", "new@acme.test")}, teamWith("7", "Web", "web", "3"), teamWith("8", "Data", "data", "3"))
		n := newNightly(t, state, nil)
		n.push.Policy = plan.Policy{Remove: plan.RemoveAbsent, AcceptSecond: accept}
		n.sel = desired.Selection{Roles: []desired.RoleRule{{Group: "Web", Role: "manager"}}}
		const yaml = "{users: [{username: new, email: new@acme.test, groups: [Web]}], groups: [{name: Data}]}"
		_, sent, err := n.night(t, yaml)
		if err != nil || sent[http.MethodPost] > 0 {
			t.Errorf("accepted %v: %v, sent %v", accept, err, sent)
		}
		people, teams := n.holds()
		wantPeople, wantTeams := map[string]string{"old@acme.test": "member"}, map[string][]string{"Data": {"old@acme.test"}, "Web": {"old@acme.test"}}
		if accept {
			wantPeople["old@acme.test"], wantTeams["Data"] = "manager", []string{}
		}
		if diff := cmp.Diff(wantPeople, people) + cmp.Diff(wantTeams, teams); diff != "" {
			t.Errorf("accepted %v (-want +got):\n%s", accept, diff)
		}
		n.quiet(t, yaml)
	}
}

// With a memory the conflict is found by the invitation, and the member keeps
// all, whatever was planned for a stranger.
func TestAConflictThatNobodyLookedForHarmsNobody(t *testing.T) {
	t.Parallel()
	for _, accept := range []bool{false, true} {
		state := stateWith([]sandbox.Member{member("2", "ada@acme.test", "member"), member("3", "old@acme.test", "member", "new@acme.test")}, teamWith("7", "Web", "web", "2"))
		n := newNightly(t, state, nil)
		n.push.Policy.AcceptSecond = accept
		const before = "users: [{username: ada, email: ada@acme.test, groups: [Web]}]"
		n.quiet(t, before)
		n.join(t, "3", "7") // by hand
		const after = "users: [{username: ada, email: ada@acme.test, groups: [Web]}, {username: new, email: new@acme.test, groups: [Web]}]"
		report, _, err := n.night(t, after)
		if err != nil || !report.Verified || len(report.Failed)+len(report.Unverified) > 0 {
			t.Errorf("accepted %v: %v, failed %v, unverified %v", accept, err, report.Failed, report.Unverified)
		}
		_, teams := n.holds()
		if diff := cmp.Diff(map[string][]string{"Web": {"ada@acme.test", "old@acme.test"}}, teams); diff != "" {
			t.Errorf("accepted %v (-want +got):\n%s", accept, diff)
		}
		n.quiet(t, after)
	}
}

// Whoever had the address leaves: the person is invited by the next run, and this
// one is no failure.
func TestTheAddressOfALeaverIsFreeForTheNextRun(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"asked before": false, "found by the invitation": true} {
		n := newNightly(t, stateWith([]sandbox.Member{member("2", "ada@acme.test", "member"), member("3", "old@acme.test", "member", "new@acme.test")}), nil)
		if known {
			n.quiet(t, "users: [{email: ada@acme.test}, {email: old@acme.test}]")
		}
		const after = "users: [{email: ada@acme.test}, {email: old@acme.test, active: false}, {email: new@acme.test, groups: [Web]}]"
		for night, left := range []string{"ada@acme.test", "ada@acme.test, new@acme.test"} {
			report, _, err := n.night(t, after)
			if err != nil || !report.Verified {
				t.Fatalf("%s, night %d: %v, failed %v, unverified %v", name, night, err, report.Failed, report.Unverified)
			}
			people, _ := n.holds()
			if got := strings.Join(slices.Sorted(maps.Keys(people)), ", "); got != left {
				t.Errorf("%s, night %d: Sentry has %s, want %s", name, night, got, left)
			}
		}
		n.quiet(t, after)
	}
}
