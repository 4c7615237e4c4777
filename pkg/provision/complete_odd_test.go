package provision_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

var plainLine = line{concurrency: 2, pageSize: 100}

// TestAFirstPushThatWasInterruptedIsFinished without an override: the teams that it
// made are not yet anybody's.
func TestAFirstPushThatWasInterruptedIsFinished(t *testing.T) {
	t.Parallel()
	s := newShop(10)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	push.Guards = plan.Standard()
	var saved *memory.Record
	push.SaveRecord = func(r *memory.Record) error { saved = r; return nil }
	ctx, stop := context.WithCancel(t.Context())
	push.Progress = func(stage string, _, _ int) {
		if stage == "members of teams" {
			stop()
		}
	}
	if _, err := push.Run(ctx, s.want(t)); !errors.Is(err, context.Canceled) {
		t.Fatalf("found %v", err)
	}
	again := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	again.Guards, again.Record = plan.Standard(), saved
	report, err := again.Run(t.Context(), s.want(t))
	if err != nil || report.Applied.TeamRoles != 10 {
		t.Fatalf("%v: applied %+v, refused %q", err, report.Applied, report.Refused)
	}
	if diff := s.reached(sentry.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

// TestNewTeamsOfAnEstablishedOrganizationAreGuarded like those that are there.
func TestNewTeamsOfAnEstablishedOrganizationAreGuarded(t *testing.T) {
	t.Parallel()
	s := newShop(5)
	s.state.Members = append(s.state.Members, sandbox.Member{ID: "2", Email: "somebody@acme.test", Linked: true, Role: "member"})
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	push.Guards = plan.Standard()
	_, err := push.Run(t.Context(), s.want(t))
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "5 members become admin of a team") {
		t.Errorf("found %v", err)
	}
}

// TestRolesOfOnesOwnThatIncludeTeamAdmin are found out once for each member, and say
// nothing of the feature.
func TestRolesOfOnesOwnThatIncludeTeamAdmin(t *testing.T) {
	t.Parallel()
	s := newShop(2)
	s.state.CustomRoles = []string{"auditor"}
	s.state.Members = append(s.state.Members, sandbox.Member{ID: "2", Email: "p000-0@acme.test", Linked: true, Role: "auditor"})
	sentry, _ := s.served(t)
	// a role of one's own, of which the sandbox knows nothing, answers as a manager does
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/members/2/teams/") {
			respond(w, http.StatusOK, map[string]any{"isActive": true, "teamRole": nil})
			return
		}
		sentry.ServeHTTP(w, r)
	})
	push := completing(t, handler, sentry.Token(), sentry.APIToken(), plainLine)
	report, err := push.Run(t.Context(), s.want(t))
	if err != nil || report.Applied.TeamRoles != 1 || !report.Verified {
		t.Fatalf("%v: applied %+v, failed %+v, unverified %q", err, report.Applied, report.Failed, report.Unverified)
	}
	if len(report.Skipped) != 1 || !strings.Contains(report.Skipped[0].Reason, "beside the organization role auditor") {
		t.Errorf("skipped %+v", report.Skipped)
	}
	if report, err = push.Run(t.Context(), s.want(t)); err != nil || !report.Plan.Empty() {
		t.Errorf("the next night: %v, %q", err, report.Plan.Lines())
	}
}

// TestWhoWasMadeManagerMeanwhile says nothing of the feature either.
func TestWhoWasMadeManagerMeanwhile(t *testing.T) {
	t.Parallel()
	s := newShop(3)
	sentry, _ := s.served(t)
	made := false
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut && !made {
			made = true
			_, rest, _ := strings.Cut(r.URL.Path, "/members/")
			member, _, _ := strings.Cut(rest, "/")
			(&brokenSentry{sentry: sentry}).ask(r, http.MethodPut, "/Users/"+member, map[string]any{"sentryOrgRole": "manager"})
		}
		sentry.ServeHTTP(w, r)
	})
	push := completing(t, handler, sentry.Token(), sentry.APIToken(), line{concurrency: 1, pageSize: 100})
	report, err := push.Run(t.Context(), s.want(t))
	if err != nil || report.Applied.TeamRoles != 2 || !report.Verified {
		t.Errorf("%v: applied %+v, failed %+v, unverified %q", err, report.Applied, report.Failed, report.Unverified)
	}
}

