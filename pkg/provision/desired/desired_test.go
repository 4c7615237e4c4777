package desired_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
)

func groups(names ...string) *directory.Directory {
	d := &directory.Directory{Source: "test"}
	for _, name := range names {
		d.Groups = append(d.Groups, directory.Group{Name: name})
	}
	return d
}

func hints(err error) string { return strings.Join(fault.Hints(err), "\n") }

func teamNames(want *desired.State) string {
	var names []string
	for _, t := range want.Teams {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

func TestGroupsAreChosenByNamesAndPatterns(t *testing.T) {
	t.Parallel()
	d := groups("[old] web", "data", "org/team-a", "team-a", "team-b", "x*")
	tests := []struct{ patterns, teams string }{
		{"", "[old] web data org/team-a team-a team-b x*"},
		{"team-*", "team-a team-b"},
		{"team-?", "team-a team-b"},
		{"team-[^a]", "team-b"},
		{"*", "[old] web data org/team-a team-a team-b x*"},
		{"*team*", "org/team-a team-a team-b"},
		{"[old] web", "[old] web"},
		{"x*", "x*"},
		{"data,team-b,team-*", "data team-a team-b"},
		{"dta", ""},
		{"nothing-*", ""},
		{"[", ""},
		{"data,nothing-*", ""},
	}
	for _, tt := range tests {
		t.Run(tt.patterns, func(t *testing.T) {
			t.Parallel()
			var sel desired.Selection
			if tt.patterns != "" {
				sel.Groups = strings.Split(tt.patterns, ",")
			}
			want, err := desired.Want(d, sel)
			if tt.teams == "" {
				if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) != 1 {
					t.Errorf("got %v with the hints %v, want a usage error with one", err, fault.Hints(err))
				}
				return
			}
			if err != nil || teamNames(want) != tt.teams {
				t.Errorf("got %v, %q, want %q", err, teamNames(want), tt.teams)
			}
		})
	}
}

func TestRulesForGroupsThatDoNotExistAreRefusedWithASuggestion(t *testing.T) {
	t.Parallel()
	for name, sel := range map[string]desired.Selection{
		"scim.groups":     {Groups: []string{"tema-a"}},
		"scim.team_names": {TeamNames: []desired.TeamName{{Group: "tema-a", Team: "A"}}},
		"scim.roles":      {Roles: []desired.RoleRule{{Group: "tema-a", Role: "manager"}}},
	} {
		_, err := desired.Want(groups("team-a"), sel)
		if fault.CodeOf(err) != fault.Usage || !strings.Contains(err.Error(), name) || !strings.Contains(hints(err), `did you mean "team-a"?`) {
			t.Errorf("%s: got %v with the hints %v", name, err, fault.Hints(err))
		}
	}
	twice := []desired.TeamName{{Group: "a", Team: "A"}, {Group: "a", Team: "B"}}
	if _, err := desired.Want(groups("a"), desired.Selection{TeamNames: twice}); fault.CodeOf(err) != fault.Usage {
		t.Errorf("two names for one group: got %v", err)
	}
}

func TestTeamNamesCollideAsGroupsDo(t *testing.T) {
	t.Parallel()
	rules := []desired.TeamName{{Group: "a", Team: "R&D"}, {Group: "b", Team: "rd"}}
	_, err := desired.Want(groups("a", "b", "c"), desired.Selection{TeamNames: rules})
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), `"a" and "b" would both be the team "rd"`) {
		t.Errorf("got %v", err)
	}
	rules = []desired.TeamName{{Group: "команда", Team: "Ops"}}
	want, err := desired.Want(groups("команда"), desired.Selection{TeamNames: rules})
	if err != nil || teamNames(want) != "Ops" || want.Teams[0].Group != "команда" || want.Teams[0].Slug != "ops" {
		t.Errorf("got %v, %+v", err, want)
	}
}
