package sandbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// slow is the small organization on a server that takes a second a member.
func slow(t *testing.T) *sandbox.Sentry {
	t.Helper()
	c := config()
	c.MemberLatency = time.Second
	return newSentry(t, small(), c)
}

func add(ids ...string) string {
	return patch(`{"op":"add","path":"members","value":[{"value":"` + strings.Join(ids, `"},{"value":"`) + `"}]}`)
}

// begin sends a request that goes on beside the test; its answer is there once
// the channel is closed. The client gives up when ctx ends.
func begin(ctx context.Context, t *testing.T, s *sandbox.Sentry, method, path, body string) (*httptest.ResponseRecorder, <-chan struct{}) {
	t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, scim+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() {
		defer close(done)
		s.ServeHTTP(w, r)
	}()
	return w, done
}

func TestPatchCostsByMember(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body    string
		seconds float64
		status  int
	}{
		"two added":             {add("1", "4"), 2, 204},
		"one of two is there":   {add("1", "2"), 1, 204},
		"nobody new":            {add("2", "3"), 0, 204},
		"one removed":           {patch(`{"op":"remove","path":"members[value eq \"2\"]"}`), 1, 204},
		"nobody to remove":      {patch(`{"op":"remove","path":"members[value eq \"1\"]"}`), 0, 204},
		"one goes, two come":    {patch(`{"op":"replace","path":"members","value":[{"value":"2"},{"value":"1"},{"value":"4"}]}`), 3, 204},
		"renamed":               {patch(`{"op":"replace","path":"displayName","value":"Other"}`), 0, 204},
		"failed after one":      {add("1", "77"), 1, 404},
		"refused before any":    {patch(`{"op":"move"}`), 0, 400},
		"added and taken again": {patch(`{"op":"add","path":"members","value":[{"value":"1"}]},{"op":"remove","path":"members[value eq \"1\"]"}`), 2, 204},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, began := slow(t), time.Now()
				if w := ask(t, s, http.MethodPatch, scim+ops, tt.body); w.Code != tt.status {
					t.Errorf("got %d %s, want %d", w.Code, w.Body, tt.status)
				}
				if got := time.Since(began).Seconds(); got != tt.seconds {
					t.Errorf("took %g s, want %g s", got, tt.seconds)
				}
			})
		})
	}
}

func TestConfigGoesBeforeTheStateInWhatAMemberCosts(t *testing.T) {
	t.Parallel()
	for config, seconds := range map[time.Duration]float64{0: 0.25, time.Second: 1} {
		synctest.Test(t, func(t *testing.T) {
			state := small()
			state.MemberLatencyMS = 250
			s := newSentry(t, state, sandbox.Config{Token: token, Now: noon, Rand: zeros{}, MemberLatency: config})
			began := time.Now()
			ask(t, s, http.MethodPatch, scim+ops, add("1"))
			if got := time.Since(began).Seconds(); got != seconds {
				t.Errorf("took %g s, want %g s", got, seconds)
			}
		})
	}
}

// TestPatchIsOneTransaction looks at the team while a PATCH is under way, whose
// client gives up: nothing of it is seen before all of it is.
func TestPatchIsOneTransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := slow(t)
		ctx, giveUp := context.WithCancel(t.Context())
		_, done := begin(ctx, t, s, http.MethodPatch, ops, add("1", "4", "5"))
		time.Sleep(2500 * time.Millisecond)
		giveUp()
		began := time.Now()
		if w := ask(t, s, http.MethodGet, scim+ops, ""); strings.Contains(w.Body.String(), `"value":"1"`) {
			t.Errorf("half of a transaction is seen: %s", w.Body)
		}
		if w := ask(t, s, http.MethodPatch, scim+"/Groups/11", patch("")); w.Code != http.StatusNoContent || time.Since(began) > 0 {
			t.Errorf("another team: got %d after %s", w.Code, time.Since(began))
		}
		// The same once more waits for the first, and finds nothing left to do.
		if w := ask(t, s, http.MethodPatch, scim+ops, add("1", "4", "5")); w.Code != http.StatusNoContent || time.Since(began) != 500*time.Millisecond {
			t.Errorf("the same once more: got %d after %s", w.Code, time.Since(began))
		}
		<-done
		if diff := cmp.Diff([]string{"2", "3", "1", "4", "5"}, s.Snapshot().Teams[0].Members); diff != "" {
			t.Errorf("team (-want +got):\n%s", diff)
		}
	})
}

