package output

import (
	"fmt"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// completion is what SCIM does not know of teams: as it is in Sentry, and as the plan
// changes it, by the plan's name of the team.
type completion struct {
	actual         *plan.Actual
	roles          map[string][]plan.TeamRole
	linked         map[string][]string // slugs of projects by id of the team
	missing, extra map[string][]string
}

func newCompletion(actual *plan.Actual, c *plan.Comparison) *completion {
	all := &completion{actual: actual, roles: map[string][]plan.TeamRole{}, linked: map[string][]string{}, missing: linksOf(c.ProjectsAdd), extra: linksOf(c.ProjectsRemove)}
	for _, r := range c.TeamRoles {
		all.roles[r.Team] = append(all.roles[r.Team], r)
	}
	for _, p := range actual.Projects {
		for _, team := range p.Teams {
			all.linked[team] = append(all.linked[team], p.Slug)
		}
	}
	return all
}

func linksOf(links []plan.ProjectLink) map[string][]string {
	projects := map[string][]string{}
	for _, l := range links {
		projects[l.Team] = append(projects[l.Team], l.Project)
	}
	return projects
}

// add tells of the team that the plan calls by name, which is empty where the plan
// knows nothing of it.
func (all *completion) add(s *TeamStatus, name string, group scim.Group) {
	s.Roles, s.Admins = append([]plan.TeamRole{}, all.roles[name]...), []string{}
	for _, m := range group.Members {
		if all.actual.TeamRoles[group.ID][m.ID] == sentry.TeamAdmin {
			s.Admins = append(s.Admins, m.Display)
		}
	}
	slices.Sort(s.Admins)
	s.Projects = append([]string{}, all.linked[group.ID]...)
	s.ProjectsMissing, s.ProjectsExtra = append([]string{}, all.missing[name]...), append([]string{}, all.extra[name]...)
}

// complete writes what a team lacks or has too much beside members.
func (t *textReport) complete(team TeamStatus) {
	for _, r := range team.Roles {
		t.change("~", "role", fmt.Sprintf("%s in the team %s: %s -> %s", r.Email, team.Name, r.From, r.To))
	}
	t.teamProjects("+", team.Name, "missing", team.ProjectsMissing)
	t.teamProjects("-", team.Name, "too many", team.ProjectsExtra)
}

func (t *textReport) teamProjects(mark, team, what string, projects []string) {
	if len(projects) == 0 {
		return
	}
	printable := make([]string, 0, len(projects))
	for _, project := range projects {
		printable = append(printable, ui.Printable(project))
	}
	t.change(mark, "link", fmt.Sprintf("%s: %d %s", team, len(projects), what))
	t.names(printable)
}
