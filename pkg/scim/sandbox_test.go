package scim_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

type faulty func(n int, r *http.Request) sandbox.Fault

func newSentry(t *testing.T, state sandbox.State, release sandbox.Release, fault faulty) *sandbox.Sentry {
	t.Helper()
	saml, token := "saml2", "scim"
	state.Org, state.Provider, state.SCIMEnabled, state.Token = "acme", &saml, true, &token
	s, err := sandbox.NewSentry(state, sandbox.Config{
		Release: release, Token: canary, Now: time.Now, Rand: half{}, Fault: fault,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// emails returns who is in Sentry, and team members by the team's name.
func emails(s *sandbox.Sentry) (users map[string]string, teams map[string][]string) {
	users, teams = map[string]string{}, map[string][]string{}
	state := s.Snapshot()
	byID := map[string]string{}
	for _, m := range state.Members {
		users[m.Email], byID[m.ID] = m.Role, m.Email
	}
	for _, team := range state.Teams {
		if team.Status == "pending_deletion" {
			continue
		}
		teams[team.Name] = []string{}
		for _, id := range team.Members {
			teams[team.Name] = append(teams[team.Name], byID[id])
		}
	}
	return users, teams
}

func owner() sandbox.Member {
	return sandbox.Member{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner"}
}

func TestSentryReleases(t *testing.T) {
	t.Parallel()
	for _, release := range []sandbox.Release{"25.7", "26.6", "26.8", ""} {
		t.Run("release "+string(release), func(t *testing.T) {
			t.Parallel()
			s := newSentry(t, sandbox.State{Members: []sandbox.Member{
				owner(),
				{ID: "2", Email: "Grace@acme.test", Linked: true, Role: "manager"},
				{ID: "3", Email: "invited@acme.test", Role: "member"},
			}}, release, nil)
			c := connect(t, s)
			for email, id := range map[string]string{"grace@acme.test": "2", "invited@acme.test": "3"} {
				_, err := c.Invite(t.Context(), email, "")
				taken, ok := errors.AsType[*scim.TakenError](err)
				if !ok || ids(taken.Users) != id || !taken.Users[0].Named(email) {
					t.Errorf("%s: %v, expected it to be taken by %s", email, err, id)
				}
			}
			if user, err := c.Invite(t.Context(), "new@acme.test", ""); err != nil || !user.Named("NEW@acme.test") || user.Role != "member" {
				t.Errorf("%+v, %v", user, err)
			}
			chief, err := c.Invite(t.Context(), "chief@acme.test", "manager")
			if err != nil || chief.Role != "manager" {
				t.Errorf("%+v, %v", chief, err)
			}
			if err := c.SetRole(t.Context(), "3", "manager"); err != nil {
				t.Error(err)
			}
			if err := c.SetRole(t.Context(), "1", "member"); err == nil {
				t.Error("an owner lost the role")
			}
			roles := map[string]string{"1": "owner", "2": "manager", "3": "member", chief.ID: "member"}
			for id, role := range roles { // SCIM gave 3 and the chief theirs
				if given, err := c.RoleGiven(t.Context(), id); err != nil || given != (id == "3" || id == chief.ID) {
					t.Errorf("SCIM gave %s its role: %t, %v", id, given, err)
				}
				if user, err := c.ResetRole(t.Context(), id); err != nil || user.Role != role {
					t.Errorf("reset the role of %s: %+v, %v", id, user, err)
				}
				if given, err := c.RoleGiven(t.Context(), id); err != nil || given {
					t.Errorf("SCIM gave %s its role after a reset: %t, %v", id, given, err)
				}
			}
			if err := c.RemoveUser(t.Context(), "2"); err != nil {
				t.Error(err)
			}
			if _, err := c.RoleGiven(t.Context(), "2"); !errors.Is(err, scim.ErrNotFound) {
				t.Errorf("the role of a member who is gone: %v", err)
			}
			users, _ := emails(s)
			want := map[string]string{"owner@acme.test": "owner", "invited@acme.test": "member", "new@acme.test": "member", "chief@acme.test": "member"}
			if diff := cmp.Diff(want, users); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSentryTeams(t *testing.T) {
	t.Parallel()
	s := newSentry(t, sandbox.State{
		Members: []sandbox.Member{owner(), {ID: "2", Email: "ada@acme.test", Linked: true, Role: "member"}},
		Teams:   []sandbox.Team{{ID: "9", Name: "R&D", Slug: "rd", Members: []string{}}},
	}, "", nil)
	c := connect(t, s)
	if _, err := c.CreateGroup(t.Context(), "RD"); !errors.Is(err, scim.ErrConflict) {
		t.Errorf("a taken slug: %v", err)
	}
	if found, ok, err := c.GroupByName(t.Context(), "rd"); err != nil || !ok || found.DisplayName != "R&D" {
		t.Errorf("%+v, %t, %v", found, ok, err)
	}
	web, err := c.CreateGroup(t.Context(), `Web, "front" end`)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.RenameGroup(t.Context(), web.ID, "rd"); !errors.Is(err, scim.ErrConflict) {
		t.Errorf("a rename to a taken slug: %v", err)
	}
	stale := []string{"1", "2", "777"}
	if left, _, err := c.ChangeMembers(t.Context(), web.ID, stale, nil); !errors.Is(err, scim.ErrUnknownMember) || !slices.Equal(left, stale) {
		t.Errorf("a stale member: %v, left %v", err, left)
	}
	if _, teams := emails(s); len(teams[`Web, "front" end`]) != 0 {
		t.Errorf("members were added beside a stale one: %v", teams)
	}
	for _, err := range []error{
		changeMembers(t, c, web.ID, []string{"1", "2"}, nil), changeMembers(t, c, web.ID, []string{"2"}, []string{"1"}),
		changeMembers(t, c, "9", []string{"1"}, []string{"2"}), changeMembers(t, c, "9", nil, []string{"1"}),
		c.RenameGroup(t.Context(), web.ID, "Web"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	_, teams := emails(s)
	if diff := cmp.Diff(map[string][]string{"Web": {"ada@acme.test"}, "R&D": {}}, teams); diff != "" {
		t.Error(diff)
	}
	for range 2 { // the second finds nothing to delete
		if err := c.DeleteGroup(t.Context(), web.ID); err != nil {
			t.Error(err)
		}
	}
	if err := changeMembers(t, c, web.ID, []string{"1"}, nil); !errors.Is(err, scim.ErrNotFound) {
		t.Errorf("a team that is gone: %v", err)
	}
}

// faults are the ways in which a request goes wrong.
func faults() map[string]sandbox.Fault {
	page := "<html><title>502 Bad Gateway</title></html>"
	return map[string]sandbox.Fault{
		"503":                    {Status: 503},
		"502, before the write":  {Status: 502, Body: page},
		"504, after the write":   {Status: 504, Body: page, After: true},
		"reset before the write": {Cut: true},
		"reset after the write":  {Cut: true, After: true},
		"half an answer":         {Status: 200, Body: `{"totalResults":1,"Resources":[]}`, After: true, Cut: true},
		"429 without headers":    {Status: 429, Body: `{"detail":"too frequent"}`},
		"429 with a wait":        {Status: 429, Header: http.Header{"Retry-After": {"2"}}},
	}
}

// TestFaults sends the calls of a push, with every Nth request going wrong, and
// compares what Sentry holds in the end with what was meant.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range faults() {
		for _, every := range []int{2, 3, 7} {
			t.Run(fmt.Sprintf("%s, every %d", name, every), func(t *testing.T) {
				t.Parallel()
				s := newSentry(t, sandbox.State{Members: []sandbox.Member{owner()}}, "", func(n int, _ *http.Request) sandbox.Fault {
					if n%every == 0 {
						return fault
					}
					return sandbox.Fault{}
				})
				push(t, connect(t, s, scim.PageSize(10)), s)
			})
		}
	}
}

func push(t *testing.T, c *scim.Client, s *sandbox.Sentry) {
	t.Helper()
	wantUsers, ids := map[string]string{"owner@acme.test": "owner"}, []string{}
	for i := range 25 {
		email := "p" + strconv.Itoa(i) + "@acme.test"
		user, err := c.Invite(t.Context(), email, "member")
		must(t, err)
		wantUsers[email] = "member"
		ids = append(ids, user.ID)
	}
	wantTeams := map[string][]string{}
	for _, name := range []string{"Web", "Data", "Ops"} {
		group, err := c.CreateGroup(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range [][2][]string{{ids[:1], nil}, {ids[1:3], ids[:1]}} {
			_, _, err := c.ChangeMembers(t.Context(), group.ID, change[0], change[1])
			must(t, err)
		}
		wantTeams[name] = []string{"p1@acme.test", "p2@acme.test"}
	}
	must(t, c.SetRole(t.Context(), ids[5], "manager"))
	must(t, c.RemoveUser(t.Context(), ids[6]))
	wantUsers["p5@acme.test"] = "manager"
	delete(wantUsers, "p6@acme.test")

	users, teams := emails(s)
	if diff := cmp.Diff(wantUsers, users); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantTeams, teams); diff != "" {
		t.Errorf("teams (-want +got):\n%s", diff)
	}
	listed, err := c.Users(t.Context())
	if err != nil || len(listed) != len(wantUsers) {
		t.Errorf("%d users are listed, want %d: %v", len(listed), len(wantUsers), err)
	}
	groups, err := c.Groups(t.Context())
	if err != nil || len(groups) != len(wantTeams) {
		t.Errorf("%d teams are listed, want %d: %v", len(groups), len(wantTeams), err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSentryRefusesTheToken(t *testing.T) {
	t.Parallel()
	s := newSentry(t, sandbox.State{Members: []sandbox.Member{owner()}}, "", nil)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer other")
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	_, err := connectTo(t, web.URL).Users(t.Context())
	if api, ok := errors.AsType[*scim.APIError](err); !ok || api.Status != http.StatusUnauthorized {
		t.Error(err)
	}
}
