package sentryapi_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// writing serves the company with a fault, to both tokens.
func writing(t *testing.T, change func(*sandbox.State), fault ...string) (scim, api *sentryapi.Client, s *sandbox.Sentry) {
	t.Helper()
	board, err := faults.New(sandbox.Faults())
	if err != nil {
		t.Fatal(err)
	}
	state := company()
	if change != nil {
		change(&state)
	}
	s, err = sandbox.NewSentry(state, sandbox.Config{Token: "scim", APIToken: apiToken, Now: now, Rand: rand.Reader, Faults: board})
	if err != nil {
		t.Fatal(err)
	}
	if err := board.Set(fault); err != nil {
		t.Fatal(err)
	}
	return dial(t, s, "scim"), dial(t, s, apiToken), s
}

func TestSetTeamRole(t *testing.T) {
	t.Parallel()
	scim, _, s := writing(t, nil)
	for _, one := range []struct{ member, team, role, want string }{
		{"2", "3", "admin", "admin"}, {"2", "design", "contributor", ""}, {"1", "3", "admin", ""}, // an owner is one anyway
	} {
		got, err := scim.SetTeamRole(t.Context(), one.member, one.team, one.role)
		if err != nil || got != one.want {
			t.Errorf("%+v: %q, %v", one, got, err)
		}
	}
	if roles := s.Snapshot().Teams[0].TeamRoles; len(roles) > 0 {
		t.Errorf("found %v", roles)
	}
	if _, err := scim.SetTeamRole(t.Context(), "99", "3", "admin"); !errors.Is(err, sentryapi.ErrNotFound) {
		t.Errorf("a member who is gone: %v", err)
	}
}

func TestARoleThatIsNotPermitted(t *testing.T) {
	t.Parallel()
	scim, _, _ := writing(t, nil, "scim-token-teams")
	_, refused := scim.SetTeamRole(t.Context(), "2", "3", "admin")
	_, api, _ := writing(t, func(s *sandbox.State) { s.APITokenScopes = []string{"org:read"} })
	_, noRight := api.SetTeamRole(t.Context(), "2", "3", "admin")
	for _, err := range []error{refused, noRight} {
		if !sentryapi.NotPermitted(err) {
			t.Errorf("expected a refusal but found %v", err)
		}
	}
	if sentryapi.NotPermitted(nil) {
		t.Error("nothing is a refusal")
	}
	off, _, _ := writing(t, nil, "team-roles-off")
	if got, err := off.SetTeamRole(t.Context(), "2", "3", "admin"); err != nil || got != "" {
		t.Errorf("without the feature: %q, %v", got, err)
	}
}

func TestLinksOfProjects(t *testing.T) {
	t.Parallel()
	_, api, s := writing(t, func(s *sandbox.State) { s.Projects = append(s.Projects, sandbox.Project{ID: "8", Slug: "api"}) })
	for range 2 {
		if err := api.LinkProject(t.Context(), "api", "3"); err != nil {
			t.Error(err)
		}
		if err := api.UnlinkProject(t.Context(), "web", "3"); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"api"}, s.Snapshot().Teams[0].Projects); diff != "" {
		t.Error(diff)
	}
	if err := api.LinkProject(t.Context(), "none", "3"); !errors.Is(err, sentryapi.ErrNotFound) {
		t.Errorf("no project: %v", err)
	}
}

func TestALinkThatIsRefused(t *testing.T) {
	t.Parallel()
	scim, _, _ := writing(t, nil)
	_, api, _ := writing(t, nil, "project-refused")
	for name, client := range map[string]*sentryapi.Client{"scope": scim, "a list in detail": api} {
		err := client.LinkProject(t.Context(), "web", "3")
		if fault.CodeOf(err) != fault.Credential || !strings.Contains(strings.Join(fault.Hints(err), " "), "project:write") {
			t.Errorf("%s: %v %q", name, err, fault.Hints(err))
		}
	}
}
