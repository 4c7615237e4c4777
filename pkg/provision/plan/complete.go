package plan

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// TeamRole changes the role of a member in a team. Team is the directory's name of
// it.
type TeamRole struct {
	Team  string `json:"team"`
	Email string `json:"email"`
	From  string `json:"from"`
	To    string `json:"to"`
	// MemberID is the id of the member in Sentry; empty for a person who is to be
	// invited. Joins says that the plan puts the member on the team. OrgRole is the
	// member's organization role once the plan is applied, empty where Sentry decides.
	MemberID string `json:"-"`
	Joins    bool   `json:"-"`
	OrgRole  string `json:"-"`
}

// Change is the change in words, to stand behind "could not".
func (r TeamRole) Change() string {
	return fmt.Sprintf("make %s %s of the team %s", r.Email, r.To, r.Team)
}

// ProjectLink links a team to a project, or takes the link away.
type ProjectLink struct {
	Team      string `json:"team"`
	Project   string `json:"project"` // slug
	ProjectID string `json:"-"`
}

// Reads are what a plan needs beside SCIM's lists and what has not been read yet.
type Reads struct {
	Teams    []string // ids of the teams whose roles are needed
	Projects bool
}

// Empty reports whether nothing is needed.
func (r Reads) Empty() bool { return len(r.Teams) == 0 && !r.Projects }

// Reads returns what has to be read before the plan is whole.
func (c *Comparison) Reads() Reads { return c.reads }

// NewReads is what another plan than that of a comparison needs.
func (c *Comparison) NewReads(r Reads) { c.reads = r }

// Keep takes over from an earlier reading what a plan has not changed: the roles of
// teams without a change, and the projects where no link was one.
func (a *Actual) Keep(earlier *Actual, p *Plan) {
	touched := map[string]bool{}
	for _, changes := range [][]Membership{p.MembersAdd, p.MembersRemove} {
		for _, m := range changes {
			touched[p.TeamIDs[m.Team]] = true
		}
	}
	for _, r := range p.TeamRoles {
		touched[p.TeamIDs[r.Team]] = true
	}
	for team, roles := range earlier.TeamRoles {
		if !touched[team] {
			a.PutRoles(team, roles)
		}
	}
	if len(p.ProjectsAdd)+len(p.ProjectsRemove)+len(p.TeamsDelete) == 0 {
		a.Projects = earlier.Projects
	}
}

// PutRoles notes the roles of a team's members by their ids.
func (a *Actual) PutRoles(team string, roles map[string]string) {
	if a.TeamRoles == nil {
		a.TeamRoles = map[string]map[string]string{}
	}
	a.TeamRoles[team] = roles
}

func compareTeamRoles(a, b TeamRole) int {
	return cmp.Or(strings.Compare(a.Team, b.Team), compareEmails(a.Email, b.Email), strings.Compare(a.MemberID, b.MemberID))
}

func compareLinks(a, b ProjectLink) int {
	return cmp.Or(strings.Compare(a.Team, b.Team), strings.Compare(a.Project, b.Project))
}

// completeTeams plans what SCIM does not know of the teams. Without a rule for it,
// nothing is planned and nothing needs to be read.
func (c *comparison) completeTeams(groups []scim.Group) {
	off, isOff := c.known.TeamRoles[memory.NoTeamRoles]
	switch {
	case c.want.TeamRoles && isOff:
		c.out.Notes = append(c.out.Notes, "roles in teams are not set: "+off.Why)
	case !c.want.TeamRoles && c.record != nil && len(c.record.Admins) > 0:
		c.out.Notes = append(c.out.Notes, "roles in teams that earlier pushes gave stay: no rule gives any now (scim.team_roles)")
	}
	ruling, linking := c.want.TeamRoles && !isOff, c.links()
	if !ruling && !linking {
		return
	}
	c.out.reads.Projects = linking && c.actual.Projects == nil
	c.indexRoles()
	byID := make(map[string]scim.Group, len(groups))
	for _, g := range groups {
		byID[g.ID] = g
	}
	all := newProjects(c.actual.Projects)
	for _, t := range c.want.Teams {
		group := byID[c.plan.TeamIDs[t.Name]]
		if ruling {
			c.out.fresh[t.Name] = c.isFresh(group)
			c.teamRoles(t, group)
		}
		if linking && c.actual.Projects != nil {
			c.projects(t, group, all)
		}
	}
}

