package desired

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/nearest"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// TeamRoleRule gives the members of a directory group a role in a team, which is
// named by its name or slug.
type TeamRoleRule struct {
	Group, Team, Role string
}

// TeamProjects names the projects of a team, slugs or patterns (path.Match). The team
// is named by its name or slug.
type TeamProjects struct {
	Team     string
	Projects []string
}

// complete gives the teams what SCIM does not know: the roles of their members, and
// their projects.
func (r *resolved) complete(want *State, selection Selection) error {
	want.TeamRoles = len(selection.TeamRoles) > 0 || selection.Mapping.GivesTeamRoles()
	roles, projects := map[string][]TeamRoleRule{}, map[string][]TeamProjects{} // by slug of the team
	slugs := map[string]bool{}
	for _, name := range r.teams {
		slugs[sentry.TeamSlug(name)] = true
	}
	delete(slugs, "") // groups without a team
	for _, rule := range selection.TeamRoles {
		if err := r.checkTeamRole(rule, slugs); err != nil {
			return err
		}
		slug := sentry.TeamSlug(rule.Team)
		roles[slug] = append(roles[slug], rule)
	}
	for _, rule := range selection.Projects {
		if err := r.checkTeam("scim.projects", rule.Team, slugs); err != nil {
			return err
		}
		slug := sentry.TeamSlug(rule.Team)
		projects[slug] = append(projects[slug], rule)
	}
	for i := range want.Teams {
		t := &want.Teams[i]
		want.Skipped = append(want.Skipped, r.rulesOf(t, roles[t.Slug])...)
		r.expressionOf(t)
		if err := r.projectsOf(t, projects[t.Slug]); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolved) checkTeamRole(rule TeamRoleRule, slugs map[string]bool) error {
	if err := sentry.CheckTeamRole(rule.Role); err != nil {
		return fmt.Errorf("scim.team_roles: %w", err)
	}
	if err := checkGroup(r.directory, "scim.team_roles", rule.Group); err != nil {
		return fault.Hint(err, "a rule for a group that has gone would silently stop giving its role: remove the rule or restore the group")
	}
	return r.checkTeam("scim.team_roles", rule.Team, slugs)
}

// checkTeam refuses a team that no group of the directory becomes, chosen or not.
func (r *resolved) checkTeam(setting, team string, slugs map[string]bool) error {
	if slugs[sentry.TeamSlug(team)] {
		return nil
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Values(r.teams)), func(name string) bool { return name == "" })
	err := fault.Usagef("%s names the team %q, which no group of the directory becomes", setting, team)
	if near := nearest.Word(team, names); near != "" {
		return fault.Hint(err, "did you mean %q?", near)
	}
	return fault.Hint(err, "the teams are %s", phrase.List(names))
}

// rulesOf gives the members of a team the role of the first rule that matches, and
// returns who matches and is not in the team.
func (r *resolved) rulesOf(t *Team, rules []TeamRoleRule) (skipped []Skipped) {
	if len(rules) == 0 {
		return nil
	}
	inside := make(map[*Person]bool, len(t.Members))
	for _, person := range t.Members {
		inside[person] = true
	}
	for _, rule := range rules {
		for _, person := range r.membersOf(rule.Group) {
			switch {
			case !person.Active:
			case !inside[person]:
				skipped = append(skipped, Skipped{Who: person.Email, Reason: fmt.Sprintf("is in the group %s, but not in the team %s: has no role there", rule.Group, t.Name)})
			default:
				t.giveRole(person, rule.Role)
			}
		}
	}
	return skipped
}

// giveRole gives a role in the team to a member who has none yet.
func (t *Team) giveRole(person *Person, role string) {
	if t.Roles == nil {
		t.Roles = map[*Person]string{}
	}
	if t.Roles[person] == "" {
		t.Roles[person] = role
	}
}

// expressionOf gives roles to the members whom no rule gave one. Of several entries
// of a person the first that has a role counts.
func (r *resolved) expressionOf(t *Team) {
	made := r.applied.TeamRoles[t.Group]
	if len(made) == 0 {
		return
	}
	for _, username := range groupOf(r.directory, t.Group).Members {
		person := r.byUsername[username]
		if person != nil && person.Active && made[username] != "" {
			t.giveRole(person, made[username])
		}
	}
}

// projectsOf are the projects of the team that the settings and its group name.
func (r *resolved) projectsOf(t *Team, rules []TeamProjects) error {
	named := slices.Clone(groupOf(r.directory, t.Group).Projects)
	for _, project := range named {
		if _, err := path.Match(project, ""); err != nil {
			return fault.New(fault.Failed, "the group %q names the project %q, which is neither a slug nor a pattern", t.Group, project)
		}
	}
	for _, rule := range rules {
		named = append(named, rule.Projects...)
	}
	slices.Sort(named)
	t.Projects = slices.Compact(named)
	return nil
}

// groupOf is the group of that name, or none.
func groupOf(d *directory.Directory, name string) directory.Group {
	at, found := slices.BinarySearchFunc(d.Groups, name, func(g directory.Group, name string) int { return strings.Compare(g.Name, name) })
	if !found {
		return directory.Group{}
	}
	return d.Groups[at]
}
