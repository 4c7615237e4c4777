package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

const (
	orgAPI   = "/api/0/organizations/acme/"
	apiToken = "api-token"
)

// own asks with the second token.
func own(t *testing.T, s http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, s, http.MethodGet, path, "", "Authorization", "Bearer "+apiToken)
}

func withAPI() sandbox.Config {
	c := config()
	c.APIToken = apiToken
	return c
}

// field is a part of an answer, by keys.
func field(t *testing.T, w *httptest.ResponseRecorder, keys ...string) any {
	t.Helper()
	value := decode(t, w)
	for _, key := range keys {
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("%v: %d %s", keys, w.Code, w.Body)
		}
		value = object[key]
	}
	return value
}

// TestWhatATokenOpens is the table of the contract: the SCIM token opens members
// and SCIM alone, the second one what its scopes say.
func TestWhatATokenOpens(t *testing.T) {
	t.Parallel()
	paths := []string{"", "auth-provider/", "audit-logs/", "teams/", "projects/", "members/", "members/2/", "scim/v2/Users", "scim/v2/Groups"}
	for name, tt := range map[string]struct {
		token  string
		scopes []string
		opens  []string
	}{
		"SCIM":         {token, nil, []string{"members/", "members/2/", "scim/v2/Users", "scim/v2/Groups"}},
		"API":          {apiToken, nil, paths},
		"read alone":   {apiToken, []string{"org:read", "member:read", "team:read", "project:read"}, slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == "audit-logs/" })},
		"members":      {apiToken, []string{"member:read"}, []string{"members/", "members/2/", "scim/v2/Users"}},
		"no hierarchy": {apiToken, []string{"org:write"}, []string{"", "audit-logs/", "teams/", "projects/"}},
		"none":         {apiToken, []string{}, nil},
	} {
		state := accounts()
		state.APITokenScopes = tt.scopes
		s := newSentry(t, state, withAPI())
		for _, path := range paths {
			wanted := http.StatusForbidden
			if slices.Contains(tt.opens, path) {
				wanted = http.StatusOK
			}
			if w := ask(t, s, http.MethodGet, orgAPI+path, "", "Authorization", "Bearer "+tt.token); w.Code != wanted {
				t.Errorf("%s: GET %q is %d, expected %d: %s", name, path, w.Code, wanted, w.Body)
			}
		}
	}
}

func TestAuthProvider(t *testing.T) {
	t.Parallel()
	state := accounts()
	state.Members[0].Flags = []string{"sso:linked"}
	s := newSentry(t, state, withAPI())
	got := decode(t, own(t, s, orgAPI+"auth-provider/"))
	wanted := map[string]any{
		"id": "1", "provider_name": "saml2", "pending_links_count": float64(len(state.Members) - 1), "login_url": "http://example.com/organizations/acme/",
		"default_role": "member", "require_link": true, "scim_enabled": true,
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
	state.Provider, state.AllowUnlinked = nil, true
	none := newSentry(t, state, withAPI())
	if w := own(t, none, orgAPI+"auth-provider/"); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		t.Errorf("no provider: %d %s", w.Code, w.Body)
	}
	if got := field(t, own(t, none, orgAPI), "hasAuthProvider"); got != false {
		t.Errorf("no provider: hasAuthProvider is %v", got)
	}
}

func TestOrganizationTellsOfSingleSignOn(t *testing.T) {
	t.Parallel()
	w := own(t, newSentry(t, accounts(), withAPI()), "/api/0/organizations/1/")
	for _, key := range []string{
		"hasAuthProvider", "requiresSso", "defaultRole", "orgRoleList", "teamRoleList", "openMembership", "allowJoinRequests", "allowMemberInvite",
		"require2FA", "isEarlyAdopter", "links", "features",
	} {
		if field(t, w, key) == nil {
			t.Errorf("%s is missing", key)
		}
	}
	if got := field(t, w, "requiresSso"); got != false {
		t.Errorf("requiresSso is about the caller, and found %v", got)
	}
}

// ids are those of a list of objects.
func ids(t *testing.T, list any) []string {
	t.Helper()
	all := []string{}
	rows, _ := list.([]any)
	for _, row := range rows {
		object, _ := row.(map[string]any)
		all = append(all, fmt.Sprint(object["id"]))
	}
	return all
}

func TestMembersAreFoundByQuery(t *testing.T) {
	t.Parallel()
	state := accounts()
	state.Members[1].Flags, state.Members[1].Name = []string{"sso:linked"}, "Jane Example"
	s := newSentry(t, state, withAPI())
	for query, wanted := range map[string][]string{
		"":                                 {"1", "2", "4", "6"}, // no placeholder, request or deactivated account
		"query=isInvited:true":             {"6"},
		"query=ssoLinked:false":            {"1", "4", "6"},
		"query=role:owner":                 {"1"},
		"query=scope:org:admin":            {"1"},
		"query=email:J.DOE@acme.test":      {"2"},
		"query=id:4":                       {"4"},
		"query=user.id:1002":               {"2"},
		"query=jane":                       {"2"},
		"query=has2fa:true":                {},
		"query=isInvited:false+role:owner": {"1"},
		"query=color:red":                  {},
	} {
		w := ask(t, s, http.MethodGet, membersAPI+"?"+query, "")
		if diff := cmp.Diff(wanted, ids(t, decode(t, w))); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}

// TestMembersArePaged follows the links to the end.
func TestMembersArePaged(t *testing.T) {
	t.Parallel()
	state := sandbox.DefaultState("acme")
	for i := range 205 {
		state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(i + 1), Email: fmt.Sprintf("m%d@acme.test", i+1), Linked: true, Role: "member"})
	}
	s := newSentry(t, state, config())
	seen, sizes := []string{}, []int{}
	for next := membersAPI; next != ""; {
		w := ask(t, s, http.MethodGet, next, "")
		page := ids(t, decode(t, w))
		seen, sizes = append(seen, page...), append(sizes, len(page))
		_, link, _ := strings.Cut(w.Header().Get("Link"), ", ")
		next = ""
		if strings.Contains(link, `rel="next"; results="true"`) {
			next = strings.TrimPrefix(link[1:strings.Index(link, ">")], "http://example.com")
		}
	}
	if diff := cmp.Diff([]int{100, 100, 5}, sizes); diff != "" || len(slices.Compact(seen)) != 205 {
		t.Errorf("%d members: %s", len(seen), diff)
	}
	for query, text := range map[string]string{
		"per_page=101": "Invalid per_page value. Must be between 1 and 100.", "per_page=x": "Invalid per_page parameter.", "cursor=x": "Invalid cursor parameter.",
		"cursor=0:-1:0": "Invalid cursor parameter.",
	} {
		want(t, ask(t, s, http.MethodGet, membersAPI+"?"+query, ""), http.StatusBadRequest, `{"detail":"`+text+`"}`)
	}
}
