package provision_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// crowd is an organization of people who are all in one team, and its directory.
func crowd(people int) (sandbox.State, func(active, in int) string) {
	state := stateWith(nil, teamWith("7", "Web", "web"), teamWith("8", "Data", "data"))
	for i := range people {
		id := strconv.Itoa(100 + i)
		state.Members = append(state.Members, member(id, fmt.Sprintf("p%03d@acme.test", i), "member"))
		state.Teams[0].Members, state.Teams[1].Members = append(state.Teams[0].Members, id), append(state.Teams[1].Members, id)
	}
	return state, func(active, in int) string {
		var yaml strings.Builder
		yaml.WriteString("users:\n")
		for i := range people {
			groups := "Data"
			if i < in {
				groups = "Data, Web"
			}
			fmt.Fprintf(&yaml, "- {username: p%03d, email: p%03d@acme.test, active: %v, groups: [%s]}\n", i, i, i < active, groups)
		}
		return yaml.String()
	}
}

func (n *nightly) keepsSnapshots(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	n.push.SaveSnapshot = func(a *plan.Actual) (string, error) {
		n.saved++
		n.taken = snapshot.Take(n.server.URL, "acme", n.push.Now(), a)
		return n.taken.Save(dir)
	}
}

func TestWhatIsTakenAwayIsKeptInASnapshotFirst(t *testing.T) {
	t.Parallel()
	manager := member("2", "ada@acme.test", "manager")
	tests := map[string]struct {
		members []sandbox.Member
		yaml    string
		want    int
	}{
		"a membership":       {[]sandbox.Member{member("2", "ada@acme.test", "member")}, "{users: [{email: ada@acme.test}], groups: [{name: Web}]}", 1},
		"a role":             {[]sandbox.Member{member("2", "ada@acme.test", "member")}, "users: [{email: ada@acme.test, groups: [Web, leads]}]", 1},
		"a member":           {[]sandbox.Member{manager}, "users: [{email: ada@acme.test, active: false}, {email: b@acme.test}]", 1},
		"a name":             {[]sandbox.Member{manager}, "users: [{email: ada@acme.test, groups: [WEB, leads]}]", 1},
		"an invitation":      {[]sandbox.Member{manager}, "users: [{email: ada@acme.test, groups: [Web, leads]}, {email: b@acme.test}]", 0},
		"nothing but a team": {[]sandbox.Member{manager}, "users: [{email: ada@acme.test, groups: [Web, Data, leads]}]", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := stateWith(tt.members, teamWith("7", "Web", "web", "2"))
			var n *nightly
			asked := 0
			n = newNightly(t, state, func(_ int, r *http.Request) sandbox.Fault {
				if r.Method != http.MethodGet && n.saved != tt.want {
					asked++
				}
				return sandbox.Fault{}
			})
			if strings.Contains(tt.yaml, "leads") {
				n.sel.Roles = append(n.sel.Roles, managers()...)
			}
			report, _, err := n.night(t, tt.yaml)
			if err != nil || n.saved != tt.want || asked > 0 || report.Snapshot != "" != (tt.want > 0) {
				t.Errorf("%v, %d snapshots, want %d, %d writes before it, the report names %q", err, n.saved, tt.want, asked, report.Snapshot)
			}
		})
	}
	n := newNightly(t, stateWith([]sandbox.Member{manager}, teamWith("7", "Web", "web", "2")), nil)
	n.push.SaveSnapshot = func(*plan.Actual) (string, error) { return "", errors.New("disk full") }
	before := n.sentry.Snapshot()
	if _, _, err := n.night(t, "{users: [{email: ada@acme.test}], groups: [{name: Web}]}"); err == nil || cmp.Diff(before, n.sentry.Snapshot()) != "" {
		t.Errorf("without a snapshot: %v, Sentry has %+v", err, n.sentry.Snapshot())
	}
}

func managers() []desired.RoleRule { return []desired.RoleRule{{Group: "leads", Role: "manager"}} }

