package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// claims are the members whom people could be beside those of their address, in
// the order in which they were made.
type claims struct {
	members []string
	people  map[string][]*desired.Person // by member
}

func (l *claims) add(p *desired.Person, id string) {
	if l.people == nil {
		l.people = map[string][]*desired.Person{}
	}
	if l.people[id] == nil {
		l.members = append(l.members, id)
	}
	if !slices.Contains(l.people[id], p) {
		l.people[id] = append(l.people[id], p)
	}
}

// recognise finds out which members each person is: by the address; else by what
// earlier pushes knew of the person; else by a further address of the directory;
// else, where that is accepted, by a further address that Sentry knows and does
// not verify. A member whom two people claim is nobody's and is left alone.
func (c *comparison) recognise() {
	for _, p := range c.want.People {
		for _, id := range c.byKey[p.Key()] {
			c.own(p, id, FoundAddress)
		}
	}
	c.withoutAddress()
	c.settle(c.remembered(), FoundRemember)
	c.settle(c.further(), FoundFurther)
	c.settle(c.second(), FoundSecond)
}

// withoutAddress keeps the members from harm who were people that have lost their
// address in the directory since.
func (c *comparison) withoutAddress() {
	for _, id := range c.want.NoAddress {
		if was, known := c.record.Person(id); known && c.owner[was.Member] == nil {
			c.shield[was.Member] = true
		}
	}
}

func (c *comparison) own(p *desired.Person, id string, found Found) {
	m := c.out.People[p]
	if m.Found == "" {
		m.Found = found
	}
	m.Members = append(m.Members, c.members[id])
	c.out.People[p], c.owner[id] = m, p
}

// disown takes a member from the person whom it was given by the address.
func (c *comparison) disown(id string) {
	p := c.owner[id]
	if p == nil {
		return
	}
	delete(c.owner, id)
	m := c.out.People[p]
	m.Members = slices.DeleteFunc(slices.Clone(m.Members), func(member scim.User) bool { return member.ID == id })
	c.out.People[p] = m
	if len(m.Members) == 0 {
		delete(c.out.People, p)
	}
}

// settle gives members to those who alone claim them. What several claim is kept
// from them first: whoever lost a member by that is not given another one.
func (c *comparison) settle(l *claims, found Found) {
	for _, id := range l.members {
		if people := l.people[id]; len(people) > 1 {
			if found == FoundRemember && !c.contestedBefore(id, people) {
				c.out.changed++ // an address that moved to somebody else is a changed address
			}
			c.contested(id, people)
		}
	}
	for _, id := range l.members {
		p := l.people[id][0]
		switch {
		case c.shield[id]:
		case c.blocked[p]:
			c.shield[id] = true
		case found == FoundRemember && p.Active && len(c.out.People[p].Members) > 0:
			c.besides(p, id)
		default:
			c.own(p, id, found)
		}
	}
}

// besides keeps a member from harm who was an active person at the last push,
// while another member has the person's address now. Either the person has a
// second seat by now, or the directory gave the id to somebody else: then the
// member must not get that person's teams and role.
func (c *comparison) besides(p *desired.Person, id string) {
	c.shield[id] = true
	c.skip(c.members[id].UserName, fmt.Sprintf("had the id of %s in the directory at the last push, but another member has that address now: "+
		"the member is left alone; if both are the same person, remove this one in Sentry", p.Email))
}

// contestedBefore reports whether an earlier push left the member alone for the
// same reason, and told it.
func (c *comparison) contestedBefore(id string, people []*desired.Person) bool {
	return slices.ContainsFunc(people, func(p *desired.Person) bool {
		return slices.ContainsFunc(p.IDs, func(own string) bool {
			was, known := c.record.Person(own)
			return known && was.Contested && was.Member == id
		})
	})
}

