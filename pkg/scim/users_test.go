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

const (
	ada     = "ada@acme.test"
	invited = `{"email":["The user ada@acme.test has already been invited"]}`
	exists  = "User already exists in the database."
)

func TestCreateUser(t *testing.T) {
	t.Parallel()
	there := list(1, 1, userJSON(7, "Ada@acme.test", "manager"))
	created := scim.User{ID: "9", UserName: ada, Role: "member", Active: true}
	found := scim.User{ID: "7", UserName: "Ada@acme.test", Role: "manager", Active: true}
	post := func(status int, body string) func(int, call, http.ResponseWriter) {
		return func(_ int, c call, w http.ResponseWriter) {
			if c.method == http.MethodPost {
				reply(w, status, body)
				return
			}
			reply(w, http.StatusOK, there)
		}
	}
	lostThen := func(after string, lose func(http.ResponseWriter)) func(int, call, http.ResponseWriter) {
		return func(n int, c call, w http.ResponseWriter) {
			switch {
			case n == 1:
				lose(w)
			case c.method == http.MethodGet:
				reply(w, http.StatusOK, after)
			default:
				reply(w, http.StatusCreated, userJSON(9, ada, "member"))
			}
		}
	}
	gateway := func(w http.ResponseWriter) { reply(w, http.StatusBadGateway, "<html>") }
	half := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		reply(w, http.StatusCreated, `{"id":"9"`)
	}
	login := func(w http.ResponseWriter) { reply(w, http.StatusOK, "<!doctype html><title>Log in</title>") }
	tests := map[string]struct {
		answer  func(int, call, http.ResponseWriter)
		user    scim.User
		created bool
		calls   string
	}{
		"new":                       {post(201, userJSON(9, ada, "member")), created, true, "POST /Users"},
		"linked":                    {post(409, refusal(409, exists)), found, false, "POST /Users, GET /Users"},
		"invited, 25.8 and later":   {post(400, refusal(400, invited)), found, false, "POST /Users, GET /Users"},
		"lost before the write":     {lostThen(list(0, 1), drop), created, true, "POST /Users, GET /Users, POST /Users"},
		"lost after the write":      {lostThen(there, drop), found, true, "POST /Users, GET /Users"},
		"bad gateway, written":      {lostThen(there, gateway), found, true, "POST /Users, GET /Users"},
		"bad gateway, not written":  {lostThen(list(0, 1), gateway), created, true, "POST /Users, GET /Users, POST /Users"},
		"half an answer":            {lostThen(there, half), found, true, "POST /Users, GET /Users"},
		"an answer that is no user": {lostThen(there, login), found, true, "POST /Users, GET /Users"},
		"an answer without an id":   {lostThen(there, func(w http.ResponseWriter) { reply(w, 201, `{}`) }), found, true, "POST /Users, GET /Users"},
		"an answer with an odd id":  {lostThen(there, func(w http.ResponseWriter) { reply(w, 201, `{"id":"../7"}`) }), found, true, "POST /Users, GET /Users"},
		"rate limited, then there":  {lostThen(there, func(w http.ResponseWriter) { reply(w, 429, "slow") }), created, true, "POST /Users, POST /Users"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: tt.answer}
			user, created, err := connect(t, s).CreateUser(t.Context(), ada, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.user, user); diff != "" || created != tt.created {
				t.Errorf("created: %t\n%s", created, diff)
			}
			if got := s.methods(); got != tt.calls {
				t.Errorf("requests %s, want %s", got, tt.calls)
			}
		})
	}
}

func TestCreateUserThatComesThroughLate(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(n int, c call, w http.ResponseWriter) {
		switch {
		case n == 1:
			drop(w)
		case n == 2: // not written yet
			reply(w, http.StatusOK, list(0, 1))
		case c.method == http.MethodPost:
			reply(w, http.StatusBadRequest, refusal(400, invited))
		default:
			reply(w, http.StatusOK, list(1, 1, userJSON(9, ada, "member")))
		}
	}}
	user, created, err := connect(t, s).CreateUser(t.Context(), ada, "member")
	if err != nil || !created || user.ID != "9" {
		t.Errorf("%+v, created %t, %v", user, created, err)
	}
	if !strings.Contains(s.seen()[0].body, `"sentryOrgRole":"member"`) {
		t.Errorf("sent %s", s.seen()[0].body)
	}
}

func TestCreateUserFails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		email, answer string
		status        int
		want, hint    string
		requests      int
	}{
		"taken by an invite request": {ada, refusal(409, exists), 409, "listed nowhere", "invite request", 2},
		"not an e-mail": {
			"ada", refusal(400, `{"email":["Enter a valid email address.","Enter a valid email address."]}`), 400,
			"answered 400 Bad Request: email: Enter a valid email address", "", 1,
		},
		"a role that is refused": {ada, refusal(400, "Invalid organization role."), 400, "Invalid organization role", "", 1},
		"a fault of the server":  {ada, `{"detail":"Internal Error","errorId":null}`, 500, "Internal Error", "repeated later", 1},
		"empty":                  {" ", "", 0, "everybody", "", 0},
		"a comma":                {"a,b@acme.test", "", 0, "comma", "", 0},
		"a quote":                {`a"b@acme.test`, "", 0, "quote", "", 0},
		"a line":                 {"a\n@acme.test", "", 0, "control", "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
				if c.method == http.MethodGet {
					reply(w, http.StatusOK, list(0, 1))
					return
				}
				reply(w, tt.status, tt.answer)
			}}
			_, created, err := connect(t, s).CreateUser(t.Context(), tt.email, "")
			if err == nil || created || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("created %t, error %v, want %q", created, err, tt.want)
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, tt.hint) {
				t.Errorf("hints %q, want %q", hints, tt.hint)
			}
			if len(s.seen()) != tt.requests {
				t.Errorf("requests: %s", s.methods())
			}
		})
	}
}