// What a restore gives back counts no longer for the guards.
func TestARestoreGivesMembershipsBack(t *testing.T) {
	t.Parallel()
	state, of := crowd(40)
	n := newNightly(t, state, nil)
	n.keepsSnapshots(t)
	n.quiet(t, of(40, 40))
	before := n.exported(t)
	n.push.Guards = plan.Standard()
	if _, _, err := n.night(t, of(40, 33)); err != nil {
		t.Fatal(err)
	}
	if recent := n.remembers(t).Recent(clock()); recent.Lost != 7 || recent.Teams["7"] != 7 || recent.Memberships != 80 {
		t.Errorf("taken is %+v", recent)
	}
	if _, _, err := n.night(t, of(40, 31)); fault.CodeOf(err) != fault.Refused {
		t.Errorf("two more of 80 after seven: %v", err)
	}
	n.push.Record = n.remembers(t)
	report, err := n.push.Restore(t.Context(), n.taken, provision.Restoring{})
	if err != nil || !report.Verified || report.Applied.MembersAdd != 7 {
		t.Fatalf("%v, applied %+v", err, report.Applied)
	}
	if diff := cmp.Diff(before, n.exported(t)); diff != "" {
		t.Errorf("Sentry differs (-before +restored):\n%s", diff)
	}
	if recent := n.remembers(t).Recent(clock()); !recent.Empty() {
		t.Errorf("given back, and taken is %+v", recent)
	}
	if _, _, err := n.night(t, of(40, 32)); err != nil {
		t.Errorf("eight of 80 after nothing: %v", err)
	}
}

func TestARestoreGivesRolesBackWhereItIsAsked(t *testing.T) {
	t.Parallel()
	for _, roles := range []bool{false, true} {
		n := newNightly(t, stateWith([]sandbox.Member{member("2", "ada@acme.test", "manager")}), nil)
		n.keepsSnapshots(t)
		n.sel.Roles = []desired.RoleRule{{Group: "staff", Role: "member"}}
		if _, _, err := n.night(t, "users: [{email: ada@acme.test, groups: [staff]}]"); err != nil {
			t.Fatal(err)
		}
		if people, _ := n.holds(); people["ada@acme.test"] != "member" || n.remembers(t).Recent(clock()).Demoted != 1 {
			t.Fatalf("%v, taken %+v", people, n.remembers(t).Recent(clock()))
		}
		n.push.Record = n.remembers(t)
		n.taken.Members = append(n.taken.Members, snapshot.Member{ID: "99", Email: "gone@acme.test"}) // so that something is restored
		report, err := n.push.Restore(t.Context(), n.taken, provision.Restoring{Roles: roles})
		want, left := "member", 1
		if roles {
			want, left = "manager", 0
		}
		if people, _ := n.holds(); err != nil || people["ada@acme.test"] != want || n.remembers(t).Recent(clock()).Demoted != left {
			t.Errorf("roles %v: %v, %v, taken %+v, notes %q", roles, err, people, n.remembers(t).Recent(clock()), report.Notes)
		}
	}
}

// A run that is killed has taken what it was about to take.
func TestWhatIsAboutToBeTakenIsRememberedFirst(t *testing.T) {
	t.Parallel()
	state, of := crowd(40)
	n := newNightly(t, state, nil)
	before := n.sentry.Snapshot()
	var first *memory.Record
	n.push.SaveRecord = func(r *memory.Record) error {
		if first == nil {
			kept := *r
			first = &kept
			if diff := cmp.Diff(before, n.sentry.Snapshot()); diff != "" {
				t.Errorf("Sentry changed before anything was remembered:\n%s", diff)
			}
		}
		return r.Save(n.path)
	}
	if _, _, err := n.night(t, of(38, 33)); err != nil {
		t.Fatal(err)
	}
	want := memory.Losses{Removed: 2, Lost: 5, Teams: map[string]int{"7": 5}}
	if diff := cmp.Diff(want, first.Recent(clock()).Losses); diff != "" || !first.Fresh() {
		t.Errorf("remembered first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, n.remembers(t).Recent(clock()).Losses); diff != "" {
		t.Errorf("remembered in the end (-want +got):\n%s", diff)
	}

	n.push.SaveRecord = func(*memory.Record) error { return errors.New("disk full") }
	report, _, err := n.night(t, of(38, 32))
	if told := strings.Join(report.Notes, "\n"); err != nil || !strings.Contains(told, "what this push takes away could not be remembered: disk full") {
		t.Errorf("%v, notes %q", err, told)
	}
}

// What a run did not come to does not count twice.
func TestAnInterruptedRunHasTakenWhatItDid(t *testing.T) {
	t.Parallel()
	state, of := crowd(40)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	removals := 0
	n := newNightly(t, state, func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/Users/") {
			if removals++; removals == 2 {
				cancel()
			}
		}
		return sandbox.Fault{}
	})
	n.push.Guards = plan.Standard()
	n.push.Record = n.remembers(t)
	report, err := n.push.Run(ctx, n.want(t, of(36, 36))) // four leave, of whom ten in a hundred may
	if !errors.Is(err, context.Canceled) || report.Applied.UsersRemove != 2 {
		t.Fatalf("%v, applied %+v", err, report.Applied)
	}
	if recent := n.remembers(t).Recent(clock()); recent.Removed != 2 || recent.Members != 40 {
		t.Errorf("taken is %+v, want 2 of 40", recent)
	}
	if report, _, err := n.night(t, of(36, 36)); err != nil || report.Applied.UsersRemove != 2 {
		t.Errorf("the next run: %v, refused %q", err, report.Refused)
	}
	if recent := n.remembers(t).Recent(clock()); recent.Removed != 4 || recent.Members != 40 {
		t.Errorf("taken is %+v, want 4 of 40", recent)
	}
	if _, _, err := n.night(t, of(35, 35)); fault.CodeOf(err) != fault.Refused {
		t.Errorf("one more: %v", err)
	}
}

