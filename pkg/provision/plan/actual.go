package plan

import (
	"iter"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Actual is what Sentry has: all members and all teams, as its SCIM API lists
// them.
type Actual struct {
	Users  []scim.User
	Groups []scim.Group

	// TeamRoles are the roles in teams by id of the member, by id of the team, of the
	// teams that were asked for. Who has no role of their own is left out.
	TeamRoles map[string]map[string]string
	// Projects are all projects with their teams; nil: they were not asked for.
	Projects []Project
}

// Project is a project of Sentry and the ids of the teams that it is linked to.
type Project struct {
	ID, Slug string
	Teams    []string
}

// Size is how much an organization holds: members, teams, and memberships of
// members in teams.
type Size struct {
	Members     int `json:"members"`
	Teams       int `json:"teams"`
	Memberships int `json:"memberships"`
}

// Size returns how much Sentry's side holds.
func (a *Actual) Size() Size {
	size := Size{Members: len(a.Users), Teams: len(a.Groups)}
	for _, g := range a.Groups {
		size.Memberships += len(g.Members)
	}
	return size
}

// SizeAfter returns how much actual will hold once the plan is applied. Who is
// removed leaves all teams, and everybody leaves a team that is deleted.
func (p *Plan) SizeAfter(actual *Actual) Size {
	leaving, deleted := p.leaving(), p.deleted()
	size := Size{
		Members:     len(actual.Users) + len(p.UsersCreate) - len(p.UsersRemove),
		Teams:       len(actual.Groups) + len(p.TeamsCreate) - len(p.TeamsDelete),
		Memberships: len(p.MembersAdd) - len(p.MembersRemove),
	}
	for _, g := range actual.Groups {
		for _, m := range g.Members {
			if !deleted[g.ID] && !leaving[m.ID] {
				size.Memberships++
			}
		}
	}
	return size
}

// deleted are the ids of teams that the plan deletes.
func (p *Plan) deleted() map[string]bool {
	deleted := make(map[string]bool, len(p.TeamsDelete))
	for _, c := range p.TeamsDelete {
		deleted[c.ID] = true
	}
	return deleted
}

// membersOfDeleted yields the id of each member of each team that the plan deletes.
func (p *Plan) membersOfDeleted(groups []scim.Group) iter.Seq[string] {
	deleted := p.deleted()
	return func(yield func(string) bool) {
		for _, g := range groups {
			for _, m := range g.Members {
				if deleted[g.ID] && !yield(m.ID) {
					return
				}
			}
		}
	}
}

// leaving are the ids of members whom the plan removes.
func (p *Plan) leaving() map[string]bool {
	leaving := make(map[string]bool, len(p.UsersRemove))
	for _, c := range p.UsersRemove {
		leaving[c.ID] = true
	}
	return leaving
}

// Without returns the plan without the invitations of people, by key, and what
// depends on them.
func (p *Plan) Without(keys map[string]bool) *Plan {
	rest := *p
	rest.UsersCreate = slices.DeleteFunc(slices.Clone(p.UsersCreate), func(c UserCreate) bool { return keys[mapping.Key(c.Email)] })
	rest.TeamRoles = slices.DeleteFunc(slices.Clone(p.TeamRoles), func(r TeamRole) bool { return r.MemberID == "" && keys[mapping.Key(r.Email)] })
	rest.MembersAdd = slices.DeleteFunc(slices.Clone(p.MembersAdd), func(m Membership) bool { return m.MemberID == "" && keys[mapping.Key(m.Email)] })
	return &rest
}
