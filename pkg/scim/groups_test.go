package scim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

const slugTaken = `{"non_field_errors":["A team with this slug already exists."],"detail":"A team with this slug already exists."}`

func teamJSON(id, name string) string {
	quoted, _ := json.Marshal(name)
	return `{"id":"` + id + `","displayName":` + string(quoted) + `,"members":[]}`
}

func TestCreateGroup(t *testing.T) {
	t.Parallel()
	const name = `R&D, "new"`
	ours := list(1, 1, teamJSON("5", name))
	script := func(steps ...func(http.ResponseWriter)) func(int, call, http.ResponseWriter) {
		return func(n int, _ call, w http.ResponseWriter) { steps[min(n, len(steps))-1](w) }
	}
	say := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { reply(w, status, body) }
	}
	tests := map[string]struct {
		answer func(int, call, http.ResponseWriter)
		id     string
		fails  error
		calls  string
	}{
		"new":         {script(say(201, teamJSON("5", name))), "5", nil, "POST /Groups"},
		"taken":       {script(say(409, slugTaken)), "", scim.ErrConflict, "POST /Groups"},
		"lost, there": {script(drop, say(200, ours)), "5", nil, "POST /Groups, GET /Groups"},
		"lost, not there": {
			script(drop, say(200, list(0, 1)), say(201, teamJSON("5", name))), "5", nil, "POST /Groups, GET /Groups, POST /Groups",
		},
		"lost, another's": {
			script(drop, say(200, list(1, 1, teamJSON("4", "rd new"))), say(409, slugTaken), say(200, list(1, 1, teamJSON("4", "rd new")))),
			"", scim.ErrConflict, "POST /Groups, GET /Groups, POST /Groups, GET /Groups",
		},
		"lost, late": {
			script(drop, say(200, list(0, 1)), say(409, slugTaken), say(200, ours)), "5", nil, "POST /Groups, GET /Groups, POST /Groups, GET /Groups",
		},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: tt.answer}
			group, err := connect(t, s).CreateGroup(t.Context(), name)
			if !errors.Is(err, tt.fails) || group.ID != tt.id || s.methods() != tt.calls {
				t.Errorf("%+v, %v after %s", group, err, s.methods())
			}
			for _, c := range s.seen() {
				if c.method == http.MethodGet && c.filter != `displayName eq "rd-new"` {
					t.Errorf("filter %s", c.filter)
				}
			}
		})
	}
}

func TestGroupByName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name, answer, id string
		requests         int
		fails            bool
	}{
		"found":           {"Data", list(1, 1, teamJSON("5", "data")), "5", 1, false},
		"not found":       {"Data", list(0, 1), "", 1, false},
		"without a slug":  {` "',' `, "", "", 0, false},
		"not in Latin":    {"Команда", "", "", 0, false},
		"filter ignored":  {"Data", list(2, 1, teamJSON("5", "a"), teamJSON("6", "b")), "", 1, true},
		"total and items": {"Data", list(1, 1), "", 1, true},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, http.StatusOK, tt.answer) }}
			group, found, err := connect(t, s).GroupByName(t.Context(), tt.name)
			if (err != nil) != tt.fails || group.ID != tt.id || found != (tt.id != "") || len(s.seen()) != tt.requests {
				t.Errorf("%+v, %t, %v after %s", group, found, err, s.methods())
			}
		})
	}
}

// TestATeamIsLookedUpByWhatItsCreationCollidesWith holds names against Sentry's
// own slugs, those of names that the filter's syntax could break among them.
func TestATeamIsLookedUpByWhatItsCreationCollidesWith(t *testing.T) {
	t.Parallel()
	s := newSentry(t, sandbox.State{
		Members: []sandbox.Member{owner()},
		Teams:   []sandbox.Team{{ID: "9", Name: "Data", Slug: "warehouse", Members: []string{}}},
	}, "", nil)
	c := connect(t, s)
	for _, name := range []string{"R&D", "web\tfront\x1fend", `Ops, "on" call'`, "Über Ops", "a  b--c", "Foo.Bar/Baz", `back\slash`, "ｆｕｌｌ，ｗｉｄｔｈ"} {
		created, err := c.CreateGroup(t.Context(), name)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		found, ok, err := c.GroupByName(t.Context(), name)
		if err != nil || !ok || found.ID != created.ID {
			t.Errorf("%q finds %+v, %t, %v", name, found, ok, err)
		}
	}
	for name, want := range map[string]string{"warehouse": "9", "Ware House": "", "WAREHOUSE": "9", "Data": ""} {
		found, ok, err := c.GroupByName(t.Context(), name)
		if err != nil || ok != (want != "") || found.ID != want {
			t.Errorf("%q finds %+v, %t, %v", name, found, ok, err)
		}
	}
}

