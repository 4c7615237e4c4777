package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// teamRoles plans the roles in a team: those that rules give, and contributor for
// whom a push made an admin and no rule does so any more. Roles that were given by
// hand stay, and so does everybody whose organization role includes team admin.
func (c *comparison) teamRoles(t desired.Team, group scim.Group) {
	given := c.record.AdminsOf(group.ID)
	if len(t.Roles) == 0 && len(given) == 0 {
		return
	}
	roles, read := c.actual.TeamRoles[group.ID]
	if !read && len(group.Members) > 0 {
		c.out.reads.Teams = append(c.out.reads.Teams, group.ID)
		return
	}
	present := make(map[string]bool, len(group.Members))
	for _, m := range group.Members {
		present[m.ID] = true
	}
	ruled := map[string]bool{} // ids of members whom a rule gives a role
	for _, p := range t.Members {
		role := t.Roles[p]
		if role == "" {
			continue
		}
		for _, r := range c.holders(p, present) {
			ruled[r.MemberID] = true
			r.Team, r.From, r.To = t.Name, cmp.Or(roles[r.MemberID], sentry.TeamContributor), role
			c.teamRole(r, group.ID)
		}
	}
	for _, id := range given {
		member, listed := c.members[id]
		if !listed || ruled[id] || !present[id] || c.leaving[id] || c.shield[id] || c.owner[id] == nil || roles[id] != sentry.TeamAdmin || c.leavesTeam(t.Name, id) {
			continue
		}
		c.teamRole(TeamRole{
			Team: t.Name, Email: member.UserName, MemberID: id, From: sentry.TeamAdmin, To: sentry.TeamContributor, OrgRole: c.roleAfter(member),
		}, group.ID)
	}
}

// teamRole plans a change that is one, and that Sentry is not known to ignore.
func (c *comparison) teamRole(r TeamRole, team string) {
	fact, known := c.known.TeamRoles[memory.TeamRoleKey(team, r.MemberID)]
	ignored := known && strings.EqualFold(fact.Why, r.OrgRole) // beside another role, it may not be
	if ignored || r.From == r.To || sentry.IncludesTeamAdmin(r.OrgRole) {
		return
	}
	c.plan.TeamRoles = append(c.plan.TeamRoles, r)
}

// holders are the memberships of a person in a team once the plan is applied: those
// that are there, else the one that is added.
func (c *comparison) holders(p *desired.Person, present map[string]bool) []TeamRole {
	var there []TeamRole
	var staying *scim.User
	for i, member := range c.out.People[p].Members {
		if c.leaving[member.ID] {
			continue
		}
		if present[member.ID] {
			there = append(there, TeamRole{Email: member.UserName, MemberID: member.ID, OrgRole: c.roleAfter(member)})
		}
		if staying == nil {
			staying = &c.out.People[p].Members[i]
		}
	}
	switch {
	case len(there) > 0:
		return there
	case staying != nil:
		return []TeamRole{{Email: staying.UserName, MemberID: staying.ID, OrgRole: c.roleAfter(*staying), Joins: true}}
	case c.invited[p]:
		return []TeamRole{{Email: p.Email, OrgRole: c.invitedAs[p.Key()], Joins: true}}
	}
	return nil
}

// roleAfter is the organization role of a member once the plan is applied; empty
// where the organization's default is given, which is not known.
func (c *comparison) roleAfter(member scim.User) string {
	if role, changes := c.roles[member.ID]; changes {
		return role
	}
	return member.Role
}

// indexRoles notes the organization roles that the plan gives.
func (c *comparison) indexRoles() {
	c.roles, c.invitedAs = make(map[string]string, len(c.plan.UsersRole)), make(map[string]string, len(c.plan.UsersCreate))
	for _, r := range c.plan.UsersRole {
		c.roles[r.ID] = cmp.Or(r.To, r.Default)
	}
	for _, u := range c.plan.UsersCreate {
		c.invitedAs[mapping.Key(u.Email)] = u.Role
	}
}

// leavesTeam reports whether the plan takes a member out of a team.
func (c *comparison) leavesTeam(team, id string) bool {
	return slices.ContainsFunc(c.plan.MembersRemove, func(m Membership) bool { return m.Team == team && m.MemberID == id })
}
