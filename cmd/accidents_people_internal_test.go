package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// peopleAccidents befall people and their addresses.
func peopleAccidents() []accident {
	return []accident{
		{name: "mail domain changed", file: ofPeople(otherDomain(1))},
		{name: "mail domain changed for half", file: ofPeople(otherDomain(2))},
		{name: "mail domain changed for one in five", file: ofPeople(otherDomain(5))},
		{name: "mail domain changed and the groups that give roles are missing", verdict: refused, file: ofPeople(func(c *company) {
			otherDomain(1)(c)
			shrink(c, "Leads", 0)
			shrink(c, "Admins", 0)
		})},
		{name: "addresses rotated by one", file: ofPeople(otherAddresses(1))},
		{name: "addresses rotated by a hundred", file: ofPeople(otherAddresses(100))},
		{name: "a person's address changed", verdict: recognized, nights: 2, file: ofPeople(marries), want: func(c *company, _ int) *company {
			return c.changed(marries)
		}},
		{name: "a person's address changed and one has a person's old one", nights: 2, file: ofPeople(func(c *company) {
			c.people[61].email, c.people[60].email = c.people[60].email, "p0060.new"+mailDomain
		})},
		{name: "everybody has one address", file: ofPeople(func(c *company) {
			for i := range c.people {
				c.people[i].email = c.people[0].email
			}
		})},
		{name: "addresses without a domain", file: ofText(func(text string) string { return strings.ReplaceAll(text, mailDomain, "") })},
		{name: "addresses with a prefix", file: ofText(func(text string) string { return strings.ReplaceAll(text, mailDomain, "+old"+mailDomain) })},
		{name: "addresses in angle brackets", file: ofRows(func(rows [][]string) [][]string {
			for _, row := range rows[1:] {
				row[columnEmail] = row[columnName] + " <" + row[columnEmail] + ">"
			}
			return rows
		})},
		{name: "everybody inactive", file: ofPeople(inactive(1))},
		{name: "half inactive", file: ofPeople(inactive(2))},
		{name: "one in eight inactive", file: ofPeople(inactive(8))},
		{name: "one in twelve inactive", file: ofPeople(inactive(12))},
		{name: "last month's file", file: ofPeople(func(c *company) {
			c.people = c.people[:len(c.people)-25]
			for n, i := range c.in("") {
				c.people[i].inactive = false
				if n%15 == 0 && len(c.people[i].groups) > 0 {
					c.people[i].groups = []string{"QA"}
				}
			}
		})},
		{name: "last year's file", file: ofPeople(func(c *company) {
			c.people = c.people[80:120]
			for range 60 {
				c.hire("Support")
			}
		})},
		{name: "another organization's file", file: func(*company, int) []byte { return strangers("Shop", "Warehouse").csv() }},
		{name: "another organization's file with the groups that give roles", file: func(*company, int) []byte {
			return strangers("Shop", "Warehouse", "Leads", "Admins").csv()
		}},
		{name: "another organization's file with the same groups", file: func(c *company, _ int) []byte { return strangers(c.groups()...).csv() }},
		{name: "another organization's file with a few of ours", file: func(c *company, _ int) []byte {
			other := strangers(c.groups()...)
			other.people = append(other.people[:150], c.people[:50]...)
			return other.csv()
		}},
		{name: "another organization's profile", env: []string{"SENTRYIDP_SCIM_ROLES=Shop=manager"}, file: func(*company, int) []byte {
			return strangers("Shop", "Warehouse").csv()
		}},
		{name: "another organization's file added to ours", file: func(c *company, _ int) []byte {
			c.people = append(c.people, strangers("Shop", "Warehouse", "Leads").people...)
			return c.csv()
		}},
		{name: "every row twice", file: ofRows(func(rows [][]string) [][]string { return append(rows, rows[1:]...) })},
		{name: "every row twice, once inactive with another username", verdict: harmless, file: ofPeople(func(c *company) {
			for _, p := range slices.Clone(c.people) {
				p.username, p.inactive, p.groups = p.username+"-old", true, nil
				c.people = append(c.people, p)
			}
		})},
		{name: "every person twice, with other groups", verdict: harmless, file: ofPeople(func(c *company) {
			for i, p := range slices.Clone(c.people) {
				if len(p.groups) > 1 {
					p.username, p.groups = p.username+"-2", p.groups[1:]
					c.people[i].groups = c.people[i].groups[:1]
					c.people = append(c.people, p)
				}
			}
		})},
		{name: "the test system's file", file: ofPeople(func(c *company) {
			c.people = c.people[:3]
			for n := range 40 {
				i := c.hire("Backend", "Leads")
				c.people[i].email = "test" + strconv.Itoa(n) + "@test.invalid"
			}
		})},
	}
}

// marries gives a person another address.
func marries(c *company) {
	p := &c.people[60]
	p.former, p.email = append(p.former, p.email), "p0060.new"+mailDomain
}