// TestARestorePutsRolesInTeamsBack with the membership, and those of who is there
// with the roles. Without a token for projects, all else comes back.
func TestARestorePutsRolesInTeamsBack(t *testing.T) {
	t.Parallel()
	s := newShop(2)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	var saved *plan.Actual
	push.SaveSnapshot = func(a *plan.Actual) (string, error) { saved = a; return "s", nil }
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	s.people.People[0].Active = false
	if _, err := push.Run(t.Context(), s.want(t)); err != nil || saved == nil {
		t.Fatal(err)
	}
	byHand(t, sentry)(http.MethodPut, "organizations/acme/members/"+idOf(sentry, "p001-0@acme.test")+"/teams/team-001/", `{"teamRole":"contributor"}`)
	before := snapshot.Take(push.SentryURL, "acme", time.Now(), saved)
	if diff := cmp.Diff(map[string]string{"p000-0@acme.test": "admin"}, before.Teams[0].Roles) + cmp.Diff([]string{"common", "team-000-api"}, before.Teams[0].Projects); diff != "" {
		t.Error(diff)
	}
	byHand(t, sentry)(http.MethodDelete, "projects/acme/common/teams/team-001/", "")

	poor := completing(t, sentry, sentry.Token(), "", plainLine)
	poor.SentryURL, poor.DryRun = push.SentryURL, true
	report, err := poor.Restore(t.Context(), before, provision.Restoring{})
	if err != nil || report.Plan.Counts().ProjectsAdd != 0 || !strings.Contains(strings.Join(report.Notes, "\n"), "the projects of teams are not restored") {
		t.Errorf("without a token: %v, %q, %q", err, report.Plan.Lines(), report.Notes)
	}

	lines := []string{
		"invite p000-0@acme.test as member", "add p000-0@acme.test to team-000", "make p000-0@acme.test admin of the team team-000",
		"link the project common to the team team-001",
	}
	push.DryRun = true
	report, err = push.Restore(t.Context(), before, provision.Restoring{})
	if diff := cmp.Diff(lines, report.Plan.Lines()); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	push.DryRun = false
	report, err = push.Restore(t.Context(), before, provision.Restoring{Roles: true})
	if err != nil || !report.Verified || report.Applied.TeamRoles != 2 {
		t.Errorf("%v: applied %+v, failed %+v", err, report.Applied, report.Failed)
	}
	if diff := s.reached(sentry.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

// TestStatusTellsOfTeams what a push would change.
func TestStatusTellsOfTeams(t *testing.T) {
	t.Parallel()
	s := newShop(1)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	if _, err := push.Run(t.Context(), s.want(t)); err != nil {
		t.Fatal(err)
	}
	status, err := push.Status(t.Context(), s.want(t))
	team := status.Teams[0]
	if diff := cmp.Diff([][]string{{"p000-0@acme.test"}, {"common", "team-000-api"}}, [][]string{team.Admins, team.Projects}); err != nil || status.Drift || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	byHand(t, sentry)(http.MethodDelete, "projects/acme/common/teams/team-000/", "")
	status, err = push.Status(t.Context(), s.want(t))
	if fault.CodeOf(err) != fault.Findings || status.Teams[0].State != "projects" || len(status.Teams[0].ProjectsMissing) != 1 {
		t.Errorf("%v: %+v", err, status.Teams[0])
	}
	byHand(t, sentry)(http.MethodPut, "organizations/acme/members/"+idOf(sentry, "p000-0@acme.test")+"/teams/team-000/", `{"teamRole":"contributor"}`)
	status, err = push.Status(t.Context(), s.want(t))
	if fault.CodeOf(err) != fault.Findings || status.Teams[0].State != "roles" || len(status.Teams[0].Roles) != 1 {
		t.Errorf("%v: %+v", err, status.Teams[0])
	}
}

// TestTheTokenThatIsMadeOnce is asked for once in a run, however many need it.
func TestTheTokenThatIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := newShop(4)
	sentry, _ := s.served(t)
	push := completing(t, sentry, sentry.Token(), sentry.APIToken(), plainLine)
	made, api := 0, push.Teams.API
	push.Teams.API = func(ctx context.Context) (*sentryapi.Client, error) { made++; return api(ctx) }
	if _, err := push.Run(t.Context(), s.want(t)); err != nil || made != 1 {
		t.Errorf("%v: %d clients", err, made)
	}
}
