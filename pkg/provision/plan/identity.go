package plan

import (
	"fmt"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
)

// claims are the members whom people could be beside those of their address, in
// the order in which they were made.
type claims struct {
	byMember map[string][]*desired.Person
	byPerson map[*desired.Person][]string
	people   []*desired.Person
}

func (l *claims) add(p *desired.Person, id string) {
	if l.byMember == nil {
		l.byMember, l.byPerson = map[string][]*desired.Person{}, map[*desired.Person][]string{}
	}
	if slices.Contains(l.byMember[id], p) {
		return
	}
	if l.byPerson[p] == nil {
		l.people = append(l.people, p)
	}
	l.byMember[id] = append(l.byMember[id], p)
	l.byPerson[p] = append(l.byPerson[p], id)
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
	m.Members, m.Found = append(m.Members, c.members[id]), found
	c.out.People[p], c.owner[id] = m, p
}

// disown takes a member from a person, whom it was given by the address.
func (c *comparison) disown(p *desired.Person, id string) {
	m := c.out.People[p]
	for i, member := range m.Members {
		if member.ID == id {
			m.Members = slices.Delete(slices.Clone(m.Members), i, i+1)
			break
		}
	}
	delete(c.owner, id)
	if len(m.Members) == 0 {
		delete(c.out.People, p)
		return
	}
	c.out.People[p] = m
}

// settle gives members to those who alone claim them.
func (c *comparison) settle(l *claims, found Found) {
	for _, p := range l.people {
		for _, id := range l.byPerson[p] {
			if len(l.byMember[id]) == 1 {
				c.own(p, id, found)
				continue
			}
			c.contested(id, l.byMember[id])
		}
	}
}

// contested keeps a member from all who claim it.
func (c *comparison) contested(id string, people []*desired.Person) {
	c.shield[id] = true
	names := make([]string, 0, len(people))
	for _, p := range people {
		names = append(names, p.Email)
		if len(c.out.People[p].Members) == 0 {
			c.blocked[p] = true
		}
	}
	slices.Sort(names)
	for _, p := range people {
		if c.blocked[p] {
			c.skip(p.Email, fmt.Sprintf("%s is claimed by %d people of the directory (%s): the member belongs to none of them and is left alone",
				c.members[id].UserName, len(people), fmt.Sprint(names)))
		}
	}
}

// remembered are the members that people were at earlier pushes, whatever their
// address was. Where another person has the member's address now, both claim it.
func (c *comparison) remembered() *claims {
	l := &claims{}
	if c.record == nil {
		return l
	}
	for _, q := range c.want.People {
		for _, id := range q.IDs {
			was, known := c.record.Person(id)
			member, listed := c.members[was.Member]
			if !known || !listed {
				continue
			}
			holder := c.owner[member.ID]
			switch {
			case holder == nil && len(c.out.People[q].Members) == 0:
				l.add(q, member.ID)
			case holder != nil && holder != q && !c.policy.AcceptSecond:
				c.out.changed++
				c.disown(holder, member.ID)
				c.contested(member.ID, []*desired.Person{holder, q})
			}
		}
	}
	return l
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
				if c.owner[id] == nil && !c.shield[id] {
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
		free := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return c.owner[id] != nil })
		switch {
		case len(ids) == 0:
		case c.policy.AcceptSecond && len(ids) == 1 && len(free) == 1:
			l.add(p, ids[0])
		default:
			for _, id := range free {
				c.shield[id] = true
			}
			c.blocked[p] = true
			c.skip(p.Email, c.heldBy(ids))
		}
	}
	return l
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
		"make the addresses the same, add the other one to the directory (emails), or pass --accept-second-addresses", fmt.Sprint(members))
}
