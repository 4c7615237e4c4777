package apply_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func clock() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// stage is an emulated Sentry and what is to be carried out there.
type stage struct {
	sentry  *sandbox.Sentry
	options apply.Options
}

func newStage(t *testing.T, members []sandbox.Member, teams []sandbox.Team, broken func(n int, r *http.Request) sandbox.Fault) *stage {
	t.Helper()
	state := sandbox.DefaultState("acme")
	state.Members, state.Teams = members, teams
	random := rand.NewChaCha8([32]byte{})
	sentry, err := sandbox.NewSentry(state, sandbox.Config{Now: time.Now, Rand: random, Fault: broken})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sentry)
	t.Cleanup(server.Close)
	endpoint := server.URL + "/api/0/organizations/acme/scim/v2"
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	times := transport.Clock{Now: time.Now, Rand: rand.NewChaCha8([32]byte{}), Sleep: noWait}
	client, err := transport.New(transport.Options{Origin: endpoint, Token: secret.New(sentry.Token()), MaxAttempts: 2, Clock: times, Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scim.New(endpoint, client, scim.Clock(times))
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{sentry: sentry, options: apply.Options{Client: c, Workers: 1, Now: clock, Actual: &plan.Actual{}, Plan: plan.New(), Owned: func(string) bool { return false }}}
	for _, m := range members {
		if m.InviteStatus == "" {
			s.options.Actual.Users = append(s.options.Actual.Users, scim.User{ID: m.ID, UserName: m.Email, Role: m.Role, Active: true})
		}
	}
	return s
}

// owning says which members are people of the directory.
func (s *stage) owning(ids ...string) *stage {
	s.options.Owned = func(id string) bool { return slices.Contains(ids, id) }
	return s
}

// holds is who is a member with which role, and who is in which team, by address.
func (s *stage) holds() (people map[string]string, teams map[string][]string) {
	state := s.sentry.Snapshot()
	people, teams = map[string]string{}, map[string][]string{}
	email := map[string]string{}
	for _, m := range state.Members {
		email[m.ID], people[m.Email] = m.Email, m.Role
	}
	for _, team := range state.Teams {
		names := []string{}
		for _, id := range team.Members {
			names = append(names, email[id])
		}
		slices.Sort(names)
		teams[team.Name] = names
	}
	return people, teams
}

// reaches carries the plan out and checks what Sentry holds then.
func (s *stage) reaches(t *testing.T, people map[string]string, teams map[string][]string) *apply.Outcome {
	t.Helper()
	outcome, err := apply.Run(t.Context(), s.options)
	if err != nil {
		t.Fatal(err)
	}
	gotPeople, gotTeams := s.holds()
	if diff := cmp.Diff(people, gotPeople) + cmp.Diff(teams, gotTeams, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Sentry differs (-want +got):\n%s", diff)
	}
	return outcome
}

// linked is a member with an account that has further addresses.
func linked(id, email, role string, further ...string) sandbox.Member {
	return sandbox.Member{ID: id, Email: email, Role: role, Linked: true, SecondaryEmails: further}
}

func web(members ...string) sandbox.Team {
	return sandbox.Team{ID: "9", Name: "Web", Slug: "web", Members: members}
}

func TestRolesThatWereGivenByHandStay(t *testing.T) {
	t.Parallel()
	restricted := linked("5", "rule@acme.test", "manager")
	restricted.Flags = []string{"idp:provisioned", "idp:role-restricted"}
	tests := map[string]struct {
		standard string
		people   map[string]string
		applied  int
	}{
		"to Sentry's default": {"", map[string]string{"rule@acme.test": "member", "hand@acme.test": "manager"}, 1},
		"to another":          {"admin", map[string]string{"rule@acme.test": "admin", "hand@acme.test": "manager"}, 1},
		"to that of Sentry":   {"member", map[string]string{"rule@acme.test": "member", "hand@acme.test": "manager"}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, []sandbox.Member{restricted, linked("6", "hand@acme.test", "manager")}, nil, nil)
			s.options.Plan.UsersRole = []plan.UserRole{
				{ID: "5", Email: "rule@acme.test", From: "manager", Default: tt.standard}, {ID: "6", Email: "hand@acme.test", From: "manager", Default: tt.standard},
			}
			outcome := s.reaches(t, tt.people, nil)
			if _, byHand := outcome.Known.ByHand["6"]; !byHand || len(outcome.Known.ByHand) != 1 || !strings.Contains(skipped(outcome)["hand@acme.test"], "given by hand") {
				t.Errorf("by hand: %v, skipped %v", outcome.Known.ByHand, outcome.Skipped)
			}
			if outcome.Applied.UsersRole != tt.applied || len(outcome.Failed) > 0 || len(outcome.Taken.UsersRole) != 1 {
				t.Errorf("applied %+v, failed %v, taken %v", outcome.Applied, outcome.Failed, outcome.Taken.UsersRole)
			}
		})
	}
}

