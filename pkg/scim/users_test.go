package scim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

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
		"still there":       {200, userN(7), "expected the answer 204", fault.Failed},
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

func second[T any](_ T, err error) error { return err }

func TestOddIDsAreNotSent(t *testing.T) {
	t.Parallel()
	s := &server{answer: func(_ int, _ call, w http.ResponseWriter) { reply(w, http.StatusNoContent, "") }}
	c := connect(t, s)
	for _, id := range []string{"", "..", "7/../8", "web", `7"] or members[value eq "8`, strings.Repeat("9", 40)} {
		for name, err := range map[string]error{
			"RemoveUser":            c.RemoveUser(t.Context(), id),
			"SetRole":               c.SetRole(t.Context(), id, "member"),
			"ResetRole":             second(c.ResetRole(t.Context(), id)),
			"RoleGiven":             second(c.RoleGiven(t.Context(), id)),
			"RenameGroup":           c.RenameGroup(t.Context(), id, "x"),
			"DeleteGroup":           c.DeleteGroup(t.Context(), id),
			"ChangeMembers of it":   changeMembers(t, c, id, []string{"1"}, nil),
			"ChangeMembers, add":    changeMembers(t, c, "1", []string{id}, nil),
			"ChangeMembers, remove": changeMembers(t, c, "1", nil, []string{id}),
		} {
			if err == nil || !strings.Contains(err.Error(), "must be digits") {
				t.Errorf("%s with the id %q: %v", name, id, err)
			}
		}
	}
	if len(s.seen()) != 0 {
		t.Errorf("sent %s", s.methods())
	}
}