// isFresh reports whether a team is part of a first push: into an organization of
// owners alone, or one that such a push began and did not finish. Nobody is raised
// there who was anybody before.
func (c *comparison) isFresh(group scim.Group) bool {
	isNew := group.ID == ""
	begun := c.record != nil && c.record.Fresh() && len(c.record.Created) > 0
	return isNew && len(c.actual.Users) <= c.out.owners || begun && (isNew || c.record.CreatedTeam(group.ID))
}

// links reports whether the projects of teams are anybody's matter.
func (c *comparison) links() bool {
	named := slices.ContainsFunc(c.want.Teams, func(t desired.Team) bool { return len(t.Projects) > 0 })
	return named || c.policy.UnlinkProjects && c.record != nil && len(c.record.Links) > 0
}

// projects plans the links of a team. What is named and not there is told, and could
// be the former name of a project that was renamed: until it is named again, or no
// more, the team keeps the links that it has.
func (c *comparison) projects(t desired.Team, group scim.Group, all *projects) {
	wanted := map[string]bool{}
	var nowhere []string
	for _, name := range t.Projects {
		found := all.matching(name)
		for _, p := range found {
			wanted[p.ID] = true
		}
		if len(found) == 0 {
			c.skip("project "+name, all.missing(name, t.Name))
			nowhere = append(nowhere, name)
		}
	}
	has, ours := all.linked[group.ID], c.record.LinksOf(group.ID)
	for _, p := range all.list {
		if wanted[p.ID] && !has[p.ID] {
			c.plan.ProjectsAdd = append(c.plan.ProjectsAdd, ProjectLink{Team: t.Name, Project: p.Slug, ProjectID: p.ID})
		}
		surplus := c.policy.UnlinkProjects && has[p.ID] && !wanted[p.ID] && slices.Contains(ours, p.ID)
		switch {
		case surplus && len(nowhere) > 0:
			c.skip("project "+p.Slug, fmt.Sprintf("keeps its link to the team %s: %s could be its name of before", t.Name, phrase.List(nowhere)))
		case surplus:
			c.plan.ProjectsRemove = append(c.plan.ProjectsRemove, ProjectLink{Team: t.Name, Project: p.Slug, ProjectID: p.ID})
		}
	}
}

// projects are the projects of Sentry.
type projects struct {
	list   []Project
	bySlug map[string]Project
	linked map[string]map[string]bool // ids of projects by id of the team
}

func newProjects(list []Project) *projects {
	all := &projects{list: list, bySlug: make(map[string]Project, len(list)), linked: map[string]map[string]bool{}}
	for _, p := range list {
		all.bySlug[p.Slug] = p
		for _, team := range p.Teams {
			if all.linked[team] == nil {
				all.linked[team] = map[string]bool{}
			}
			all.linked[team][p.ID] = true
		}
	}
	return all
}

// matching are the projects that a slug or a pattern means.
func (all *projects) matching(name string) []Project {
	if p, found := all.bySlug[name]; found {
		return []Project{p}
	}
	var found []Project
	for _, p := range all.list {
		if is, err := path.Match(name, p.Slug); err == nil && is && isPattern(name) {
			found = append(found, p)
		}
	}
	return found
}

func (all *projects) missing(name, team string) string {
	if isPattern(name) {
		return "matches no project of Sentry (of the team " + team + ")"
	}
	return "does not exist in Sentry (of the team " + team + ")"
}

func isPattern(name string) bool { return strings.ContainsAny(name, `*?[\`) }
