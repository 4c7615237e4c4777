package scim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func TestSetRole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		role, answer string
		status       int
		fails        string
	}{
		"set":         {"manager", userJSON(7, ada, "manager"), 200, ""},
		"other case":  {"Manager", userJSON(7, ada, "manager"), 200, ""},
		"an owner":    {"member", userJSON(7, ada, "owner"), 200, `kept the role "owner"`},
		"refused":     {"owner", refusal(400, "Invalid organization role."), 400, "Invalid organization role"},
		"no role":     {"", "", 0, "the role is empty"},
		"an odd body": {"member", "[]", 200, "a JSON list"},
		"no body":     {"member", "", 200, "an empty body"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, tt.status, tt.answer) }}
			err := connect(t, s).SetRole(t.Context(), "7", tt.role)
			if (err != nil) != (tt.fails != "") || (err != nil && !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("error %v, expected %q", err, tt.fails)
			}
		})
	}
}

func TestResetRole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		answer string
		role   string // afterwards
		fails  string
	}{
		"reset":           {200, userJSON(7, ada, "member"), "member", ""},
		"given by hand":   {200, userJSON(7, ada, "manager"), "manager", ""},
		"an owner":        {200, userJSON(7, ada, "owner"), "owner", ""},
		"gone":            {404, refusal(404, "The requested resource does not exist"), "", "does not exist"},
		"an odd body":     {200, "[]", "", "a JSON list"},
		"without an id":   {200, `{"sentryOrgRole":"member"}`, "", "the id"},
		"of a partner":    {403, `{"detail":"This member is managed by an active partnership and cannot be modified until the end of the partnership."}`, "", "partnership"},
		"without content": {200, "", "", "an empty body"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, tt.status, tt.answer) }}
			user, err := connect(t, s).ResetRole(t.Context(), "7")
			if user.Role != tt.role || (err != nil) != (tt.fails != "") || (err != nil && !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("%+v, %v, expected %q", user, err, tt.fails)
			}
			want := []call{{method: http.MethodPut, path: "/Users/7", body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"sentryOrgRole":""}` + "\n"}}
			if diff := cmp.Diff(want, s.seen(), cmp.AllowUnexported(call{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// memberJSON is a member as Sentry's own API writes it.
func memberJSON(flags string) string {
	return `{"id":"7","email":"ada@acme.test","orgRole":"manager","pending":false,"flags":` + flags + `}`
}

func TestRoleGiven(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		header [2]string
		answer string
		given  bool
		fails  string
		hint   string
		code   fault.Code
		is     error
	}{
		"by SCIM":     {200, [2]string{}, memberJSON(`{"idp:provisioned":true,"idp:role-restricted":true,"sso:linked":false}`), true, "", "", fault.OK, nil},
		"by hand":     {200, [2]string{}, memberJSON(`{"idp:provisioned":true,"idp:role-restricted":false,"sso:linked":true}`), false, "", "", fault.OK, nil},
		"no flag":     {200, [2]string{}, memberJSON(`{"sso:linked":true}`), false, "the flag idp:role-restricted is missing", "SCIM base URL", fault.Failed, nil},
		"no flags":    {200, [2]string{}, `{"id":"7"}`, false, "the flag idp:role-restricted is missing", "SCIM base URL", fault.Failed, nil},
		"an odd flag": {200, [2]string{}, memberJSON(`{"idp:role-restricted":"yes"}`), false, "JSON that cannot be read", "SCIM base URL", fault.Failed, nil},
		"a page":      {200, [2]string{}, "<title>Log in</title>", false, `titled "Log in"`, "login page", fault.Failed, nil},
		"forbidden":   {403, [2]string{}, forbidden, false, "403 Forbidden: You do not have permission", "lacks a scope", fault.Credential, nil},
		"no scope": {
			403,
			[2]string{"WWW-Authenticate", `Bearer error="insufficient_scope", scope="member:read"`},
			forbidden, false,
			"403 Forbidden", "the token lacks a scope; it needs member:admin", fault.Credential, nil,
		},
		"no token": {401, [2]string{}, `{"detail":"Invalid token"}`, false, "Invalid token", "the token is unknown", fault.Credential, nil},
		"gone": {
			404,
			[2]string{},
			`{"detail":"The requested resource does not exist"}`, false,
			"404 Not Found: The requested resource does not exist", base, fault.Failed, scim.ErrNotFound,
		},
		"not routed": {404, [2]string{}, "<title>404</title>", false, `titled "404"`, base, fault.Failed, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) {
				if tt.header[0] != "" {
					w.Header().Set(tt.header[0], tt.header[1])
				}
				reply(w, tt.status, tt.answer)
			}}
			given, err := connect(t, s).RoleGiven(t.Context(), "7")
			if given != tt.given || fault.CodeOf(err) != tt.code || (err != nil && !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("%t, %v with code %d, expected %q", given, err, fault.CodeOf(err), tt.fails)
			}
			if errors.Is(err, scim.ErrNotFound) != (tt.is != nil) {
				t.Errorf("%v is ErrNotFound: %t", err, errors.Is(err, scim.ErrNotFound))
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q, expected %q", hints, tt.hint)
			}
			want := []call{{method: http.MethodGet, path: "/api/0/organizations/acme/members/7/"}}
			if diff := cmp.Diff(want, s.seen(), cmp.AllowUnexported(call{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRoleGivenIsRepeated reads through an answer that is lost.
func TestRoleGivenIsRepeated(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(n int, _ call, w http.ResponseWriter) {
		if n == 1 {
			drop(w)
		}
		reply(w, http.StatusOK, memberJSON(`{"idp:role-restricted":true}`))
	}}
	if given, err := connect(t, s).RoleGiven(t.Context(), "7"); err != nil || !given || len(s.seen()) != 2 {
		t.Errorf("%t, %v after %s", given, err, s.methods())
	}
}

func TestRoleGivenNeedsSentrysOwnURL(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(_ int, _ call, w http.ResponseWriter) {
		reply(w, http.StatusOK, memberJSON(`{"idp:role-restricted":true}`))
	}}
	for _, url := range []string{"https://proxy.acme.test", "https://proxy.acme.test/scim", "https://proxy.acme.test/api/0/organizations/acme/scim/v2/x"} {
		c, err := scim.New(url, &http.Client{Transport: canned{http.StatusOK, memberJSON(`{"idp:role-restricted":true}`)}})
		if err != nil {
			t.Fatal(err)
		}
		given, err := c.RoleGiven(t.Context(), "7")
		if err == nil || given || fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), "must end in /scim/v2") ||
			!strings.Contains(strings.Join(fault.Hints(err), "\n"), "sentry.scim.url") {
			t.Errorf("%s: %t, %v", url, given, err)
		}
	}
	c := connect(t, s)
	for _, id := range []string{"", "..", "7/../8", "me", strings.Repeat("9", 40)} {
		given, err := c.RoleGiven(t.Context(), id)
		if err == nil || given || !strings.Contains(err.Error(), "digits") || strings.Contains(err.Error(), "/scim/v2") {
			t.Errorf("%q: %t, %v", id, given, err)
		}
	}
	if len(s.seen()) != 0 {
		t.Errorf("sent %s", s.methods())
	}
}
