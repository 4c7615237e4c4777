package sandbox_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

// web has a team of an owner, a member, an invitation and a deactivated account,
// and two projects.
func web() sandbox.State {
	off := false
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner"},
		{ID: "2", Email: "ada@acme.test", Linked: true, Role: "member"},
		{ID: "3", Email: "late@acme.test", Role: "member"},
		{ID: "4", Email: "gone@acme.test", Linked: true, Role: "member", UserActive: &off},
		{ID: "5", Email: "beside@acme.test", Linked: true, Role: "member"},
	}
	state.Teams = []sandbox.Team{
		{ID: "7", Name: "Web", Slug: "web", Members: []string{"1", "2", "3", "4"}, TeamRoles: map[string]string{"3": "admin"}},
		{ID: "8", Name: "Ops", Slug: "ops", Members: []string{}},
	}
	state.Teams[0].Projects = []string{"web-api"}
	state.Projects = []sandbox.Project{{ID: "20", Slug: "web-api"}, {ID: "21", Slug: "web-shop"}}
	return state
}

// step is a request and its answer; the body is compared where it is not empty.
type step struct {
	as, method, path, body string
	status                 int
	want                   string
}

func walk(t *testing.T, s http.Handler, steps []step) {
	t.Helper()
	for _, one := range steps {
		w := ask(t, s, one.method, "/api/0/"+one.path, one.body, "Authorization", "Bearer "+one.as)
		if w.Code != one.status {
			t.Errorf("%s %s as %s: %d %s, expected %d", one.method, one.path, one.as, w.Code, w.Body, one.status)
		}
		if one.want != "" {
			if diff := cmp.Diff(one.want, w.Body.String()); diff != "" {
				t.Errorf("%s %s: %s", one.method, one.path, diff)
			}
		}
	}
}

const none = `{"detail":"The requested resource does not exist"}`