// TestWhatAChangeOfATeamSends compares requests to the letter.
func TestWhatAChangeOfATeamSends(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change     func(*scim.Client) error
		operations []string // of each request
	}{
		"add": {func(c *scim.Client) error { return changeMembers(t, c, "5", numbers(1, 2), nil) }, []string{`{"op":"add","path":"members","value":[{"value":"1"},{"value":"2"}]}`}},
		"remove": {
			func(c *scim.Client) error { return changeMembers(t, c, "5", nil, numbers(1, 2)) },
			[]string{`{"op":"remove","path":"members[value eq \"1\"]"},{"op":"remove","path":"members[value eq \"2\"]"}`},
		},
		"both": {
			func(c *scim.Client) error { return changeMembers(t, c, "5", numbers(1, 1), numbers(2, 2)) },
			[]string{`{"op":"add","path":"members","value":[{"value":"1"}]}`, `{"op":"remove","path":"members[value eq \"2\"]"}`},
		},
		"nothing": {func(c *scim.Client) error { return changeMembers(t, c, "5", nil, nil) }, nil},
		"rename":  {func(c *scim.Client) error { return c.RenameGroup(t.Context(), "5", "Web") }, []string{`{"op":"replace","value":{"displayName":"Web","id":"5"}}`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }}
			if err := tt.change(connect(t, s)); err != nil {
				t.Fatal(err)
			}
			var want []call
			for _, operations := range tt.operations {
				body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + "]}\n"
				want = append(want, call{method: http.MethodPatch, path: "/Groups/5", body: body})
			}
			if diff := cmp.Diff(want, s.seen(), cmp.AllowUnexported(call{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGroupChangesAreRepeatedAndRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		first, second int
		body          string
		change        func(*scim.Client) error
		want          error
	}{
		"unavailable once":    {503, 204, "", func(c *scim.Client) error { return changeMembers(t, c, "5", numbers(1, 1), nil) }, nil},
		"a rename, repeated":  {504, 204, "", func(c *scim.Client) error { return c.RenameGroup(t.Context(), "5", "Web") }, nil},
		"deleted":             {204, 0, "", func(c *scim.Client) error { return c.DeleteGroup(t.Context(), "5") }, nil},
		"deleted twice":       {502, 404, refusal(404, "Group not found."), func(c *scim.Client) error { return c.DeleteGroup(t.Context(), "5") }, nil},
		"a stale member":      {404, 0, refusal(404, "User not found."), func(c *scim.Client) error { return changeMembers(t, c, "5", nil, numbers(1, 1)) }, scim.ErrUnknownMember},
		"a team that is gone": {404, 0, refusal(404, "Group not found."), func(c *scim.Client) error { return changeMembers(t, c, "5", numbers(1, 1), nil) }, scim.ErrNotFound},
		"a slug in use":       {400, 0, `{"slug":["The slug \"web\" is already in use."]}`, func(c *scim.Client) error { return c.RenameGroup(t.Context(), "5", "Web") }, scim.ErrConflict},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{answer: func(n int, _ call, w http.ResponseWriter) {
				if n == 1 {
					reply(w, tt.first, tt.body)
					return
				}
				reply(w, tt.second, tt.body)
			}}
			err := tt.change(connect(t, s))
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if want := 1 + min(1, tt.second); len(s.seen()) != want {
				t.Errorf("requests %s", s.methods())
			}
			for _, kind := range []error{scim.ErrConflict, scim.ErrNotFound, scim.ErrUnknownMember} {
				if errors.Is(err, kind) && !errors.Is(tt.want, kind) {
					t.Errorf("%v is %v too", err, kind)
				}
			}
			if err != nil && strings.HasSuffix(err.Error(), ".") {
				t.Errorf("a full stop: %v", err)
			}
		})
	}
}