func TestWhatSentryRefusesIsKnown(t *testing.T) {
	t.Parallel()
	s := newStage(t, []sandbox.Member{linked("5", "ada@acme.test", "member")}, nil, nil)
	s.options.Plan.UsersCreate = []plan.UserCreate{{Email: "x@qq.com"}, {Email: "odd@acme.test", Role: "billing"}, {Email: "fine@acme.test"}}
	s.options.Plan.UsersRole = []plan.UserRole{{ID: "5", Email: "ada@acme.test", From: "member", To: "billing"}}
	outcome := s.reaches(t, map[string]string{"ada@acme.test": "member", "fine@acme.test": "member"}, nil)
	if len(outcome.Failed) != 3 || len(outcome.Known.Refused) != 1 || len(outcome.Known.Roles) != 1 {
		t.Errorf("failed %+v, known %+v", outcome.Failed, outcome.Known)
	}
	if outcome.Known.Refused["x@qq.com"].Why == "" || outcome.Known.Roles["billing"].Why == "" {
		t.Errorf("known without a reason: %+v", outcome.Known)
	}
}

// everything is a plan of each kind of change.
func everything() *plan.Plan {
	p := plan.New()
	p.TeamIDs["Web"], p.TeamIDs["Data"] = "9", "8"
	p.UsersCreate = []plan.UserCreate{{Email: "new@acme.test"}}
	p.UsersRole = []plan.UserRole{{ID: "5", Email: "ada@acme.test", From: "member", To: "manager"}}
	p.TeamsCreate = []plan.TeamCreate{{Name: "New", Slug: "new"}}
	p.TeamsRename = []plan.TeamRename{{ID: "8", From: "Data", To: "DATA"}}
	p.MembersAdd = []plan.Membership{{Team: "Web", Email: "bob@acme.test", MemberID: "6"}}
	p.MembersRemove = []plan.Membership{{Team: "Data", Email: "ada@acme.test", MemberID: "5"}}
	p.UsersRemove = []plan.UserRemove{{ID: "7", Email: "cid@acme.test", Role: "member", Reason: "not in the directory"}}
	p.TeamsDelete = []plan.TeamDelete{{ID: "10", Name: "Old"}}
	return p
}

func everybody() ([]sandbox.Member, []sandbox.Team) {
	return []sandbox.Member{linked("5", "ada@acme.test", "member"), linked("6", "bob@acme.test", "member"), linked("7", "cid@acme.test", "member")},
		[]sandbox.Team{web(), {ID: "8", Name: "Data", Slug: "data", Members: []string{"5"}}, {ID: "10", Name: "Old", Slug: "old", Members: []string{}}}
}

