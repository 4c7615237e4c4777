package provision

import (
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
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
	TeamRenamed   TeamState = "renamed" // there under another name
	TeamMembers   TeamState = "members" // with other members
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
}

// Status is the document of a comparison that writes nothing. Drift says that a
// push would change something; Plan counts what.
type Status struct {
	Org       string         `json:"org"`
	SentryURL string         `json:"sentry_url"`
	Source    string         `json:"source"`
	Drift     bool           `json:"drift"`
	Plan      Counts         `json:"plan"`
	People    []PersonStatus `json:"people"`
	Teams     []TeamStatus   `json:"teams"`
	Skipped   []Skipped      `json:"skipped"`
	Requests  Requests       `json:"requests"`

	// All lets the text name everybody and every team, not only what drifted.
	All bool `json:"-"`
}

// Status reads Sentry and compares. Its error is fault.Findings (quiet) where a
// push would change something.
func (p *Push) Status(ctx context.Context, want *Desired) (*Status, error) {
	actual, err := p.read(ctx, stageRead)
	if err != nil {
		return nil, err
	}
	plan, left := p.plan(want, actual)
	s := &Status{
		Org: p.Org, SentryURL: p.SentryURL, Source: p.Source, Drift: !plan.Empty(), Plan: plan.Counts(),
		People: peopleStatus(want, actual, plan), Teams: teamStatus(want, actual, plan),
		Skipped: sortSkipped(slices.Concat(want.Skipped, left)), Requests: p.Requests(),
	}
	if s.Drift {
		return s, fault.Quiet(fault.Findings)
	}
	return s, nil
}

func peopleStatus(want *Desired, actual *Actual, plan *Plan) []PersonStatus {
	teams := map[string][]string{} // by member id
	for _, g := range actual.Groups {
		for _, m := range g.Members {
			teams[m.ID] = append(teams[m.ID], g.DisplayName)
		}
	}
	roles := map[string]string{} // that are to be, by member id
	for _, c := range plan.UsersRole {
		roles[c.ID] = c.To
	}
	known := make(map[string]bool, len(want.People)) // whether active, by key
	for _, p := range want.People {
		known[mapping.Key(p.Email)] = p.Active
	}
	list := make([]PersonStatus, 0, len(actual.Users))
	for _, u := range actual.Users {
		s := PersonStatus{Email: u.UserName, State: PersonInSync, Role: u.Role, Wanted: roles[u.ID], Teams: append([]string{}, teams[u.ID]...)}
		slices.Sort(s.Teams)
		switch active, named := known[mapping.Key(u.UserName)]; {
		case !named:
			s.State = PersonUnmanaged
		case !active:
			s.State = PersonInactive
		case s.Wanted != "":
			s.State = PersonRole
		}
		list = append(list, s)
	}
	for _, c := range plan.UsersCreate {
		list = append(list, PersonStatus{Email: c.Email, State: PersonMissing, Wanted: c.Role, Teams: []string{}})
	}
	slices.SortFunc(list, func(a, b PersonStatus) int { return compareEmails(a.Email, b.Email) })
	return list
}

func teamStatus(want *Desired, actual *Actual, plan *Plan) []TeamStatus {
	changes := map[string]memberChange{}
	for _, c := range plan.memberChanges() {
		changes[c.team] = c
	}
	match, managed := newTeamMatch(actual.Groups, want.Teams), map[string]bool{}
	list := make([]TeamStatus, 0, len(want.Teams))
	for _, t := range want.Teams {
		group, found := match.take(t)
		managed[group.ID] = true
		list = append(list, oneTeam(t, group, found, changes[t.Name]))
	}
	for _, g := range actual.Groups {
		if !managed[g.ID] {
			list = append(list, TeamStatus{Name: g.DisplayName, State: TeamUnmanaged, Members: len(g.Members), Missing: []string{}, Extra: []string{}})
		}
	}
	slices.SortFunc(list, func(a, b TeamStatus) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func oneTeam(t Team, group scim.Group, found bool, change memberChange) TeamStatus {
	s := TeamStatus{Name: t.Name, State: TeamInSync, Members: len(group.Members), Missing: emails(change.add), Extra: emails(change.remove)}
	switch {
	case !found:
		s.State = TeamMissing
	case group.DisplayName != t.Name:
		s.Name, s.Wanted, s.State = group.DisplayName, t.Name, TeamRenamed
	case len(s.Missing)+len(s.Extra) > 0:
		s.State = TeamMembers
	}
	return s
}

func emails(members []Membership) []string {
	list := make([]string, 0, len(members))
	for _, m := range members {
		list = append(list, m.Email)
	}
	return list
}
