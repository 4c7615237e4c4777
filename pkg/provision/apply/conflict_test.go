package apply_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// coming is a plan that invites people as managers into the team Web, and that
// removes members whom it takes for strangers from there, from Data and from Sentry.
func (s *stage) coming(strangers []sandbox.Member, addresses ...string) *stage {
	p := plan.New()
	p.TeamIDs["Web"], p.TeamIDs["Data"] = "9", "8"
	for _, address := range addresses {
		p.UsersCreate = append(p.UsersCreate, plan.UserCreate{Email: address, Role: "manager"})
		p.MembersAdd = append(p.MembersAdd, plan.Membership{Team: "Web", Email: address})
	}
	for _, m := range strangers {
		p.MembersRemove = append(p.MembersRemove, plan.Membership{Team: "Web", Email: m.Email, MemberID: m.ID}, plan.Membership{Team: "Data", Email: m.Email, MemberID: m.ID})
		p.UsersRemove = append(p.UsersRemove, plan.UserRemove{ID: m.ID, Email: m.Email, Role: m.Role, Reason: "not in the directory"})
	}
	s.options.Plan = p
	return s
}

func skipped(o *apply.Outcome) map[string]string {
	told := map[string]string{}
	for _, s := range o.Skipped {
		told[s.Who] += s.Reason + "\n"
	}
	return told
}

func TestWhoIsKnownByASecondAddressIsKeptFromHarm(t *testing.T) {
	t.Parallel()
	old := linked("5", "old@acme.test", "member", "new@acme.test", "another@acme.test")
	twin := linked("6", "twin@acme.test", "member", "new@acme.test")
	own := linked("1", "own@acme.test", "owner", "new@acme.test")
	both := map[string][]string{"Data": {"old@acme.test"}, "Web": {"old@acme.test"}}
	tests := map[string]struct {
		members   []sandbox.Member
		strangers []sandbox.Member
		owned     []string
		accept    bool
		coming    []string
		people    map[string]string
		teams     map[string][]string
		skipped   []string
	}{
		"nobody's": {
			[]sandbox.Member{old},
			[]sandbox.Member{old},
			nil, false,
			[]string{"new@acme.test"},
			map[string]string{"old@acme.test": "member"},
			both,
			[]string{"new@acme.test", "old@acme.test"},
		},
		"nobody's, accepted": {
			[]sandbox.Member{old},
			[]sandbox.Member{old},
			nil, true,
			[]string{"new@acme.test"},
			map[string]string{"old@acme.test": "manager"},
			map[string][]string{"Data": {}, "Web": {"old@acme.test"}},
			[]string{"old@acme.test"},
		},
		"claimed by two, accepted": {
			[]sandbox.Member{old},
			[]sandbox.Member{old},
			nil, true,
			[]string{"another@acme.test", "new@acme.test"},
			map[string]string{"old@acme.test": "member"},
			both,
			[]string{"another@acme.test", "new@acme.test", "old@acme.test"},
		},
		"two members, accepted": {
			[]sandbox.Member{old, twin},
			[]sandbox.Member{old, twin},
			nil, true,
			[]string{"new@acme.test"},
			map[string]string{"old@acme.test": "member", "twin@acme.test": "member"},
			both,
			[]string{"new@acme.test", "old@acme.test", "twin@acme.test"},
		},
		"somebody of the directory": {
			[]sandbox.Member{old}, nil, []string{"5"}, false, []string{"new@acme.test"}, map[string]string{"old@acme.test": "member"}, both, []string{"new@acme.test"},
		},
		"somebody of the directory, accepted": {
			[]sandbox.Member{old}, nil, []string{"5"}, true, []string{"new@acme.test"}, map[string]string{"old@acme.test": "member"}, both, []string{"new@acme.test"},
		},
		"somebody who leaves": {
			[]sandbox.Member{old}, []sandbox.Member{old}, []string{"5"}, true, []string{"new@acme.test"}, map[string]string{}, map[string][]string{"Data": {}, "Web": {}}, []string{"new@acme.test"},
		},
		"an owner": {
			[]sandbox.Member{own}, nil, nil, false, []string{"new@acme.test"}, map[string]string{"own@acme.test": "owner"}, map[string][]string{"Data": {}, "Web": {}}, []string{"new@acme.test"},
		},
		"an owner, accepted": {
			[]sandbox.Member{own}, nil, nil, true, []string{"new@acme.test"}, map[string]string{"own@acme.test": "owner"}, map[string][]string{"Data": {}, "Web": {"own@acme.test"}}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var in []string
			if tt.members[0].ID == "5" {
				in = []string{"5"}
			}
			s := newStage(t, tt.members, []sandbox.Team{{ID: "8", Name: "Data", Slug: "data", Members: in}, web(in...)}, nil).coming(tt.strangers, tt.coming...).owning(tt.owned...)
			s.options.AcceptSecond = tt.accept
			outcome := s.reaches(t, tt.people, tt.teams)
			told := skipped(outcome)
			var who []string
			for name := range told {
				who = append(who, name)
			}
			slices.Sort(who)
			if diff := cmp.Diff(tt.skipped, who); diff != "" || len(outcome.Failed) > 0 {
				t.Errorf("failed %v, skipped %v (-want +got):\n%s", outcome.Failed, told, diff)
			}
			for _, address := range tt.coming {
				if ids := outcome.Known.Held[address].IDs; len(ids) == 0 || ids[0] != tt.members[0].ID || !outcome.Known.Held[address].At.Equal(clock()) {
					t.Errorf("%s is known to be held by %v", address, outcome.Known.Held[address])
				}
			}
		})
	}
}

