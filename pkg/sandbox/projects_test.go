package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func withProjects() sandbox.State {
	state := sandbox.DefaultState("acme")
	state.Members = []sandbox.Member{
		{ID: "1", Email: "owner@acme.test", Linked: true, Role: "owner", LastActive: "2026-08-01T00:00:00Z"},
		{ID: "2", Email: "jane@acme.test", Role: "member"},
	}
	state.Projects = []sandbox.Project{{ID: "8", Slug: "web", Name: "Web"}, {ID: "7", Slug: "api"}}
	state.Teams = []sandbox.Team{{
		ID: "1", Name: "Design", Slug: "design", Members: []string{"1", "2"}, TeamRoles: map[string]string{"1": "admin"}, Projects: []string{"web", "api"},
	}}
	return state
}

func TestTeamsAndProjectsNameEachOther(t *testing.T) {
	t.Parallel()
	s := newSentry(t, withProjects(), withAPI())
	const web, api = `{"id":"8","slug":"web","name":"Web","teams":[TEAMS]}`, `{"id":"7","slug":"api","name":"api","teams":[TEAMS]}`
	with := func(teams string, projects ...string) string {
		return strings.ReplaceAll(strings.Join(projects, ","), "TEAMS", teams)
	}
	if got := own(t, s, orgAPI+"projects/").Body.String(); got != "["+with(`{"id":"1","slug":"design","name":"Design"}`, api, web)+"]" {
		t.Errorf("projects: %s", got)
	}
	team := func(projects string) string {
		return `[{"id":"1","slug":"design","name":"Design","memberCount":2,"flags":{"idp:provisioned":false},"projects":[` + projects + `]}]`
	}
	if got := own(t, s, orgAPI+"teams/").Body.String(); got != team(with("", api, web)) {
		t.Errorf("teams: %s", got)
	}
	if got := own(t, s, orgAPI+"teams/?detailed=0").Body.String(); got != team("") {
		t.Errorf("teams without detail: %s", got)
	}
}

func TestTeamMembersShowTheirRoles(t *testing.T) {
	t.Parallel()
	s := newSentry(t, withProjects(), withAPI())
	for _, name := range []string{"design", "1"} {
		list, _ := decode(t, own(t, s, "/api/0/teams/acme/"+name+"/members/")).([]any)
		var roles []any
		for _, row := range list {
			m, _ := row.(map[string]any)
			roles = append(roles, m["id"], m["teamRole"], m["teamSlug"])
		}
		if diff := cmp.Diff([]any{"1", "admin", "design", "2", nil, "design"}, roles); diff != "" {
			t.Error(diff)
		}
	}
	if w := own(t, s, "/api/0/teams/acme/none/members/"); w.Code != http.StatusNotFound || w.Body.String() != notThere {
		t.Errorf("found %d %s", w.Code, w.Body)
	}
	if w := own(t, s, orgAPI+"members/1/"); field(t, w, "user", "lastActive") != "2026-08-01T00:00:00Z" {
		t.Errorf("found %s", w.Body)
	}
}

func TestStateKeepsProjects(t *testing.T) {
	t.Parallel()
	s := newSentry(t, withProjects(), withAPI())
	got := s.Snapshot()
	want := []sandbox.Project{{ID: "7", Slug: "api", Name: "api"}, {ID: "8", Slug: "web", Name: "Web"}}
	if diff := cmp.Diff(want, got.Projects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"web", "api"}, got.Teams[0].Projects); diff != "" {
		t.Error(diff)
	}
}

func TestWrongProjectsAreRefused(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"projects[0].id":                        `{"org":"acme","projects":[{"id":"x","slug":"web"}]}`,
		"projects[1].id":                        `{"org":"acme","projects":[{"id":"1","slug":"web"},{"id":"1","slug":"api"}]}`,
		"projects[0].slug":                      `{"org":"acme","projects":[{"id":"1","slug":"1"}]}`,
		"projects[1].slug":                      `{"org":"acme","projects":[{"id":"1","slug":"web"},{"id":"2","slug":"web"}]}`,
		`expected the slug of a project but`:    `{"org":"acme","teams":[{"id":"1","name":"a","slug":"a","projects":["web"]}]}`,
		`projects[0]: unknown key "teams"`:      `{"org":"acme","projects":[{"id":"1","slug":"web","teams":[]}]}`,
		"members[0].last_active: must be empty": `{"org":"acme","members":[{"id":"1","email":"a@acme.test","last_active":"2026-08-01T00:00:00Z"}]}`,
	} {
		if _, err := sandbox.ParseState([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: expected %q but found %v", text, want, err)
		}
	}
}
