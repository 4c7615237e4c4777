package output

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// PersonState is how somebody in Sentry compares with the directory.
type PersonState string

// The states of people.
const (
	PersonInSync    PersonState = "in_sync"   // a member, as the directory says
	PersonMissing   PersonState = "missing"   // active in the directory, no member
	PersonRole      PersonState = "role"      // a member with another role
	PersonInactive  PersonState = "inactive"  // inactive in the directory, still a member
	PersonUnmanaged PersonState = "unmanaged" // a member whom the directory does not name
)

// TeamState is how a team in Sentry compares with the directory.
type TeamState string

// The states of teams.
const (
	TeamInSync    TeamState = "in_sync"
	TeamMissing   TeamState = "missing"
	TeamRenamed   TeamState = "renamed"  // there under another name
	TeamMembers   TeamState = "members"  // with other members
	TeamRoles     TeamState = "roles"    // with other roles of its members
	TeamProjects  TeamState = "projects" // with other projects
	TeamUnmanaged TeamState = "unmanaged"
)

// PersonStatus is one person on either side. Role is the one in Sentry, Wanted
// the directory's where it differs or where there is none yet. Teams are those
// in Sentry.
type PersonStatus struct {
	Email  string      `json:"email"`
	State  PersonState `json:"state"`
	Role   string      `json:"role"`
	Wanted string      `json:"wanted_role"`
	Teams  []string    `json:"teams"`
}

// TeamStatus is one team on either side. Name is Sentry's where the team is
// there. Members counts those in Sentry; Missing and Extra are addresses.
type TeamStatus struct {
	Name    string    `json:"name"`
	State   TeamState `json:"state"`
	Wanted  string    `json:"wanted_name"`
	Members int       `json:"members"`
	Missing []string  `json:"missing"`
	Extra   []string  `json:"extra"`

	// Roles are the changes of roles in the team that a push would make. Admins are
	// the addresses of those who are admins of the team by a role of their own, where
	// that was asked for. Projects are the slugs of those that the team is linked to,
	// where they were asked for; ProjectsMissing and ProjectsExtra what a push would
	// link and unlink.
	Roles           []plan.TeamRole `json:"roles"`
	Admins          []string        `json:"admins"`
	Projects        []string        `json:"projects"`
	ProjectsMissing []string        `json:"projects_missing"`
	ProjectsExtra   []string        `json:"projects_extra"`
}

// Status is the document of a comparison that writes nothing. Drift says that a
// push would change something; Plan counts what.
type Status struct {
	Org       string            `json:"org"`
	SentryURL string            `json:"sentry_url"`
	Source    string            `json:"source"`
	Drift     bool              `json:"drift"`
	Plan      plan.Counts       `json:"plan"`
	People    []PersonStatus    `json:"people"`
	Teams     []TeamStatus      `json:"teams"`
	Skipped   []desired.Skipped `json:"skipped"`
	Notes     []string          `json:"notes"`
	Requests  Requests          `json:"requests"`

	// All lets the text name everybody and every team, not only what drifted.
	All bool `json:"-"`
}

// NewStatus is the document of a comparison.
func NewStatus(sentryURL, org, source string, want *desired.State, actual *plan.Actual, c *plan.Comparison) *Status {
	return &Status{
		Org: org, SentryURL: sentryURL, Source: source, Drift: !c.Empty(), Plan: c.Counts(),
		People: peopleStatus(want, actual, c), Teams: teamStatus(want, actual, c),
		Skipped: desired.Sort(slices.Concat(want.Skipped, c.Skipped)), Notes: append([]string{}, c.Notes...),
	}
}

func peopleStatus(want *desired.State, actual *plan.Actual, c *plan.Comparison) []PersonStatus {
	teams := map[string][]string{} // by member id
	for _, g := range actual.Groups {
		for _, m := range g.Members {
			teams[m.ID] = append(teams[m.ID], g.DisplayName)
		}
	}
	roles := map[string]string{} // that are to be, by member id
	for _, r := range c.UsersRole {
		roles[r.ID] = r.RoleAfter()
	}
	known := make(map[string]*desired.Person, len(want.People)) // by member id
	for _, p := range want.People {
		for _, member := range c.People[p].Members {
			known[member.ID] = p
		}
	}
	list := make([]PersonStatus, 0, len(actual.Users))
	for _, u := range actual.Users {
		s := PersonStatus{Email: u.UserName, State: PersonInSync, Role: u.Role, Wanted: roles[u.ID], Teams: append([]string{}, teams[u.ID]...)}
		slices.Sort(s.Teams)
		switch p := known[u.ID]; {
		case p == nil:
			s.State = PersonUnmanaged
		case !p.Active:
			s.State = PersonInactive
		case s.Wanted != "":
			s.State = PersonRole
		}
		list = append(list, s)
	}
	for _, u := range c.UsersCreate {
		list = append(list, PersonStatus{Email: u.Email, State: PersonMissing, Wanted: u.Role, Teams: []string{}})
	}
	slices.SortFunc(list, func(a, b PersonStatus) int {
		return cmp.Or(strings.Compare(mapping.Key(a.Email), mapping.Key(b.Email)), strings.Compare(a.Email, b.Email))
	})
	return list
}

func teamStatus(want *desired.State, actual *plan.Actual, c *plan.Comparison) []TeamStatus {
	missing, extra := byTeam(c.MembersAdd), byTeam(c.MembersRemove)
	complete := newCompletion(actual, c)
	groups := make(map[string]scim.Group, len(actual.Groups))
	for _, g := range actual.Groups {
		groups[g.ID] = g
	}
	renamed := make(map[string]bool, len(c.TeamsRename))
	for _, r := range c.TeamsRename {
		renamed[r.ID] = true
	}
	list := make([]TeamStatus, 0, len(want.Teams))
	for _, t := range want.Teams {
		group := groups[c.TeamIDs[t.Name]]
		delete(groups, group.ID)
		s := TeamStatus{Name: t.Name, State: TeamInSync, Members: len(group.Members), Missing: append([]string{}, missing[t.Name]...), Extra: append([]string{}, extra[t.Name]...)}
		complete.add(&s, t.Name, group)
		switch {
		case group.ID == "":
			s.State = TeamMissing
		case renamed[group.ID]:
			s.Name, s.Wanted, s.State = group.DisplayName, t.Name, TeamRenamed
		case len(s.Missing)+len(s.Extra) > 0:
			s.State = TeamMembers
		case len(s.Roles) > 0:
			s.State = TeamRoles
		case len(s.ProjectsMissing)+len(s.ProjectsExtra) > 0:
			s.State = TeamProjects
		}
		list = append(list, s)
	}
	for _, g := range groups {
		s := TeamStatus{Name: g.DisplayName, State: TeamUnmanaged, Members: len(g.Members), Missing: []string{}, Extra: []string{}}
		complete.add(&s, "", g)
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b TeamStatus) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Members, b.Members))
	})
	return list
}

// byTeam are the addresses of memberships by team.
func byTeam(members []plan.Membership) map[string][]string {
	teams := map[string][]string{}
	for _, m := range members {
		teams[m.Team] = append(teams[m.Team], m.Email)
	}
	return teams
}
