package provision

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Remove says which people are removed from Sentry.
type Remove string

// The policies of removing: nobody; people whom the directory marks inactive;
// those and everybody the directory does not know.
const (
	RemoveNever    Remove = "never"
	RemoveInactive Remove = "inactive"
	RemoveAbsent   Remove = "absent"
)

const ownerRole = "owner"

// Why people are removed.
const (
	reasonInactive = "inactive in the directory"
	reasonAbsent   = "not in the directory"
)

// Actual is what Sentry has: all members and all teams, as its SCIM API lists
// them.
type Actual struct {
	Users  []scim.User
	Groups []scim.Group
}

// Compare plans the changes from actual to want. Owners are never removed or
// given another role; what is left out for that is returned beside the plan.
func Compare(want *Desired, actual *Actual, remove Remove) (*Plan, []Skipped) {
	c := comparison{want: want, remove: remove, plan: emptyPlan(), members: map[string][]scim.User{}, keys: map[string]string{}}
	for _, u := range actual.Users {
		key := mapping.Key(u.UserName)
		c.members[key] = append(c.members[key], u)
		c.keys[u.ID] = key
	}
	c.people()
	c.absent(actual.Users)
	c.teams(actual.Groups)
	c.sort()
	return c.plan, c.skipped
}

func emptyPlan() *Plan {
	return &Plan{
		UsersCreate: []UserCreate{}, UsersRemove: []UserRemove{}, UsersRole: []UserRole{},
		TeamsCreate: []TeamCreate{}, TeamsRename: []TeamRename{}, TeamsDelete: []TeamDelete{},
		MembersAdd: []Membership{}, MembersRemove: []Membership{},
	}
}

type comparison struct {
	want    *Desired
	remove  Remove
	plan    *Plan
	skipped []Skipped

	members map[string][]scim.User // by key: Sentry tells invitations apart by case, so that a person can have several
	keys    map[string]string      // member id → key
	known   map[string]Person      // people of the directory, by key
	leaving map[string]bool        // ids of members who are removed
}

func (c *comparison) people() {
	c.known, c.leaving = make(map[string]Person, len(c.want.People)), map[string]bool{}
	for _, p := range c.want.People {
		key := mapping.Key(p.Email)
		c.known[key] = p
		if p.Active && len(c.members[key]) == 0 {
			c.plan.UsersCreate = append(c.plan.UsersCreate, UserCreate{Email: p.Email, Role: p.Role})
		}
		for _, member := range c.members[key] {
			if p.Active {
				c.role(p, member)
			} else if c.remove != RemoveNever {
				c.leave(member, reasonInactive)
			}
		}
	}
}

func (c *comparison) role(p Person, member scim.User) {
	switch {
	case p.Role == "" || p.Role == member.Role:
	case member.Role == "":
		c.skip(member.UserName, "has a role that Sentry does not tell: the role "+p.Role+" is not applied, it could be an owner")
	case isOwner(member):
		c.skip(member.UserName, "is an owner: the role "+p.Role+" is not applied, owners are never changed")
	default:
		c.plan.UsersRole = append(c.plan.UsersRole, UserRole{ID: member.ID, Email: member.UserName, From: member.Role, To: p.Role})
	}
}

func (c *comparison) leave(member scim.User, reason string) {
	switch {
	case member.Role == "":
		c.skip(member.UserName, reason+", but with a role that Sentry does not tell: it could be an owner, and owners are never removed")
		return
	case isOwner(member):
		c.skip(member.UserName, reason+", but an owner: owners are never removed")
		return
	}
	c.leaving[member.ID] = true
	c.plan.UsersRemove = append(c.plan.UsersRemove,
		UserRemove{ID: member.ID, Email: member.UserName, Role: member.Role, Reason: reason})
}

func isOwner(member scim.User) bool { return strings.EqualFold(member.Role, ownerRole) }

func (c *comparison) absent(users []scim.User) {
	if c.remove != RemoveAbsent {
		return
	}
	for _, u := range users {
		key := mapping.Key(u.UserName)
		if _, known := c.known[key]; !known && !c.want.Untouched[key] {
			c.leave(u, reasonAbsent)
		}
	}
}

func (c *comparison) skip(who, reason string) {
	c.skipped = append(c.skipped, Skipped{Who: who, Reason: reason})
}

func (c *comparison) memberships(t Team, group scim.Group) {
	has := map[string]bool{}
	for _, m := range group.Members {
		if !c.leaving[m.ID] {
			has[c.key(m)] = true
		}
	}
	wanted := map[string]bool{}
	for _, key := range t.Members {
		wanted[key] = true
		if !has[key] && c.stays(key) {
			c.plan.MembersAdd = append(c.plan.MembersAdd, Membership{Team: t.Name, Email: c.known[key].Email})
		}
	}
	for _, m := range group.Members {
		key := c.key(m)
		if !wanted[key] && !c.leaving[m.ID] && !c.want.Untouched[key] {
			c.plan.MembersRemove = append(c.plan.MembersRemove, Membership{Team: t.Name, Email: m.Display, id: m.ID})
		}
	}
}

// key identifies a member of a team: by the list of members where it is on it,
// else by the address that the team shows (accounts that were deactivated in
// Sentry are in teams but not on the list).
func (c *comparison) key(m scim.Member) string {
	if key, ok := c.keys[m.ID]; ok {
		return key
	}
	return mapping.Key(m.Display)
}

// stays reports whether a person of the directory is a member of the
// organization once the plan is applied.
func (c *comparison) stays(key string) bool {
	if c.known[key].Active {
		return true
	}
	return slices.ContainsFunc(c.members[key], func(member scim.User) bool { return !c.leaving[member.ID] })
}

func (c *comparison) sort() {
	p := c.plan
	slices.SortFunc(p.UsersCreate, func(a, b UserCreate) int { return compareEmails(a.Email, b.Email) })
	slices.SortFunc(p.UsersRemove, func(a, b UserRemove) int { return compareEmails(a.Email, b.Email) })
	slices.SortFunc(p.UsersRole, func(a, b UserRole) int { return compareEmails(a.Email, b.Email) })
	slices.SortFunc(p.TeamsCreate, func(a, b TeamCreate) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(p.TeamsRename, func(a, b TeamRename) int { return strings.Compare(a.To, b.To) })
	slices.SortFunc(p.MembersAdd, compareMemberships)
	slices.SortFunc(p.MembersRemove, compareMemberships)
}

// compareEmails ignores case, as Sentry does.
func compareEmails(a, b string) int {
	return cmp.Or(strings.Compare(mapping.Key(a), mapping.Key(b)), strings.Compare(a, b))
}

func compareMemberships(a, b Membership) int {
	return cmp.Or(strings.Compare(a.Team, b.Team), compareEmails(a.Email, b.Email))
}
