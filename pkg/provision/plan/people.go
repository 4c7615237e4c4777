package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// people plans who is invited, who leaves, and whose role changes.
func (c *comparison) people() {
	for _, p := range c.want.People {
		match := c.out.People[p]
		if match.Found == FoundRemember && c.newAddress(p) {
			c.out.changed++
			c.out.moved = append(c.out.moved, fmt.Sprintf("%s (in Sentry %s)", p.Email, match.Members[0].UserName))
		}
		if p.Active && len(match.Members) == 0 && c.invitable(p) {
			c.invited[p] = true
			c.plan.UsersCreate = append(c.plan.UsersCreate, UserCreate{Email: p.Email, Role: c.possible(p)})
		}
		for _, member := range match.Members {
			if p.Active {
				c.role(p, member)
			} else if c.policy.Remove != RemoveNever {
				c.leave(member, reasonInactive)
			}
		}
	}
}

// newAddress reports whether a person has another address than at the last push.
func (c *comparison) newAddress(p *desired.Person) bool {
	for _, id := range p.IDs {
		if was, known := c.record.Person(id); known && was.Address == p.Key() {
			return false
		}
	}
	return true
}

// invitable reports whether Sentry could take an invitation of the person.
func (c *comparison) invitable(p *desired.Person) bool {
	if c.blocked[p] {
		return false
	}
	if fact, refused := c.known.Refused[p.Key()]; refused {
		c.skip(p.Email, "Sentry does not take the address: "+fact.Why)
		return false
	}
	if _, waiting := c.known.Waiting[p.Key()]; waiting {
		c.skip(p.Email, "an invite or join request of this address waits for approval: see Settings > Members in Sentry")
		return false
	}
	return true
}

// possible is the role of a person, or none where this Sentry lacks it.
func (c *comparison) possible(p *desired.Person) string {
	fact, lacks := c.known.Roles[p.Role]
	if p.Role == "" || !lacks {
		return p.Role
	}
	c.skip(p.Email, fmt.Sprintf("the role %q is not given: %s", p.Role, fact.Why))
	return ""
}

func (c *comparison) role(p *desired.Person, member scim.User) {
	role := c.possible(p)
	switch {
	case p.Role == "":
		c.reset(p, member)
	case role == "" || strings.EqualFold(role, member.Role):
	case member.Role == "":
		c.skip(member.UserName, "has a role that Sentry does not tell: the role "+role+" is not applied, it could be an owner")
	case isOwner(member):
		c.skip(member.UserName, "is an owner: the role "+role+" is not applied, owners are never changed")
	default:
		c.plan.UsersRole = append(c.plan.UsersRole, UserRole{ID: member.ID, Email: member.UserName, From: member.Role, To: role})
	}
}

// reset takes back a role that SCIM gave, from a person who matches no rule any
// more. A role that was given by hand stays. Which it is, the memory of earlier
// pushes knows, or Sentry is asked.
func (c *comparison) reset(p *desired.Person, member scim.User) {
	if !c.want.Roles[strings.ToLower(member.Role)] || isOwner(member) || !higher(member.Role, lowestRole) || strings.EqualFold(member.Role, c.policy.DefaultRole) {
		return
	}
	_, byHand := c.known.ByHand[member.ID]
	_, given := c.known.Given[member.ID]
	switch {
	case byHand:
	case given || c.gave(p, member):
		c.plan.UsersRole = append(c.plan.UsersRole, UserRole{ID: member.ID, Email: member.UserName, From: member.Role, Default: c.policy.DefaultRole})
	default:
		c.out.unexplained = append(c.out.unexplained, member.ID)
	}
}

// gave reports whether an earlier push gave the member's role.
func (c *comparison) gave(p *desired.Person, member scim.User) bool {
	return slices.ContainsFunc(p.IDs, func(id string) bool {
		was, known := c.record.Person(id)
		return known && was.Member == member.ID && strings.EqualFold(was.Role, member.Role)
	})
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

// absent plans to remove the members whom the directory does not know, and
// counts them in any case.
func (c *comparison) absent(users []scim.User) {
	left := map[string]bool{}
	for _, u := range users {
		key := mapping.Key(u.UserName)
		if _, named := c.members[u.ID]; !named || c.owner[u.ID] != nil || c.shield[u.ID] || c.want.Untouched[key] {
			continue
		}
		c.out.strangers++
		if !isOwner(u) {
			left[u.ID] = true
		}
		if c.policy.Remove == RemoveAbsent {
			c.leave(u, reasonAbsent)
		}
	}
	c.out.leftOver = len(left)
	if len(left) == 0 || c.record == nil {
		return
	}
	for _, p := range c.record.Persons {
		if left[p.Member] {
			c.out.unknown++
		}
	}
}
