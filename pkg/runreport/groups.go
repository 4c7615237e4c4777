package runreport

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// group is the changes of one kind and why they are made. A cell holds one or
// several names.
type group struct {
	Kind    string // the key in the plan
	Title   string
	Why     string
	Columns []string
	Rows    [][][]string
	Count   int // changes; a row can be several
	Done    int
	Made    string // Count, and how many of them were made where it was not all
	Failed  []apply.Failure
}

// columnTeam is the heading of teams.
const columnTeam = "Team"

// groups returns all kinds of changes, also those without any, what is taken
// away first.
func (r *Run) groups() []group {
	groups := slices.Concat(r.removed(), r.changed(), r.added())
	for i, g := range groups {
		groups[i].Made = r.made(g)
		if why, ok := restoreReasons()[g.Kind]; ok && r.Kind == output.KindRestore {
			groups[i].Why = why
		}
		for _, f := range r.Failed {
			if f.Kind == g.Kind {
				groups[i].Failed = append(groups[i].Failed, f)
			}
		}
	}
	return groups
}

func (r *Run) made(g group) string {
	if o := r.outcome(); o == dryRun || o == refused || g.Done == g.Count {
		return strconv.Itoa(g.Count)
	}
	return fmt.Sprintf("%d of %d made", g.Done, g.Count)
}

// restoreReasons say why a restore makes changes, by kind.
func restoreReasons() map[string]string {
	return map[string]string{
		"users_role":   "The member had the role when the snapshot was saved.",
		"teams_rename": "The team had the name when the snapshot was saved.",
		"users_create": "In the snapshot, and not a member of the organization.",
		"teams_create": "In the snapshot, and not in Sentry.",
		"members_add":  "In the team in the snapshot, and not in Sentry.",
		"team_roles":   "The member had the role in the team when the snapshot was saved.",
		"projects_add": "The team was linked to the project when the snapshot was saved.",
	}
}

func (r *Run) removed() []group {
	plan, applied := r.Plan, r.Applied
	people := group{
		Kind: "users_remove", Title: "Removed people", Count: len(plan.UsersRemove), Done: applied.UsersRemove,
		Why: "For the reason beside each name. Sentry deletes the membership.", Columns: []string{"Person", "Role", "Reason"},
	}
	for _, c := range plan.UsersRemove {
		people.Rows = append(people.Rows, row(c.Email, c.Role, c.Reason))
	}
	teams := group{
		Kind: "teams_delete", Title: "Deleted teams", Count: len(plan.TeamsDelete), Done: applied.TeamsDelete,
		Why: "A push created the team, and its group has gone. Its projects are left without it.", Columns: []string{columnTeam, "Reason"},
	}
	for _, c := range plan.TeamsDelete {
		teams.Rows = append(teams.Rows, row(c.Name, c.Reason))
	}
	memberships := group{
		Kind: "members_remove", Title: "Removed from teams", Count: len(plan.MembersRemove), Done: applied.MembersRemove,
		Why: "Not in the group that the team stands for.", Columns: []string{columnTeam, "People"}, Rows: byTeam(plan.MembersRemove),
	}
	return []group{people, teams, memberships, links("projects_remove", "Removed projects",
		"A push linked the team to the project, and nothing names the project any more.", plan.ProjectsRemove, applied.ProjectsRemove)}
}

// links are the links of teams to projects that are made or taken away.
func links(kind, title, why string, links []plan.ProjectLink, done int) group {
	g := group{Kind: kind, Title: title, Why: why, Columns: []string{columnTeam, "Projects"}, Count: len(links), Done: done}
	projects := map[string][]string{}
	for _, l := range links {
		projects[l.Team] = append(projects[l.Team], clean(l.Project))
	}
	g.Rows = rows(projects)
	return g
}

func (r *Run) changed() []group {
	plan, applied := r.Plan, r.Applied
	roles := group{
		Kind: "users_role", Title: "Changes of roles", Count: len(plan.UsersRole), Done: applied.UsersRole,
		Why: "A rule for a group of the directory gives another role.", Columns: []string{"Person", "From", "To"},
	}
	for _, c := range plan.UsersRole {
		roles.Rows = append(roles.Rows, row(c.Email, c.From, c.RoleAfter()))
	}
	adopted := group{
		Kind: "teams_adopt", Title: "Adopted teams", Count: len(plan.TeamsAdopt), Done: len(plan.TeamsAdopt),
		Why: "In Sentry already, and managed from now on: a group of the directory has the name.", Columns: []string{columnTeam, "Consequence"},
	}
	for _, c := range plan.TeamsAdopt {
		adopted.Rows = append(adopted.Rows, row(c.Name, c.Consequence()))
	}
	renamed := group{
		Kind: "teams_rename", Title: "Renamed teams", Count: len(plan.TeamsRename), Done: applied.TeamsRename,
		Why: "The team stands for a group, and has another name or spelling.", Columns: []string{"From", "To"},
	}
	for _, c := range plan.TeamsRename {
		renamed.Rows = append(renamed.Rows, row(c.From, c.To))
	}
	inTeams := group{
		Kind: "team_roles", Title: "Roles in teams", Count: len(plan.TeamRoles), Done: applied.TeamRoles,
		Why: "A rule for a group of the directory gives another role in the team.", Columns: []string{columnTeam, "Person", "From", "To"},
	}
	for _, c := range plan.TeamRoles {
		inTeams.Rows = append(inTeams.Rows, row(c.Team, c.Email, c.From, c.To))
	}
	return []group{roles, adopted, renamed, inTeams}
}

func (r *Run) added() []group {
	plan, applied := r.Plan, r.Applied
	people := group{
		Kind: "users_create", Title: "Invitations", Count: len(plan.UsersCreate), Done: applied.UsersCreate,
		Why: "Active in the directory, and not a member of the organization yet.", Columns: []string{"Person", "Role"},
	}
	for _, c := range plan.UsersCreate {
		role := c.Role
		if role == "" {
			role = "the organization's default"
		}
		people.Rows = append(people.Rows, row(c.Email, role))
	}
	teams := group{
		Kind: "teams_create", Title: "New teams", Count: len(plan.TeamsCreate), Done: applied.TeamsCreate,
		Why: "The directory has a group that no team stands for.", Columns: []string{columnTeam, "Slug"},
	}
	for _, c := range plan.TeamsCreate {
		teams.Rows = append(teams.Rows, row(c.Name, c.Slug))
	}
	memberships := group{
		Kind: "members_add", Title: "Added to teams", Count: len(plan.MembersAdd), Done: applied.MembersAdd,
		Why: "In the group that the team stands for, and not in the team.", Columns: []string{columnTeam, "People"}, Rows: byTeam(plan.MembersAdd),
	}
	return []group{people, teams, memberships, links("projects_add", "Linked projects",
		"The settings or the group of the team name the project.", plan.ProjectsAdd, applied.ProjectsAdd)}
}

func row(cells ...string) [][]string {
	row := make([][]string, 0, len(cells))
	for _, cell := range cells {
		row = append(row, []string{clean(cell)})
	}
	return row
}

// byTeam makes a row of each team and its people.
func byTeam(members []plan.Membership) [][][]string {
	people := map[string][]string{}
	for _, m := range members {
		people[m.Team] = append(people[m.Team], clean(m.Email))
	}
	return rows(people)
}

// rows makes a row of each key and its names.
func rows(names map[string][]string) [][][]string {
	made := make([][][]string, 0, len(names))
	for _, key := range slices.Sorted(maps.Keys(names)) {
		made = append(made, [][]string{{clean(key)}, names[key]})
	}
	return made
}