// What may have been done counts as done.
func TestARemovalThatWasNotAnsweredCounts(t *testing.T) {
	t.Parallel()
	state, of := crowd(40)
	n := newNightly(t, state, func(_ int, r *http.Request) sandbox.Fault {
		return sandbox.Fault{Cut: r.Method == http.MethodPatch, After: true}
	})
	n.push.Guards = plan.Standard()
	report, _, err := n.night(t, of(39, 37))
	if fault.CodeOf(err) != fault.Partial || report.Uncertain() != len(report.Failed) || report.Uncertain() != 3 {
		t.Errorf("%v, failed %+v", err, report.Failed)
	}
	if recent := n.remembers(t).Recent(clock()); recent.Removed != 1 || recent.Lost != 2 || recent.Teams["7"] != 2 {
		t.Errorf("taken is %+v", recent)
	}
}

// What failed is not taken.
func TestWhatSentryRefusedToTakeDoesNotCount(t *testing.T) {
	t.Parallel()
	state, of := crowd(40)
	n := newNightly(t, state, func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPatch {
			return sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"no"}`}
		}
		return sandbox.Fault{}
	})
	n.push.Guards = plan.Standard()
	for range 4 { // it fails each night
		if report, _, err := n.night(t, of(39, 36)); err == nil || len(report.Failed) == 0 {
			t.Fatalf("%v, refused %q", err, report.Refused)
		}
	}
	if recent := n.remembers(t).Recent(clock()); !recent.Empty() {
		t.Errorf("taken is %+v", recent)
	}
}

// A slow leak is refused by its third night; once it was let through, what went
// counts no longer, and neither does what is a week old.
func TestASlowLeakIsRefused(t *testing.T) {
	t.Parallel()
	state, of := crowd(200)
	n := newNightly(t, state, nil)
	n.push.Guards = plan.Standard()
	now := clock()
	n.push.Now = func() time.Time { return now }
	if _, _, err := n.night(t, of(200, 200)); err != nil {
		t.Fatal(err)
	}
	left, refusedOn := 200, 0
	for night := 1; night <= 3 && refusedOn == 0; night++ {
		now = now.Add(24 * time.Hour)
		left -= left * 9 / 100
		if _, _, err := n.night(t, of(left, left)); fault.CodeOf(err) == fault.Refused {
			refusedOn = night
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refusedOn != 2 {
		t.Fatalf("refused on night %d, want 2", refusedOn)
	}
	n.push.Guards.Removals = plan.Limit{Count: 34}
	if _, _, err := n.night(t, of(left, left)); err != nil {
		t.Fatalf("with the override: %v", err)
	}
	n.push.Guards = plan.Standard()
	now = now.Add(24 * time.Hour)
	if _, _, err := n.night(t, of(left-16, left-16)); err != nil {
		t.Errorf("after the override: %v", err)
	}
	now = now.Add(memory.Window - time.Second)
	if _, _, err := n.night(t, of(left-17, left-17)); fault.CodeOf(err) != fault.Refused {
		t.Errorf("a second less than a week later: %v", err)
	}
	now = now.Add(time.Second)
	if _, _, err := n.night(t, of(left-26, left-26)); err != nil {
		t.Errorf("a week later: %v", err)
	}
}