// What Sentry did not answer may have been done, and counts as taken; what it
// refused was not.
func TestWhatWasNotAnsweredIsUncertain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault     sandbox.Fault
		uncertain bool
	}{
		"cut":           {sandbox.Fault{Cut: true}, true},
		"cut after":     {sandbox.Fault{Cut: true, After: true}, true},
		"half a body":   {sandbox.Fault{Status: http.StatusOK, Body: `{"id": "1", "userName": "`, Cut: true, After: true}, true},
		"not SCIM":      {sandbox.Fault{Status: http.StatusOK, Body: "<html>"}, true},
		"bad gateway":   {sandbox.Fault{Status: http.StatusBadGateway, Body: "<html>"}, true},
		"gateway slow":  {sandbox.Fault{Status: http.StatusGatewayTimeout, Body: "<html>"}, true},
		"unavailable":   {sandbox.Fault{Status: http.StatusServiceUnavailable, Body: "<html>"}, false},
		"refused":       {sandbox.Fault{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"detail":"no"}`}, false},
		"broken":        {sandbox.Fault{Status: http.StatusInternalServerError, ContentType: "application/json", Body: `{"detail":"Internal Error"}`}, false},
		"not permitted": {sandbox.Fault{Status: http.StatusConflict, ContentType: "application/json", Body: `{"detail":"no"}`}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			members, teams := everybody()
			s := newStage(t, members, teams, func(_ int, r *http.Request) sandbox.Fault {
				if r.Method == http.MethodGet {
					return sandbox.Fault{}
				}
				return tt.fault
			})
			s.options.Plan = everything()
			outcome, err := apply.Run(t.Context(), s.options)
			if err != nil {
				t.Fatal(err)
			}
			done := outcome.Applied.Total()
			if len(outcome.Failed)+done != 8 {
				t.Fatalf("applied %+v, failed %+v", outcome.Applied, outcome.Failed)
			}
			for _, f := range outcome.Failed {
				if f.Uncertain != tt.uncertain || f.Error == "" {
					t.Errorf("%+v, want uncertain = %v", f, tt.uncertain)
				}
			}
			p := outcome.Taken
			if taken := len(p.UsersRole) + len(p.MembersRemove) + len(p.UsersRemove) + len(p.TeamsDelete); taken == 4 != tt.uncertain || taken > 0 != tt.uncertain {
				t.Errorf("taken: %v", p.Lines())
			}
		})
	}
}

func TestWhatWasTakenIsWhatWasDone(t *testing.T) {
	t.Parallel()
	members, teams := everybody()
	s := newStage(t, members, teams, nil)
	s.options.Plan = everything()
	outcome := s.reaches(t, map[string]string{"ada@acme.test": "manager", "bob@acme.test": "member", "new@acme.test": "member"},
		map[string][]string{"Web": {"bob@acme.test"}, "DATA": {}, "New": {}, "Old": {}})
	if outcome.Applied != s.options.Plan.Counts() || len(outcome.Failed)+len(outcome.Skipped) > 0 {
		t.Errorf("applied %+v, failed %v, skipped %v", outcome.Applied, outcome.Failed, outcome.Skipped)
	}
	want := []string{
		"remove cid@acme.test (not in the directory)", "delete the team Old ()", "remove ada@acme.test from Data", "change the role of ada@acme.test from member to manager",
	}
	if diff := cmp.Diff(want, outcome.Taken.Lines()); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

// Whoever ends a run learns what may have been done.
func TestARunThatEndsNamesWhatMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	members, teams := everybody()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := newStage(t, members, teams, func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPut {
			cancel()
			return sandbox.Fault{Cut: true, After: true}
		}
		return sandbox.Fault{}
	})
	s.options.Plan = everything()
	outcome, err := apply.Run(ctx, s.options)
	if err == nil || outcome.Applied.Total() != 1 || len(outcome.Failed) != 1 || !outcome.Failed[0].Uncertain {
		t.Fatalf("%v, applied %+v, failed %+v", err, outcome.Applied, outcome.Failed)
	}
	if len(outcome.Taken.UsersRole) != 1 || len(outcome.Taken.UsersRemove) != 0 {
		t.Errorf("taken: %v", outcome.Taken.Lines())
	}
}

func TestARefusedCredentialEndsTheWork(t *testing.T) {
	t.Parallel()
	members, teams := everybody()
	s := newStage(t, members, teams, func(_ int, r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPut {
			return sandbox.Fault{Status: http.StatusUnauthorized, ContentType: "application/json", Body: `{"detail":"Invalid token"}`}
		}
		return sandbox.Fault{}
	})
	s.options.Plan = everything()
	outcome, err := apply.Run(t.Context(), s.options)
	if fault.CodeOf(err) != fault.Credential || outcome.Applied.Total() != 1 || len(outcome.Failed) != 1 || outcome.Failed[0].Uncertain {
		t.Errorf("%v, applied %+v, failed %+v", err, outcome.Applied, outcome.Failed)
	}
}
