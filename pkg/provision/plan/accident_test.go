package plan_test

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// company is a Sentry that is as its directory says: people who are each in one
// of the teams.
type company struct {
	wish
	members []scim.User
}

func newCompany(people, teams int, role string) *company {
	c := &company{wish: wish{policy: plan.Policy{Remove: plan.RemoveInactive, PruneTeams: true}, record: remembered()}}
	c.want.Roles = map[string]bool{"manager": true, "member": true}
	for n := range teams {
		c.want.Teams = append(c.want.Teams, wantedTeam(fmt.Sprintf("team-%d", n)))
		c.actual.Groups = append(c.actual.Groups, team(strconv.Itoa(1+n), fmt.Sprintf("team-%d", n)))
	}
	for i := range people {
		email := fmt.Sprintf("p%03d@acme.test", i)
		m, p, known := member(strconv.Itoa(1000+i), email, role), withID(active(email), email), memory.Person{ID: email, Member: strconv.Itoa(1000 + i)}
		if role != "member" {
			p.Role, known.Role = role, role
		}
		c.members, c.want.People, c.record.Persons = append(c.members, m), append(c.want.People, p), append(c.record.Persons, known)
		if teams > 0 {
			c.want.Teams[i%teams].Members = append(c.want.Teams[i%teams].Members, p)
			group := &c.actual.Groups[i%teams]
			group.Members = append(group.Members, scim.Member{ID: m.ID, Display: email})
		}
	}
	c.actual.Users, c.record.People = c.members, people
	return c
}

func (c *company) judged(g plan.Guards) error {
	return judged(g, plan.Case{Want: &c.want, Actual: &c.actual, Plan: c.compare(), Record: c.record})
}

// accident happens to n of the people of a company of a size.
type accident struct {
	override string
	only     func(open *plan.Guards, standard plan.Guards) // shuts the guard
	before   func(size int) *company
	happens  func(c *company, n int)
	percent  int                       // that the standard guard allows of the size
	earlier  func(n int) memory.Losses // the same, some nights ago; nil: nothing that is remembered
}

func inOneTeam(size int) *company { return newCompany(size, 1, "member") }

func taken(size int, at time.Time) *memory.Taken {
	return &memory.Taken{At: at, Members: size, Memberships: size, Elevated: size, AllTeams: size}
}

// give gives the first people of the directory another role.
func (c *company) give(n int, role string) {
	for _, p := range c.want.People[:n] {
		p.Role = role
	}
}

func accidents() map[string]accident {
	return map[string]accident{
		"people removed": {
			override: "--max-removals", percent: 10, before: inOneTeam,
			only: func(g *plan.Guards, s plan.Guards) { g.Removals = s.Removals },
			happens: func(c *company, n int) {
				for _, p := range c.want.People[:n] {
					p.Active = false
				}
			},
			earlier: func(n int) memory.Losses { return memory.Losses{Removed: n} },
		},
		"memberships lost": {
			override: "--max-membership-losses", percent: 10, before: func(size int) *company { return newCompany(size, 10, "member") },
			only: func(g *plan.Guards, s plan.Guards) { g.Memberships = s.Memberships },
			happens: func(c *company, n int) {
				for i := range n {
					group := &c.want.Teams[i%10]
					group.Members = group.Members[1:]
				}
			},
			earlier: func(n int) memory.Losses { return memory.Losses{Lost: n} },
		},
		"memberships of one team lost": {
			override: "--max-team-losses", percent: 25, before: inOneTeam,
			only:    func(g *plan.Guards, s plan.Guards) { g.Teams = s.Teams },
			happens: func(c *company, n int) { c.want.Teams[0].Members = c.want.Teams[0].Members[n:] },
		},
		"higher roles": {
			override: "--max-promotions", percent: 5, before: inOneTeam,
			only:    func(g *plan.Guards, s plan.Guards) { g.Promotions = s.Promotions },
			happens: func(c *company, n int) { c.give(n, "manager") },
			earlier: func(n int) memory.Losses { return memory.Losses{Promoted: n} },
		},
		"higher roles of people who are invited": {
			override: "--max-promotions", percent: 5, before: inOneTeam,
			only: func(g *plan.Guards, s plan.Guards) { g.Promotions = s.Promotions },
			happens: func(c *company, n int) {
				for i := range n {
					c.want.People = append(c.want.People, withRole(active(fmt.Sprintf("new%d@acme.test", i)), "admin"))
				}
			},
		},
		"lower roles": {
			override: "--max-demotions", percent: 20, before: func(size int) *company { return newCompany(size, 1, "manager") },
			only:    func(g *plan.Guards, s plan.Guards) { g.Demotions = s.Demotions },
			happens: func(c *company, n int) { c.give(n, "member") },
			earlier: func(n int) memory.Losses { return memory.Losses{Demoted: n} },
		},
		"roles that no rule gives any more": {
			override: "--max-demotions", percent: 20, before: func(size int) *company { return newCompany(size, 1, "manager") },
			only: func(g *plan.Guards, s plan.Guards) { g.Demotions = s.Demotions },
			happens: func(c *company, n int) {
				c.give(n, "")
			},
			earlier: func(n int) memory.Losses { return memory.Losses{Demoted: n} },
		},
		"teams deleted": {
			override: "--max-team-removals", percent: 10, before: func(size int) *company { return newCompany(1, size, "member") },
			only: func(g *plan.Guards, s plan.Guards) { g.TeamsGone = s.TeamsGone },
			happens: func(c *company, n int) {
				for _, g := range c.actual.Groups[:n] {
					c.record.Created = append(c.record.Created, memory.Team{ID: g.ID, Name: g.DisplayName, Group: g.DisplayName})
				}
				c.want.Teams = c.want.Teams[n:]
			},
			earlier: func(n int) memory.Losses { return memory.Losses{Deleted: n} },
		},
		"another directory": {
			override: "--max-replaced", percent: 10, before: inOneTeam,
			only: func(g *plan.Guards, s plan.Guards) { g.Replaced = s.Replaced },
			happens: func(c *company, n int) {
				for _, p := range c.want.People[:n] {
					p.Email, p.IDs = "new."+p.Email, []string{"new"}
				}
			},
		},
		"other addresses": {
			override: "--max-replaced", percent: 10, before: inOneTeam,
			only: func(g *plan.Guards, s plan.Guards) { g.Replaced = s.Replaced },
			happens: func(c *company, n int) {
				for _, p := range c.want.People[:n] {
					p.Email = "new." + p.Email
				}
			},
		},
		"addresses that are blank": {
			override: "--max-blank", percent: 10, before: inOneTeam,
			only: func(g *plan.Guards, s plan.Guards) { g.Blank = s.Blank },
			happens: func(c *company, n int) {
				for _, p := range c.want.People[:n] {
					c.want.NoAddress = append(c.want.NoAddress, p.IDs...)
				}
			},
		},
		"blanks for who is active": {
			override: "--max-blank", percent: 10, before: inOneTeam,
			only:    func(g *plan.Guards, s plan.Guards) { g.Blank = s.Blank },
			happens: func(c *company, n int) { c.record.ActivityBlank, c.want.ActivityBlank = 2, 2+n },
		},
	}
}

// guard is open but for the one that the accident is for, as it is by default.
func (a accident) guard() plan.Guards {
	g, standard := open(), plan.Standard()
	a.only(&g, standard)
	g.Floor = standard.Floor
	return g
}