// otherDomain gives every nth person an address in another domain.
func otherDomain(nth int) func(c *company) {
	return func(c *company) {
		for i := 0; i < len(c.people); i += nth {
			c.people[i].email = strings.Replace(c.people[i].email, mailDomain, "@acme.example", 1)
		}
	}
}

// otherAddresses gives each person the address of the one so many rows below.
func otherAddresses(by int) func(c *company) {
	return func(c *company) {
		was := slices.Clone(c.people)
		for i := range c.people {
			c.people[i].email = was[(i+by)%len(was)].email
		}
	}
}

func inactive(nth int) func(c *company) {
	return func(c *company) {
		for i := 0; i < len(c.people); i += nth {
			c.people[i].inactive = true
		}
	}
}

// strangers are 180 people of another domain in those groups.
func strangers(groups ...string) *company {
	c := &company{}
	for n := range 180 {
		i := c.hire(groups[n%len(groups)])
		c.people[i].username = "s" + c.people[i].username
		c.people[i].email = c.people[i].username + "@other.test"
	}
	return c
}

// creepingAccidents come a little a night, each within the limits.
func creepingAccidents() []accident {
	fewer := func(percent int, drop func(c *company, i int)) func(*company, int) []byte {
		return func(c *company, night int) []byte {
			return c.changed(func(d *company) { creep(d, d.in(""), percent, night, drop) }).csv()
		}
	}
	absent := func(c *company, i int) { c.people[i].username = "" }
	gone := func(c *company, i int) { c.people[i].inactive = true }
	ungrouped := func(c *company, i int) { c.people[i].groups = nil }
	list := []accident{
		{name: "49 per cent fewer people each night", verdict: refused, nights: 3, file: fewer(49, absent)},
		{name: "3.5 per cent of one team each night", nights: 10, file: teamCreep("Support", 1)},
		{name: "a fifth of one team each night", verdict: refused, nights: 5, file: teamCreep("Backend", 7)},
		{name: "three of one team each night", verdict: refused, nights: 5, file: teamCreep("QA", 3)},
		{name: "five leads fewer each night, roles by expression", verdict: refused, nights: 5, file: teamCreep("Leads", 5), env: roleExpression},
		{name: "eight leads more each night", verdict: refused, nights: 5, file: func(c *company, night int) []byte {
			for _, i := range c.in("Support")[:min(28, 8*night)] {
				c.join(i, "Leads")
			}
			return c.csv()
		}},
		{name: "eight per cent of the addresses changed each night", nights: 6, file: fewer(8, func(c *company, i int) {
			c.people[i].email = strings.Replace(c.people[i].email, mailDomain, "@acme.example", 1)
		})},
		{name: "one cell blank more in a hundred each night", nights: 12, file: fewer(1, func(c *company, i int) { c.people[i].email = "" })},
	}
	for _, percent := range []int{4, 5, 9} {
		list = append(list,
			accident{name: fmt.Sprintf("%d per cent fewer people each night", percent), verdict: refused, nights: 6, file: fewer(percent, absent)},
			accident{name: fmt.Sprintf("%d per cent more inactive each night", percent), verdict: refused, nights: 6, file: fewer(percent, gone)},
			accident{name: fmt.Sprintf("%d per cent more without groups each night", percent), verdict: refused, nights: 6, file: fewer(percent, ungrouped)},
		)
	}
	return append(list,
		accident{name: "9 per cent fewer people each hour", verdict: refused, nights: 6, every: time.Hour, file: fewer(9, absent)},
		accident{name: "9 per cent more inactive each hour", verdict: refused, nights: 6, every: time.Hour, file: fewer(9, gone)},
		accident{name: "2 per cent more without groups each night", nights: 9, file: fewer(2, ungrouped)},
		accident{name: "2 per cent more inactive each night", nights: 9, file: fewer(2, gone)},
	)
}

// creep drops percent of those places that are left, each night again. Who is
// named by nothing any more is left out.
func creep(c *company, places []int, percent, nights int, drop func(c *company, i int)) {
	left := slices.Clone(places)
	for range nights {
		n := len(left) * percent / 100
		for k := range n {
			drop(c, left[k*len(left)/n])
		}
		var stay []int
		for k, i := range left {
			if n == 0 || !droppedAt(k, n, len(left)) {
				stay = append(stay, i)
			}
		}
		left = stay
	}
	c.people = slices.DeleteFunc(c.people, func(p employee) bool { return p.username == "" })
}

// droppedAt reports whether the place k of size is one of the n that are dropped.
func droppedAt(k, n, size int) bool {
	for j := range n {
		if j*size/n == k {
			return true
		}
	}
	return false
}

// teamCreep takes so many more out of a group each night.
func teamCreep(group string, each int) func(*company, int) []byte {
	return func(c *company, night int) []byte {
		return c.changed(func(d *company) { shrink(d, group, max(1, len(d.in(group))-each*night)) }).csv()
	}
}
