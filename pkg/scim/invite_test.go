package scim_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// script answers the POSTs and the look-ups each in their order, the last of
// them again and again.
func script(posts, looks []func(http.ResponseWriter)) *server {
	posted, looked := 0, 0
	return &server{answer: func(_ int, c call, w http.ResponseWriter) {
		steps, n := looks, &looked
		if c.method == http.MethodPost {
			steps, n = posts, &posted
		}
		*n++
		steps[min(*n, len(steps))-1](w)
	}}
}

func say(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { reply(w, status, body) }
}

type steps = []func(http.ResponseWriter)

func TestInvite(t *testing.T) {
	t.Parallel()
	nobody, there := say(200, list(0, 1)), say(200, list(1, 1, userJSON(7, "Ada@acme.test", "manager")))
	second := say(200, list(1, 1, userJSON(7, "lovelace@acme.test", "member")))
	created, taken, invited := say(201, userJSON(9, ada, "member")), say(409, refusal(409, exists)), say(400, refusal(400, invited))
	half := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		reply(w, http.StatusCreated, `{"id":"9"`)
	}
	users := map[string]scim.User{
		"7": {ID: "7", UserName: "Ada@acme.test", Role: "manager", Active: true},
		"9": {ID: "9", UserName: ada, Role: "member", Active: true},
	}
	member := say(400, refusal(400, `{"email":["The user ada@acme.test is already a member"]}`))
	tests := map[string]struct {
		posts, looks steps
		id           string // of the user
		taken        string // ids of a TakenError
		calls        string
	}{
		"new":                              {steps{created}, nil, "9", "", "POST"},
		"taken by a member":                {steps{taken}, steps{there}, "", "7", "POST GET"},
		"invited, 25.8 and later":          {steps{invited}, steps{there}, "", "7", "POST GET"},
		"a member already, as 400":         {steps{member}, steps{there}, "", "7", "POST GET"},
		"taken by a second address":        {steps{taken}, steps{second}, "", "7", "POST GET"},
		"lost before the write":            {steps{drop, created}, steps{nobody}, "9", "", "POST GET POST"},
		"lost after the write":             {steps{drop}, steps{there}, "7", "", "POST GET"},
		"lost, a second address":           {steps{drop, taken}, steps{second}, "", "7", "POST GET POST GET"},
		"lost, then late":                  {steps{drop, invited}, steps{nobody, there}, "7", "", "POST GET POST GET"},
		"bad gateway after the write":      {steps{say(502, "<html>")}, steps{there}, "7", "", "POST GET"},
		"bad gateway before the write":     {steps{say(502, "<html>"), created}, steps{nobody}, "9", "", "POST GET POST"},
		"half an answer":                   {steps{half}, steps{there}, "7", "", "POST GET"},
		"answered with a login page":       {steps{say(200, "<!doctype html><title>Log in</title>")}, steps{there}, "7", "", "POST GET"},
		"answered without an id":           {steps{say(201, `{}`)}, steps{there}, "7", "", "POST GET"},
		"answered with an odd id":          {steps{say(201, `{"id":"../7"}`)}, steps{there}, "7", "", "POST GET"},
		"a placeholder does not count":     {steps{drop, created}, steps{say(200, list(1, 1, placeholders()[0]))}, "9", "", "POST GET POST"},
		"rate limited, then there":         {steps{say(429, "slow"), taken}, steps{there}, "", "7", "POST POST GET"},
		"listed nowhere":                   {steps{taken}, steps{nobody}, "", "none", "POST GET"},
		"lost, then taken, listed nowhere": {steps{drop, taken}, steps{nobody}, "", "none", "POST GET POST GET"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := script(tt.posts, tt.looks)
			user, err := connect(t, s).Invite(t.Context(), ada, "manager")
			if user != users[tt.id] || (err == nil) != (tt.taken == "") {
				t.Errorf("%+v, %v", user, err)
			}
			if err != nil {
				checkTaken(t, err, strings.TrimPrefix(tt.taken, "none"))
			}
			var calls []string
			for _, c := range s.seen() {
				calls = append(calls, c.method)
				if c.method == http.MethodPost && c.body != `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"sentryOrgRole":"manager","userName":"ada@acme.test"}`+"\n" {
					t.Errorf("sent %s", c.body)
				}
			}
			if got := strings.Join(calls, " "); got != tt.calls {
				t.Errorf("requests %s, expected %s", got, tt.calls)
			}
		})
	}
}

