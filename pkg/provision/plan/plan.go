// Package plan compares what Sentry should hold with what it holds, and bounds
// what a run may take away. A plan is a value: it is made, printed and refused
// without a request.
package plan

import "slices"

// Plan is the list of changes that make Sentry what the directory says. Every
// list is sorted and never nil; what is taken away comes first.
type Plan struct {
	UsersRemove   []UserRemove `json:"users_remove"`
	TeamsDelete   []TeamDelete `json:"teams_delete"`
	MembersRemove []Membership `json:"members_remove"`
	UsersRole     []UserRole   `json:"users_role"`
	TeamsAdopt    []TeamAdopt  `json:"teams_adopt"`
	TeamsRename   []TeamRename `json:"teams_rename"`
	UsersCreate   []UserCreate `json:"users_create"`
	TeamsCreate   []TeamCreate `json:"teams_create"`
	MembersAdd    []Membership `json:"members_add"`

	TeamRoles      []TeamRole    `json:"team_roles"`
	ProjectsRemove []ProjectLink `json:"projects_remove"`
	ProjectsAdd    []ProjectLink `json:"projects_add"`

	// TeamIDs are the ids in Sentry of the teams that memberships name; one that is
	// to be created has none.
	TeamIDs map[string]string `json:"-"`
	// Managed are the ids of all teams that the plan is about, changed or not.
	Managed []string `json:"-"`
}

// New is a plan without changes.
func New() *Plan {
	return &Plan{
		UsersCreate: []UserCreate{}, UsersRemove: []UserRemove{}, UsersRole: []UserRole{},
		TeamsCreate: []TeamCreate{}, TeamsAdopt: []TeamAdopt{}, TeamsRename: []TeamRename{}, TeamsDelete: []TeamDelete{},
		MembersAdd: []Membership{}, MembersRemove: []Membership{}, TeamIDs: map[string]string{},
		TeamRoles: []TeamRole{}, ProjectsRemove: []ProjectLink{}, ProjectsAdd: []ProjectLink{},
	}
}

// UserCreate invites a person. An empty role is the organization's default.
type UserCreate struct {
	Email string `json:"email"`
	Role  string `json:"role"`
}

// UserRemove deletes a membership of the organization, for good.
type UserRemove struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Role   string `json:"role"`
	Reason string `json:"reason"`
}

// UserRole changes a member's role. An empty To takes a role back that a rule
// gave: Sentry gives the organization's default, or Default where that is set.
type UserRole struct {
	ID      string `json:"id"`
	Email   string `json:"email"`
	From    string `json:"from"`
	To      string `json:"to"`
	Default string `json:"default,omitempty"`
}

// TeamCreate makes a team.
type TeamCreate struct {
	Name string `json:"name"`
	Slug string `json:"slug"`
}

// TeamAdopt is a team of Sentry that no push has managed before, and from now on
// is managed. It is no change by itself. Members is how many there are, Loses
// how many the plan removes.
type TeamAdopt struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Members int    `json:"members"`
	Loses   int    `json:"loses"`
}

// TeamRename gives a team that was found by its slug the directory's name.
type TeamRename struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

// TeamDelete deletes a team that a push created, for good: its projects are
// left without it.
type TeamDelete struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Membership is one person in one team. Team is the directory's name of it.
type Membership struct {
	Team  string `json:"team"`
	Email string `json:"email"`
	// MemberID is the id of the member in Sentry; empty for somebody who is to be
	// invited.
	MemberID string `json:"-"`
}

// Counts are numbers by kind of change.
type Counts struct {
	UsersRemove   int `json:"users_remove"`
	TeamsDelete   int `json:"teams_delete"`
	MembersRemove int `json:"members_remove"`
	UsersRole     int `json:"users_role"`
	TeamsRename   int `json:"teams_rename"`
	UsersCreate   int `json:"users_create"`
	TeamsCreate   int `json:"teams_create"`
	MembersAdd    int `json:"members_add"`

	TeamRoles      int `json:"team_roles"`
	ProjectsRemove int `json:"projects_remove"`
	ProjectsAdd    int `json:"projects_add"`
}

// Counts returns how many changes of each kind the plan has.
func (p *Plan) Counts() Counts {
	return Counts{
		UsersCreate: len(p.UsersCreate), UsersRemove: len(p.UsersRemove), UsersRole: len(p.UsersRole),
		TeamsCreate: len(p.TeamsCreate), TeamsRename: len(p.TeamsRename), TeamsDelete: len(p.TeamsDelete),
		MembersAdd: len(p.MembersAdd), MembersRemove: len(p.MembersRemove),
		TeamRoles: len(p.TeamRoles), ProjectsRemove: len(p.ProjectsRemove), ProjectsAdd: len(p.ProjectsAdd),
	}
}

// Total returns the sum of all kinds.
func (c Counts) Total() int {
	return c.UsersCreate + c.UsersRemove + c.UsersRole + c.TeamsCreate + c.TeamsRename + c.TeamsDelete + c.MembersAdd + c.MembersRemove +
		c.TeamRoles + c.ProjectsRemove + c.ProjectsAdd
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return p.Counts().Total() == 0 }

// TakesAway reports whether the plan changes or deletes anything that Sentry
// holds: people, memberships, teams, roles, names or links to projects.
func (p *Plan) TakesAway() bool {
	c := p.Counts()
	held := slices.ContainsFunc(p.TeamRoles, func(r TeamRole) bool { return !r.Joins })
	return c.UsersRemove+c.UsersRole+c.TeamsRename+c.TeamsDelete+c.MembersRemove+c.ProjectsRemove > 0 || held
}

// Kind is the key of the first kind that is counted.
func (c Counts) Kind() string {
	switch {
	case c.UsersCreate > 0:
		return "users_create"
	case c.UsersRemove > 0:
		return "users_remove"
	case c.UsersRole > 0:
		return "users_role"
	case c.TeamsCreate > 0:
		return "teams_create"
	case c.TeamsRename > 0:
		return "teams_rename"
	case c.TeamsDelete > 0:
		return "teams_delete"
	case c.MembersAdd > 0:
		return "members_add"
	case c.TeamRoles > 0:
		return "team_roles"
	case c.ProjectsRemove > 0:
		return "projects_remove"
	case c.ProjectsAdd > 0:
		return "projects_add"
	}
	return "members_remove"
}