func TestAPostIsNotRepeatedForEver(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(_ int, c call, w http.ResponseWriter) {
		if c.method == http.MethodGet {
			reply(w, http.StatusOK, list(0, 1))
			return
		}
		drop(w)
	}}
	_, _, err := connect(t, s).CreateUser(t.Context(), ada, "")
	unreachable, ok := errors.AsType[*answer.UnreachableError](err)
	if !ok || unreachable.Method != http.MethodPost || len(s.seen()) != 20+6*(1+2+3)+1 {
		t.Errorf("%v after %d requests", err, len(s.seen()))
	}
}

func TestUserByEmail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer string
		id     string
		named  bool
		fails  string
	}{
		"nobody":               {list(0, 1), "", false, ""},
		"one":                  {list(1, 1, userJSON(7, ada, "member")), "7", true, ""},
		"another case":         {list(1, 1, userJSON(7, "ADA@Acme.test", "member")), "7", true, ""},
		"by a second address":  {list(1, 1, userJSON(7, "lovelace@acme.test", "member")), "7", false, ""},
		"several, one of them": {list(2, 1, userJSON(6, "x@acme.test", "member"), userJSON(7, ada, "member")), "7", true, ""},
		"several others":       {list(2, 1, userN(1), userN(2)), "", false, "finds 2 members"},
		"the filter ignored":   {list(500, 1, userN(1)), "", false, "finds 500 members"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, http.StatusOK, tt.answer) }}
			user, found, err := connect(t, s).UserByEmail(t.Context(), ada)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want %q", err, tt.fails)
				}
				return
			}
			if err != nil || found != (tt.id != "") || user.ID != tt.id || (found && user.Named(ada) != tt.named) {
				t.Errorf("%+v, found %t, %v", user, found, err)
			}
			if got := s.seen()[0].filter; got != `userName eq "ada@acme.test"` {
				t.Errorf("filter %s", got)
			}
		})
	}
}

func TestRemoveUser(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		fails  string
		code   fault.Code
	}{
		"removed":           {204, "", "", fault.OK},
		"gone already":      {404, refusal(404, "The requested resource does not exist"), "", fault.OK},
		"still there":       {200, userN(7), "wanted the answer 204", fault.Failed},
		"the last owner":    {403, `{"detail":"You cannot remove the only remaining owner of the organization."}`, "only remaining owner", fault.Failed},
		"no permission":     {403, `{"detail":"You do not have permission to perform this action."}`, "permission", fault.Credential},
		"a 404 of a proxy":  {404, "<html><title>404 Not Found</title></html>", "an HTML page titled", fault.Failed},
		"a page of a proxy": {200, "<html><title>Log in</title></html>", "titled \"Log in\"", fault.Failed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, tt.status, tt.body) }}
			err := connect(t, s).RemoveUser(t.Context(), "7")
			if fault.CodeOf(err) != tt.code || (err != nil && !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("code %d, error %v", fault.CodeOf(err), err)
			}
			want := []call{{
				method: http.MethodPatch, path: "/Users/7",
				body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}` + "\n",
			}}
			if diff := cmp.Diff(want, s.seen(), cmp.AllowUnexported(call{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARemovalWhoseAnswerWasLostIsDone(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(n int, _ call, w http.ResponseWriter) {
		if n == 1 {
			drop(w)
		}
		reply(w, http.StatusNotFound, refusal(404, "The requested resource does not exist"))
	}}
	if err := connect(t, s).RemoveUser(t.Context(), "7"); err != nil || len(s.seen()) != 2 {
		t.Errorf("%v after %s", err, s.methods())
	}
}

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
				t.Errorf("error %v, want %q", err, tt.fails)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestOddIDsAreNotSent(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, http.StatusNoContent, "") }}
	c := connect(t, s)
	for _, id := range []string{"", "..", "7/../8", "web", `7"] or members[value eq "8`, strings.Repeat("9", 40)} {
		for name, err := range map[string]error{
			"RemoveUser":     c.RemoveUser(t.Context(), id),
			"SetRole":        c.SetRole(t.Context(), id, "member"),
			"ResetRole":      second(c.ResetRole(t.Context(), id)),
			"RenameGroup":    c.RenameGroup(t.Context(), id, "x"),
			"DeleteGroup":    c.DeleteGroup(t.Context(), id),
			"AddMembers":     c.AddMembers(t.Context(), "1", []string{id}),
			"RemoveMembers":  c.RemoveMembers(t.Context(), "1", []string{id}),
			"ReplaceMembers": c.ReplaceMembers(t.Context(), id, []string{"1"}),
		} {
			if err == nil {
				t.Errorf("%s took the id %q", name, id)
			}
		}
	}
	if len(s.seen()) != 0 {
		t.Errorf("sent %s", s.methods())
	}
}