func checkTaken(t *testing.T, err error, want string) {
	t.Helper()
	taken, ok := errors.AsType[*scim.TakenError](err)
	if !ok || !errors.Is(err, scim.ErrConflict) || taken.Email != ada || ids(taken.Users) != want {
		t.Fatalf("%v, expected the members %q", err, want)
	}
	for _, user := range taken.Users {
		if !strings.Contains(err.Error(), user.UserName+" (member "+user.ID+")") {
			t.Errorf("%v does not name %s", err, user.UserName)
		}
	}
	hints := strings.Join(fault.Hints(err), "\n")
	if strings.Contains(hints, "invite request") != (want == "") || strings.Contains(err.Error(), "listed nowhere") != (want == "") {
		t.Errorf("%v, hints %q", err, hints)
	}
}

func TestInviteFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		email        string
		posts, looks steps
		want, hint   string
		code         fault.Code
		requests     int
	}{
		"a role that is refused": {ada, steps{say(400, refusal(400, "Invalid organization role."))}, nil, "Invalid organization role", "", fault.Failed, 1},
		"not an e-mail": {
			"ada",
			steps{say(400, refusal(400, `{"email":["Enter a valid email address.","Enter a valid email address."]}`))},
			nil,
			"answered 400 Bad Request: email: Enter a valid email address", "", fault.Failed, 1,
		},
		"a fault of the server": {ada, steps{say(500, `{"detail":"Internal Error","errorId":null}`)}, nil, "Internal Error", "repeated later", fault.Failed, 1},
		"taken, and the look-up is refused": {
			ada,
			steps{say(409, refusal(409, exists))},
			steps{say(401, `{"detail":"Invalid token"}`)},
			"ada@acme.test is taken, and the member who has it could not be looked up", "the token is unknown", fault.Credential, 2,
		},
		"lost, and the look-up is refused": {
			ada,
			steps{drop},
			steps{say(401, `{"detail":"Invalid token"}`)},
			"whether it was carried out could not be looked up", "the token is unknown", fault.Credential, 2,
		},
		"taken, and the filter is dropped": {
			ada, steps{say(409, refusal(409, exists))}, steps{say(200, list(500, 1, userN(1)))}, "finds 500 members", "drop the filter", fault.Failed, 2,
		},
		"empty":   {" ", nil, nil, "everybody", "", fault.Failed, 0},
		"a space": {"a b@acme.test", nil, nil, "space", "", fault.Failed, 0},
		"a comma": {"a,b@acme.test", nil, nil, "comma", "", fault.Failed, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := script(tt.posts, tt.looks)
			user, err := connect(t, s).Invite(t.Context(), tt.email, "")
			if err == nil || user.ID != "" || !strings.Contains(err.Error(), tt.want) || fault.CodeOf(err) != tt.code {
				t.Fatalf("%+v, error %v with code %d, expected %q", user, err, fault.CodeOf(err), tt.want)
			}
			if _, taken := errors.AsType[*scim.TakenError](err); taken {
				t.Errorf("%v says that the address is taken", err)
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q, expected %q", hints, tt.hint)
			}
			if len(s.seen()) != tt.requests {
				t.Errorf("requests %s", s.methods())
			}
		})
	}
}

// TestAnInvitationWithoutARole leaves the default role to Sentry.
func TestAnInvitationWithoutARole(t *testing.T) {
	t.Parallel()
	s := script(steps{say(201, userJSON(9, ada, "member"))}, nil)
	if user, err := connect(t, s).Invite(t.Context(), ada, ""); err != nil || user.Role != "member" {
		t.Errorf("%+v, %v", user, err)
	}
	want := []call{{method: http.MethodPost, path: "/Users", body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@acme.test"}` + "\n"}}
	if diff := cmp.Diff(want, s.seen(), cmp.AllowUnexported(call{})); diff != "" {
		t.Error(diff)
	}
}

func TestAPostIsNotRepeatedForEver(t *testing.T) {
	t.Parallel()
	s := script(steps{drop}, steps{say(200, list(0, 1))})
	_, err := connect(t, s).Invite(t.Context(), ada, "")
	unreachable, ok := errors.AsType[*answer.UnreachableError](err)
	if !ok || unreachable.Method != http.MethodPost || len(s.seen()) != 20+6*(1+2+3)+1 {
		t.Errorf("%v after %d requests", err, len(s.seen()))
	}
}
