package desired_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
)

const webShop = `
users:
  - {username: ada, email: ada@acme.test, groups: [Web, leads]}
  - {username: bob, email: bob@acme.test, groups: [Web], attributes: {head: Web}}
  - {username: cyd, email: cyd@acme.test, groups: [leads, data]}
  - {username: dan, email: dan@acme.test, groups: [Web, leads], active: false}
groups:
  - {name: Web, projects: [web-api, "web-*"]}
  - {name: data}
`

func shop(t *testing.T) *directory.Directory {
	t.Helper()
	d, err := directory.Parse([]byte(webShop), "people.yaml", directory.YAML)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// completed is what teams have beside members: roles by address, and projects.
func completed(want *desired.State) (roles map[string]map[string]string, projects map[string][]string) {
	roles, projects = map[string]map[string]string{}, map[string][]string{}
	for _, t := range want.Teams {
		for p, role := range t.Roles {
			if roles[t.Name] == nil {
				roles[t.Name] = map[string]string{}
			}
			roles[t.Name][p.Email] = role
		}
		if len(t.Projects) > 0 {
			projects[t.Name] = t.Projects
		}
	}
	return roles, projects
}

func TestRolesInTeamsByRulesAndByAnExpression(t *testing.T) {
	t.Parallel()
	rules, err := mapping.Compile(func() mapping.Expressions {
		e := mapping.Default()
		e.TeamRole = `attribute("head", "") == group.name or memberOf("leads") ? "admin" : ""`
		return e
	}())
	if err != nil {
		t.Fatal(err)
	}
	admin := func(emails ...string) map[string]string {
		roles := map[string]string{}
		for _, email := range emails {
			roles[email] = "admin"
		}
		return roles
	}
	tests := map[string]struct {
		selection desired.Selection
		want      map[string]map[string]string
		skipped   string
	}{
		"none": {desired.Selection{}, map[string]map[string]string{}, ""},
		"a rule": {
			desired.Selection{TeamRoles: []desired.TeamRoleRule{{"leads", "Web", "admin"}}},
			map[string]map[string]string{"Web": admin("ada@acme.test")},
			"cyd@acme.test: is in the group leads, but not in the team Web",
		},
		"by the slug of the team": {
			desired.Selection{TeamRoles: []desired.TeamRoleRule{{"Web", "web", "admin"}}}, map[string]map[string]string{"Web": admin("ada@acme.test", "bob@acme.test")}, "",
		},
		"the first that matches": {
			desired.Selection{TeamRoles: []desired.TeamRoleRule{{"leads", "Web", "contributor"}, {"Web", "Web", "admin"}}},
			map[string]map[string]string{"Web": {"ada@acme.test": "contributor", "bob@acme.test": "admin"}},
			"cyd@acme.test",
		},
		"an expression": {
			desired.Selection{Mapping: rules}, map[string]map[string]string{"Web": admin("ada@acme.test", "bob@acme.test"), "data": admin("cyd@acme.test"), "leads": admin("ada@acme.test", "cyd@acme.test")}, "",
		},
		"a rule before an expression": {
			desired.Selection{Mapping: rules, Groups: []string{"Web"}, TeamRoles: []desired.TeamRoleRule{{"leads", "Web", "contributor"}}},
			map[string]map[string]string{"Web": {"ada@acme.test": "contributor", "bob@acme.test": "admin"}},
			"cyd@acme.test",
		},
		"a team that is not chosen": {desired.Selection{Groups: []string{"data"}, TeamRoles: []desired.TeamRoleRule{{"leads", "Web", "admin"}}}, map[string]map[string]string{}, ""},
		"a team of another name": {
			desired.Selection{TeamNames: []desired.TeamName{{Group: "Web", Team: "Front"}}, TeamRoles: []desired.TeamRoleRule{{"Web", "Front", "admin"}}},
			map[string]map[string]string{"Front": admin("ada@acme.test", "bob@acme.test")},
			"",
		},
	}
	for name, tt := range tests {
		want, err := desired.Want(shop(t), tt.selection)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		roles, _ := completed(want)
		if diff := cmp.Diff(tt.want, roles); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		var skipped []string
		for _, s := range want.Skipped {
			skipped = append(skipped, s.Who+": "+s.Reason)
		}
		if text := strings.Join(skipped, "\n"); !strings.Contains(text, tt.skipped) || tt.skipped == "" && text != "" {
			t.Errorf("%s: skipped %q", name, skipped)
		}
	}
}

func TestProjectsOfGroupsAndSettings(t *testing.T) {
	t.Parallel()
	want, err := desired.Want(shop(t), desired.Selection{Projects: []desired.TeamProjects{{"web", []string{"shared", "web-api"}}, {"data", []string{"etl"}}}})
	if err != nil {
		t.Fatal(err)
	}
	_, projects := completed(want)
	if diff := cmp.Diff(map[string][]string{"Web": {"shared", "web-*", "web-api"}, "data": {"etl"}}, projects); diff != "" {
		t.Error(diff)
	}
}

func TestWrongRulesAboutTeams(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		selection   desired.Selection
		error, hint string
	}{
		"no such group":    {desired.Selection{TeamRoles: []desired.TeamRoleRule{{"laeds", "Web", "admin"}}}, `scim.team_roles names the group "laeds"`, `did you mean "leads"?`},
		"no such team":     {desired.Selection{TeamRoles: []desired.TeamRoleRule{{"leads", "Wbe", "admin"}}}, `scim.team_roles names the team "Wbe", which no group of the directory becomes`, `did you mean "Web"?`},
		"no such role":     {desired.Selection{TeamRoles: []desired.TeamRoleRule{{"leads", "Web", "boss"}}}, `a team has no role "boss"`, "contributor, admin"},
		"projects of none": {desired.Selection{Projects: []desired.TeamProjects{{"entirely else", nil}}}, `scim.projects names the team "entirely else"`, "the teams are Web, data, leads"},
	} {
		_, err := desired.Want(shop(t), tt.selection)
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), tt.error) || !strings.Contains(hints(err), tt.hint) {
			t.Errorf("%s: %v %q", name, err, hints(err))
		}
	}
	d := shop(t)
	d.Groups[0].Projects = []string{"["}
	if _, err := desired.Want(d, desired.Selection{}); fault.CodeOf(err) != fault.Failed || !strings.Contains(err.Error(), `the project "["`) {
		t.Errorf("a pattern that is none: %v", err)
	}
}