// contested keeps a member from all who claim it.
func (c *comparison) contested(id string, people []*desired.Person) {
	c.shield[id] = true
	c.disown(id)
	names := make([]string, 0, len(people))
	for _, p := range people {
		names = append(names, p.Email)
	}
	slices.Sort(names)
	for _, p := range people {
		if len(c.out.People[p].Members) > 0 || c.blocked[p] {
			continue
		}
		c.blocked[p] = true
		c.skip(p.Email, fmt.Sprintf("%s is claimed by %d people of the directory (%s): the member belongs to none of them and is left alone; "+
			"correct the address in Sentry or in the directory, or, if the member is whoever has the address now, pass --accept-second-addresses once",
			c.members[id].UserName, len(people), strings.Join(names, ", ")))
	}
}

// remembered are the members that people were at earlier pushes, whatever their
// address was. Where another person has the member's address now, both claim it,
// unless that person was the member too.
func (c *comparison) remembered() *claims {
	l := &claims{}
	for _, p := range c.want.People {
		for _, id := range c.was(p) {
			holder := c.owner[id]
			switch {
			case holder == p:
			case holder == nil:
				l.add(p, id)
			case !c.policy.AcceptSecond && !slices.Contains(c.was(holder), id):
				l.add(holder, id)
				l.add(p, id)
			}
		}
	}
	return l
}

// was are the members, of those there are, that a person was at earlier pushes.
func (c *comparison) was(p *desired.Person) []string {
	var ids []string
	for _, id := range p.IDs {
		was, known := c.record.Person(id)
		if _, listed := c.members[was.Member]; known && listed {
			ids = append(ids, was.Member)
		}
	}
	return ids
}

// further are the members of further addresses that the directory tells. A
// member whose own address is somebody's is theirs.
func (c *comparison) further() *claims {
	l := &claims{}
	for _, p := range c.want.People {
		if len(c.out.People[p].Members) > 0 || c.blocked[p] {
			continue
		}
		for _, address := range p.Emails {
			for _, id := range c.byKey[mapping.Key(address)] {
				if c.free(id) && !c.shield[id] {
					l.add(p, id)
				}
			}
		}
	}
	return l
}

// second are the members whom Sentry finds by the address of a person although
// their own is another. Anybody can add an address to an account, and Sentry does
// not verify it: such a member is only kept from harm, unless it is accepted.
func (c *comparison) second() *claims {
	l := &claims{}
	for _, p := range c.want.People {
		fact, found := c.known.Held[p.Key()]
		if !found || !p.Active || len(c.out.People[p].Members) > 0 || c.blocked[p] {
			continue
		}
		ids := slices.DeleteFunc(fact.Sorted(), func(id string) bool { _, listed := c.members[id]; return !listed })
		if len(ids) == 0 {
			continue
		}
		alone := c.policy.AcceptSecond && len(ids) == 1 && c.free(ids[0])
		for _, id := range ids {
			if c.free(id) {
				c.shield[id] = c.shield[id] || !alone
				l.add(p, id)
			}
		}
		if !alone {
			c.blocked[p] = true
			c.skip(p.Email, c.heldBy(ids))
		}
	}
	return l
}

// free reports whether a member is nobody's, of those who are provisioned and
// those who are not.
func (c *comparison) free(id string) bool {
	return c.owner[id] == nil && !c.want.Untouched[mapping.Key(c.members[id].UserName)]
}

// heldBy says who has a person's address, and what can be done.
func (c *comparison) heldBy(ids []string) string {
	names := make([]string, 0, len(ids))
	for _, id := range ids {
		names = append(names, c.members[id].UserName)
	}
	return HeldReason(names)
}

// HeldReason says that members have the address of a person as an unverified
// further address, and what can be done.
func HeldReason(members []string) string {
	return fmt.Sprintf("Sentry has the address as an unverified further address of %s, who was left alone: "+
		"make the addresses the same, add the other one to the directory (emails), or pass --accept-second-addresses", strings.Join(members, ", "))
}