// TestPatchMeetsWhatChangedMeanwhile has other writes come first: the slower one
// fails whole.
func TestPatchMeetsWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, body string
		status             int
		want               string
	}{
		"the name is taken":  {"POST", "/Groups", `{"displayName":"Other"}`, 400, `{"slug":["The slug \"other\" is already in use."]}`},
		"the member is gone": {"DELETE", "/Users/5", "", 404, failed("404", "User not found.")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := slow(t)
				body := patch(`{"op":"add","path":"members","value":[{"value":"5"}]},{"op":"replace","path":"displayName","value":"Other"}`)
				w, done := begin(t.Context(), t, s, http.MethodPatch, ops, body)
				synctest.Wait()
				if first := ask(t, s, tt.method, scim+tt.path, tt.body); first.Code >= 300 {
					t.Fatalf("the first: got %d %s", first.Code, first.Body)
				}
				<-done
				want(t, w, tt.status, tt.want)
				if diff := cmp.Diff(small().Teams[0], s.Snapshot().Teams[0]); diff != "" {
					t.Errorf("team (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestTeamIsDeletedAfterItsTransaction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := slow(t)
		first, done := begin(t.Context(), t, s, http.MethodPatch, ops, add("1"))
		synctest.Wait()
		if w := ask(t, s, http.MethodDelete, scim+ops, ""); w.Code != http.StatusNoContent {
			t.Errorf("delete: got %d %s", w.Code, w.Body)
		}
		<-done
		want(t, first, http.StatusNoContent, "")
		want(t, ask(t, s, http.MethodPatch, scim+ops, add("4")), http.StatusNotFound, failed("404", "Group not found."))
	})
}

// TestWaitingPatchFindsTheTeamGone has a DELETE and a rename wait for the same
// transaction: whichever is next, the team is not listed again.
func TestWaitingPatchFindsTheTeamGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := slow(t)
		_, first := begin(t.Context(), t, s, http.MethodPatch, ops, add("1"))
		synctest.Wait()
		_, deleted := begin(t.Context(), t, s, http.MethodDelete, ops, "")
		synctest.Wait()
		later, done := begin(t.Context(), t, s, http.MethodPatch, ops, patch(`{"op":"replace","path":"displayName","value":"Late"}`))
		<-first
		<-deleted
		<-done
		if later.Code != http.StatusNoContent && later.Code != http.StatusNotFound {
			t.Errorf("got %d %s", later.Code, later.Body)
		}
		if got := listed(t, s, "/Groups"); got != "11 12" {
			t.Errorf("listed are %s, want 11 12", got)
		}
	})
}

func TestLatencyEndsThoughTheClientIsGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := config()
		c.Latency = time.Minute
		s := newSentry(t, small(), c)
		ctx, giveUp := context.WithCancel(t.Context())
		_, done := begin(ctx, t, s, http.MethodPost, "/Users", `{"userName":"new@acme.test"}`)
		synctest.Wait()
		giveUp()
		<-done
		if got := len(s.Snapshot().Members); got != len(small().Members)+1 {
			t.Errorf("got %d members: the request was not carried out", got)
		}
	})
}

// TestTeamRolesByRelease has roles survive what does not touch their members,
// and be lost where a release replaces everybody.
func TestTeamRolesByRelease(t *testing.T) {
	t.Parallel()
	const replace = `{"op":"replace","path":"members","value":[{"value":"1"},{"value":"3"},{"value":"2"}]}`
	tests := map[string]struct {
		release sandbox.Release
		body    string
		members []string
		roles   map[string]string
	}{
		"add":            {"25.7", add("1"), []string{"2", "3", "1"}, map[string]string{"2": "admin", "3": "contributor"}},
		"remove":         {"25.7", patch(`{"op":"remove","path":"members[value eq \"3\"]"}`), []string{"2"}, map[string]string{"2": "admin"}},
		"remove and add": {"latest", patch(`{"op":"remove","path":"members","value":[{"value":"2"}]},{"op":"add","path":"members","value":[{"value":"2"}]}`), []string{"3", "2"}, map[string]string{"3": "contributor"}},
		"replace, 25.7":  {"25.7", patch(replace), []string{"1", "3", "2"}, nil},
		"replace, 26.6":  {"26.6", patch(replace), []string{"2", "3", "1"}, map[string]string{"2": "admin", "3": "contributor"}},
		"replace, 26.8":  {"26.8", patch(replace), []string{"2", "3", "1"}, map[string]string{"2": "admin", "3": "contributor"}},
		"replace, now":   {"latest", patch(`{"op":"replace","path":"members","value":[{"value":"2"}]}`), []string{"2"}, map[string]string{"2": "admin"}},
		"not carried":    {"latest", patch(`{"op":"remove","path":"members[value eq \"2\"]"},{"op":"add","path":"members","value":[{"value":"77"}]}`), []string{"2", "3"}, map[string]string{"2": "admin", "3": "contributor"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := small()
			state.Teams[0].TeamRoles = map[string]string{"2": "admin", "3": "contributor"}
			c := config()
			c.Release = tt.release
			s := newSentry(t, state, c)
			ask(t, s, http.MethodPatch, scim+ops, tt.body)
			team := s.Snapshot().Teams[0]
			if diff := cmp.Diff(tt.members, team.Members); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.roles, team.TeamRoles); diff != "" {
				t.Errorf("roles (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]string{"2": "admin", "3": "contributor"}, state.Teams[0].TeamRoles); diff != "" {
				t.Errorf("the state that was given has changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTeamRoleGoesWithTheMember(t *testing.T) {
	t.Parallel()
	state := small()
	state.Teams[0].TeamRoles = map[string]string{"2": "admin"}
	s := newSentry(t, state, config())
	ask(t, s, http.MethodDelete, scim+"/Users/2", "")
	if roles := s.Snapshot().Teams[0].TeamRoles; roles != nil {
		t.Errorf("got %v, want none", roles)
	}
}
