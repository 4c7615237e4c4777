package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

const (
	membersAPI = "/api/0/organizations/acme/members/"
	notThere   = `{"detail":"The requested resource does not exist"}`
)

// flagsOf are the flags of a member that are set.
func flagsOf(t *testing.T, s http.Handler, id string) []string {
	t.Helper()
	w := ask(t, s, http.MethodGet, membersAPI+id+"/", "")
	object, _ := decode(t, w).(map[string]any)
	flags, _ := object["flags"].(map[string]any)
	if w.Code != http.StatusOK || len(flags) != 6 || object["id"] != id {
		t.Fatalf("member %s: %d %s", id, w.Code, w.Body)
	}
	set := []string{}
	for _, flag := range []string{"idp:provisioned", "idp:role-restricted", "sso:linked", "sso:invalid", "member-limit:restricted", "partnership:restricted"} {
		if flags[flag] == true {
			set = append(set, flag)
		}
	}
	return set
}

func TestMemberFlags(t *testing.T) {
	t.Parallel()
	invite := func(body string) func(*testing.T, *sandbox.Sentry) {
		return func(t *testing.T, s *sandbox.Sentry) {
			t.Helper()
			if w := ask(t, s, http.MethodPost, scim+"/Users", body); w.Code != http.StatusCreated {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	}
	put := func(role string) func(*testing.T, *sandbox.Sentry) {
		return func(t *testing.T, s *sandbox.Sentry) {
			t.Helper()
			if w := ask(t, s, http.MethodPut, scim+"/Users/2", `{"sentryOrgRole":"`+role+`"}`); w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	}
	tests := map[string]struct {
		id    string
		steps []func(*testing.T, *sandbox.Sentry)
		want  []string
	}{
		"by hand":                       {"2", nil, []string{"sso:linked"}},
		"invited with a role":           {"3", []func(*testing.T, *sandbox.Sentry){invite(`{"userName":"new@acme.test","sentryOrgRole":"manager"}`)}, []string{"idp:provisioned", "idp:role-restricted"}},
		"invited with the default role": {"3", []func(*testing.T, *sandbox.Sentry){invite(`{"userName":"new@acme.test"}`)}, []string{"idp:provisioned"}},
		"a role is set":                 {"2", []func(*testing.T, *sandbox.Sentry){put("admin")}, []string{"idp:provisioned", "idp:role-restricted", "sso:linked"}},
		"a role is set and reset":       {"2", []func(*testing.T, *sandbox.Sentry){put("admin"), put("")}, []string{"idp:provisioned", "sso:linked"}},
		"a role by hand is reset":       {"2", []func(*testing.T, *sandbox.Sentry){put("")}, []string{"sso:linked"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := sandbox.DefaultState("acme")
			state.Members = []sandbox.Member{
				{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner"},
				{ID: "2", Email: "ada@acme.test", Linked: true, Role: "manager", Flags: []string{"sso:linked"}},
			}
			s := newSentry(t, state, config())
			for _, step := range tt.steps {
				step(t, s)
			}
			if diff := cmp.Diff(tt.want, flagsOf(t, s, tt.id)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMemberIsShownWhole compares a body to the letter, in a sandbox whose SCIM
// is off: the address is not SCIM's.
func TestMemberIsShownWhole(t *testing.T) {
	t.Parallel()
	state := accounts()
	state.SCIMEnabled = false
	s := newSentry(t, state, config())
	want(t, ask(t, s, http.MethodGet, scim+"/Users/2", ""), http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
	const rest = `"flags":{"idp:provisioned":false,"idp:role-restricted":false,"member-limit:restricted":false,"partnership:restricted":false,` +
		`"sso:invalid":false,"sso:linked":false},"dateCreated":"2026-09-01T12:00:00Z","inviteStatus":"approved","inviterName":null}`
	const role = `"role":"member","roleName":"Member","orgRole":"member",`
	want(t, ask(t, s, http.MethodGet, membersAPI+"2/", ""), http.StatusOK,
		`{"id":"2","email":"jane@acme.test","name":"jane@acme.test","user":{"id":"1002","name":"jane@acme.test","username":"jane@acme.test",`+
			`"email":"jane@acme.test","isActive":true,"has2fa":false,"lastLogin":null,"lastActive":null},`+role+`"pending":false,"expired":false,`+rest)
	want(t, ask(t, s, http.MethodGet, "/api/0/organizations/1/members/6/", ""), http.StatusOK,
		`{"id":"6","email":"invited@acme.test","name":"invited@acme.test","user":null,`+role+`"pending":true,"expired":false,`+rest)
}

// TestMembersThatAreNotShown: a placeholder, a deactivated account and a request
// that nobody has approved are not found (core/endpoints/organization_member_details.py).
func TestMembersThatAreNotShown(t *testing.T) {
	t.Parallel()
	s := newSentry(t, accounts(), config())
	for name, id := range map[string]string{"placeholder": "3", "deactivated": "5", "a request": "7", "unknown": "99", "overflow": strings.Repeat("9", 40)} {
		w := ask(t, s, http.MethodGet, membersAPI+id+"/", "")
		if w.Code != http.StatusNotFound || w.Body.String() != notThere {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	want(t, ask(t, s, http.MethodGet, "/api/0/organizations/other/members/2/", ""), http.StatusNotFound, notThere)
	for _, path := range []string{membersAPI + "2", membersAPI + "me/", membersAPI + "2/teams/"} {
		if w := ask(t, s, http.MethodGet, path, ""); w.Code != http.StatusNotFound || w.Header().Get("Content-Type") == "application/json" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestMemberAccess(t *testing.T) {
	t.Parallel()
	get := func(scopes []string, header ...string) *httptest.ResponseRecorder {
		state := accounts()
		state.TokenScopes = scopes
		return ask(t, newSentry(t, state, config()), http.MethodGet, membersAPI+"2/", "", header...)
	}
	want(t, get(nil, "Authorization", ""), http.StatusUnauthorized, `{"detail":"Authentication credentials were not provided."}`)
	want(t, get(nil, "Authorization", "Bearer nope"), http.StatusUnauthorized, `{"detail":"Invalid token"}`)
	for _, scope := range []string{"member:read", "member:write", "member:admin"} {
		if w := get([]string{scope}); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", scope, w.Code, w.Body)
		}
	}
	w := get([]string{"team:admin"})
	want(t, w, http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer error="insufficient_scope", scope="member:read member:write member:admin"` {
		t.Errorf("challenge %q", got)
	}
}

func TestMembersAreOnlyRead(t *testing.T) {
	t.Parallel()
	s := newSentry(t, accounts(), config())
	before := s.Snapshot()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		w := ask(t, s, method, membersAPI+"2/", `{"orgRole":"owner"}`)
		want(t, w, http.StatusMethodNotAllowed, `{"detail":"Method \"`+method+`\" not allowed."}`)
		if got := w.Header().Get("Allow"); got != "GET, HEAD, OPTIONS" {
			t.Errorf("%s: Allow %q", method, got)
		}
	}
	if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
		t.Error(diff)
	}
}