func TestRolesInTeams(t *testing.T) {
	t.Parallel()
	s := newSentry(t, web(), withAPI())
	const at = "organizations/acme/members/"
	walk(t, s, []step{
		{token, http.MethodPut, at + "2/teams/web/", `{"teamRole":"admin"}`, 200, `{"isActive":true,"teamRole":"admin"}`},
		{token, http.MethodGet, at + "2/teams/7/", "", 200, `{"isActive":true,"teamRole":"admin"}`},
		{token, http.MethodPut, at + "3/teams/7/", `{"teamRole":"contributor"}`, 200, `{"isActive":true,"teamRole":null}`},
		{token, http.MethodPut, at + "1/teams/7/", `{"teamRole":"admin"}`, 200, `{"isActive":true,"teamRole":null}`}, // an owner is one anyway
		{token, http.MethodPut, at + "2/teams/7/", `{"teamRole":"boss"}`, 400, `{"teamRole":["\"boss\" is not a valid choice."]}`},
		{token, http.MethodPut, at + "2/teams/7/", `{}`, 200, `{"isActive":true,"teamRole":"admin"}`},
		{token, http.MethodPut, at + "5/teams/7/", `{"teamRole":"admin"}`, 404, none},
		{token, http.MethodPut, at + "2/teams/nobody/", `{"teamRole":"admin"}`, 404, none},
		{token, http.MethodPut, at + "99/teams/7/", `{"teamRole":"admin"}`, 404, none},
		{"wrong", http.MethodPut, at + "2/teams/7/", `{"teamRole":"admin"}`, 401, ""},
		{token, http.MethodDelete, at + "2/teams/7/", "", 403, ""},
	})
	if diff := cmp.Diff(map[string]string{"2": "admin"}, s.Snapshot().Teams[0].TeamRoles); diff != "" {
		t.Error(diff)
	}
	list := ask(t, s, http.MethodGet, "/api/0/teams/acme/7/members/", "")
	type row struct {
		ID       string  `json:"id"`
		OrgRole  string  `json:"orgRole"`
		TeamRole *string `json:"teamRole"`
		TeamSlug string  `json:"teamSlug"`
	}
	admin := "admin"
	want := []row{{"1", "owner", nil, "web"}, {"2", "member", &admin, "web"}, {"3", "member", nil, "web"}}
	var got []row
	if err := json.Unmarshal(list.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLinksOfProjects(t *testing.T) {
	t.Parallel()
	s := newSentry(t, web(), withAPI())
	const project = `{"id":"21","slug":"web-shop","name":"web-shop","teams":[{"id":"8","slug":"ops","name":"Ops"}]}`
	const forbidden = `{"detail":"You do not have permission to perform this action."}`
	walk(t, s, []step{
		{apiToken, http.MethodPost, "projects/acme/web-shop/teams/8/", "", 201, project},
		{apiToken, http.MethodPost, "projects/acme/web-shop/teams/ops/", "", 201, project}, // once more
		{apiToken, http.MethodPost, "projects/acme/none/teams/ops/", "", 404, none},
		{apiToken, http.MethodPost, "projects/acme/web-shop/teams/none/", "", 404, `{"detail":"Team does not exist."}`},
		{apiToken, http.MethodDelete, "projects/acme/web-api/teams/7/", "", 200, `{"id":"20","slug":"web-api","name":"web-api","teams":[]}`},
		{apiToken, http.MethodDelete, "projects/acme/web-api/teams/7/", "", 200, ""},
		{apiToken, http.MethodGet, "teams/acme/ops/projects/", "", 200, `[{"id":"21","slug":"web-shop","name":"web-shop","teams":[]}]`},
		{apiToken, http.MethodGet, "organizations/acme/projects/", "", 200, `[{"id":"20","slug":"web-api","name":"web-api","teams":[]},` + project + `]`},
		{token, http.MethodPost, "projects/acme/web-shop/teams/7/", "", 403, ""},
		{token, http.MethodGet, "organizations/acme/projects/", "", 403, ""},
		{token, http.MethodGet, "teams/acme/ops/projects/", "", 403, ""},
		{token, http.MethodDelete, "organizations/acme/scim/v2/Groups/8", "", 204, ""},
	})
	if got := s.Snapshot().Teams[0].Projects; len(got) > 0 {
		t.Errorf("still linked: %q", got)
	}
	walk(t, newSentry(t, web(), faulty(t, "project-refused")), []step{
		{apiToken, http.MethodPost, "projects/acme/web-shop/teams/8/", "", 403, `{"detail":["You do not have permission to perform this action."]}`},
	})
	walk(t, newSentry(t, web(), faulty(t, "project-vanished")), []step{{apiToken, http.MethodPost, "projects/acme/web-shop/teams/8/", "", 404, none}})
	walk(t, newSentry(t, web(), faulty(t, "scim-token-teams")), []step{
		{token, http.MethodGet, "teams/acme/7/members/", "", 403, forbidden},
		{token, http.MethodPut, "organizations/acme/members/2/teams/7/", `{"teamRole":"admin"}`, 403, forbidden},
		{apiToken, http.MethodPut, "organizations/acme/members/2/teams/7/", `{"teamRole":"admin"}`, 200, ""},
	})
	walk(t, newSentry(t, web(), faulty(t, "team-roles-off")), []step{
		{token, http.MethodPut, "organizations/acme/members/2/teams/7/", `{"teamRole":"admin"}`, 200, `{"isActive":true,"teamRole":null}`},
	})
}

// faulty is a configuration with a fault switched on.
func faulty(t *testing.T, id string) sandbox.Config {
	t.Helper()
	c := withAPI()
	var err error
	if c.Faults, err = faults.New(sandbox.Faults()); err != nil {
		t.Fatal(err)
	}
	if err := c.Faults.Set([]string{id}); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestARoleTakesAScopeOfWriting although the door is open to others.
func TestARoleTakesAScopeOfWriting(t *testing.T) {
	t.Parallel()
	state := web()
	state.APITokenScopes = []string{"org:read"}
	walk(t, newSentry(t, state, withAPI()), []step{
		{apiToken, http.MethodPut, "organizations/acme/members/2/teams/7/", `{"teamRole":"admin"}`, 400, `{"detail":"You do not have permission to edit that user's membership."}`},
	})
}
