package snapshot

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// projectsOf are the slugs of projects by id of the team, sorted.
func projectsOf(actual *plan.Actual) map[string][]string {
	projects := map[string][]string{}
	for _, p := range actual.Projects {
		for _, team := range p.Teams {
			projects[team] = append(projects[team], p.Slug)
		}
	}
	for _, slugs := range projects {
		slices.Sort(slugs)
	}
	return projects
}

// rolesIn are the roles in a team by address; nil for none.
func rolesIn(g scim.Group, actual *plan.Actual) map[string]string {
	var roles map[string]string
	for _, m := range g.Members {
		if role := actual.TeamRoles[g.ID][m.ID]; role != "" && m.Display != "" {
			if roles == nil {
				roles = map[string]string{}
			}
			roles[m.Display] = role
		}
	}
	return roles
}

// HasProjects reports whether a team of the snapshot has projects.
func (s *Snapshot) HasProjects() bool {
	return slices.ContainsFunc(s.Teams, func(t Team) bool { return len(t.Projects) > 0 })
}

// WithoutProjects is the snapshot without the projects of its teams.
func (s *Snapshot) WithoutProjects() *Snapshot {
	bare := *s
	bare.Teams = slices.Clone(s.Teams)
	for i := range bare.Teams {
		bare.Teams[i].Projects = nil
	}
	return &bare
}

// complete plans the roles in a team and its projects, as far as Sentry lacks them.
// Who is put back on the team gets the role in any case, others with the roles.
func (r *restoring) complete(t Team, label string, group scim.Group, all bool) {
	present := make(map[string]bool, len(group.Members))
	for _, m := range group.Members {
		present[m.ID] = true
	}
	roles, read := r.actual.TeamRoles[group.ID]
	needed := false
	for email, role := range t.Roles {
		key := mapping.Key(email)
		id := r.is[key]
		joins := r.added[plan.Membership{Team: label, Email: key}]
		switch {
		case role != sentry.TeamAdmin || !joins && (!all || !present[id]):
		case !joins && !read:
			needed = true
		case joins || roles[id] != role:
			r.teamRole(plan.TeamRole{
				Team: label, Email: email, MemberID: id, From: sentry.TeamContributor, To: role, Joins: joins, OrgRole: r.byID[id].Role,
			})
		}
	}
	if needed {
		r.reads.Teams = append(r.reads.Teams, group.ID)
	}
	r.projects(t, label, group)
}

func (r *restoring) teamRole(c plan.TeamRole) {
	if !sentry.IncludesTeamAdmin(c.OrgRole) {
		r.plan.TeamRoles = append(r.plan.TeamRoles, c)
	}
}

func (r *restoring) projects(t Team, label string, group scim.Group) {
	if len(t.Projects) > 0 && r.actual.Projects == nil {
		r.reads.Projects = true
		return
	}
	for _, slug := range t.Projects {
		at := slices.IndexFunc(r.actual.Projects, func(p plan.Project) bool { return p.Slug == slug })
		switch {
		case at < 0:
			r.skipped = append(r.skipped, desired.Skipped{Who: "project " + slug, Reason: "is no longer in Sentry: the team " + t.Name + " comes back without it"})
		case group.ID == "" || !slices.Contains(r.actual.Projects[at].Teams, group.ID):
			r.plan.ProjectsAdd = append(r.plan.ProjectsAdd, plan.ProjectLink{Team: label, Project: slug, ProjectID: r.actual.Projects[at].ID})
		}
	}
}

// comesBare reports whether the plan creates a team of whose projects the snapshot
// knows nothing.
func (r *restoring) comesBare(teams []Team) bool {
	return slices.ContainsFunc(r.plan.TeamsCreate, func(c plan.TeamCreate) bool {
		return slices.ContainsFunc(teams, func(t Team) bool { return strings.EqualFold(t.Name, c.Name) && len(t.Projects) == 0 })
	})
}