// The conflict path touches nobody who is an owner, or could be one.
func TestAConflictNeverTouchesAnOwner(t *testing.T) {
	t.Parallel()
	for name, role := range map[string]string{"owner": "owner", "unknown": "", "manager": "manager", "member": "member"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, userName := range []string{"ada@acme.test", "old@acme.test"} { // known by the address itself, or by a further one
				var writes []string
				s := newStage(t, nil, nil, nil)
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					switch r.Method {
					case http.MethodPost:
						respond(w, http.StatusConflict, `{"detail":"User already exists in the database."}`)
					case http.MethodGet:
						respond(w, http.StatusOK, `{"totalResults":1,"itemsPerPage":1,"startIndex":1,"Resources":[{"id":"5","userName":"`+userName+`","sentryOrgRole":"`+role+`"}]}`)
					case http.MethodPut:
						writes = append(writes, r.Method)
						respond(w, http.StatusOK, `{"id":"5","userName":"`+userName+`","sentryOrgRole":"manager"}`)
					default:
						w.WriteHeader(http.StatusNoContent)
					}
				}))
				defer server.Close()
				s.options.Client = clientOf(t, server.URL)
				s.options.AcceptSecond = true
				s.coming(nil, "ada@acme.test")
				outcome, err := apply.Run(t.Context(), s.options)
				if err != nil || len(outcome.Failed) > 0 {
					t.Fatalf("%v, failed %+v", err, outcome.Failed)
				}
				if touched := len(writes) > 0; touched != (role == "member") {
					t.Errorf("%s: a member of the role %q is given another: %v", userName, role, touched)
				}
			}
		})
	}
}

func respond(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

func clientOf(t *testing.T, address string) *scim.Client {
	t.Helper()
	noWait := func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	times := transport.Clock{Now: time.Now, Rand: rand.NewChaCha8([32]byte{}), Sleep: noWait}
	client, err := transport.New(transport.Options{Origin: address, Token: secret.New("token"), MaxAttempts: 2, Clock: times, Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scim.New(address, client, scim.Clock(times))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Somebody who became a member of the address meanwhile gets role and teams.
func TestWhoIsThereAlreadyIsWhoWasMeant(t *testing.T) {
	t.Parallel()
	s := newStage(t, []sandbox.Member{{ID: "5", Email: "ADA@acme.test", Role: "member", Linked: true}}, []sandbox.Team{web()}, nil)
	s.options.Actual.Users = nil // when it was read
	outcome := s.coming(nil, "ada@acme.test").reaches(t, map[string]string{"ADA@acme.test": "manager"}, map[string][]string{"Web": {"ADA@acme.test"}})
	if len(outcome.Failed)+len(outcome.Skipped) > 0 || outcome.Applied.UsersCreate != 1 || outcome.Invited["ada@acme.test"] != "5" {
		t.Errorf("%+v", outcome)
	}
}
