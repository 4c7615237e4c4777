package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// groupAccidents befall the groups.
func groupAccidents() []accident {
	list := []accident{
		{name: "groups all blank but those that give roles", file: ofPeople(func(c *company) {
			for i := range c.people {
				keep := func(g string) bool { return g != "Leads" && g != "Admins" }
				c.people[i].groups = slices.DeleteFunc(slices.Clone(c.people[i].groups), keep)
			}
		})},
		{name: "groups have nobody", file: func(c *company, _ int) []byte {
			groups := c.groups()
			for i := range c.people {
				c.people[i].groups = nil
			}
			return c.yaml(groups...)
		}},
		{name: "a group has nobody", file: func(c *company, _ int) []byte {
			return c.changed(func(d *company) { shrink(d, "Support", 0) }).yaml("Support")
		}},
		{name: "a group has one left", file: ofPeople(func(c *company) { shrink(c, "Support", 1) })},
		{name: "a group has half left", file: ofPeople(func(c *company) { shrink(c, "Support", 14) })},
		{name: "a group has three quarters left and a bit less", file: ofPeople(func(c *company) { shrink(c, "Support", 19) })},
		{name: "a group is missing", file: ofPeople(func(c *company) { shrink(c, "Support", 0) })},
		{name: "every group has half left", file: ofPeople(func(c *company) {
			for _, group := range c.groups() {
				shrink(c, group, len(c.in(group))/2)
			}
		})},
		{name: "every group has four fifths left", file: ofPeople(func(c *company) {
			for _, group := range c.groups() {
				shrink(c, group, len(c.in(group))*4/5)
			}
		})},
		{name: "every person has one group", file: ofPeople(func(c *company) {
			for i := range c.people {
				c.people[i].groups = c.people[i].groups[:min(1, len(c.people[i].groups))]
			}
		})},
		{name: "every person has the last group only", file: ofPeople(func(c *company) {
			for i := range c.people {
				c.people[i].groups = c.people[i].groups[max(0, len(c.people[i].groups)-1):]
			}
		})},
		{name: "all groups merged into one", file: renamed(func(string) string { return "Support" })},
		{name: "all groups but those that give roles merged into one", file: renamed(func(g string) string { return ifRole(g, "Support") })},
		{name: "two groups merged", file: renamed(func(g string) string { return strings.Replace(g, "Sales", "Support", 1) })},
		{name: "a group renamed", file: renamed(func(g string) string { return strings.Replace(g, "Support", "Customer Care", 1) })},
		{name: "all groups renamed", file: renamed(func(g string) string { return "acme " + g })},
		{name: "all groups but those that give roles renamed", file: renamed(func(g string) string { return ifRole(g, "acme "+g) })},
		{name: "all groups have each other's names", file: nextName(false)},
		{name: "all groups but those that give roles have each other's names", file: nextName(true)},
		{name: "a group of one has the name of the team made by hand", file: ofPeople(func(c *company) { c.join(100, handMade) })},
		{name: "a group of one has the slug of the team made by hand", file: ofPeople(func(c *company) { c.join(100, "INCIDENT  response") })},
		{name: "a group of forty strangers has the name of the team made by hand", file: ofPeople(func(c *company) {
			for i := 100; i < 140; i++ {
				c.join(i, handMade)
			}
		})},
		{name: "groups are paths of a directory", verdict: refused, file: renamed(func(g string) string { return "cn=" + g + "/ou=groups" })},
		{name: "groups in capitals but those that give roles", file: renamed(func(g string) string { return ifRole(g, strings.ToUpper(g)) })},
	}
	return list
}

// shrink leaves so many in a group.
func shrink(c *company, group string, left int) {
	for _, i := range c.in(group)[left:] {
		c.leave(i, group)
	}
}

// ifRole is the name, unless the group gives a role.
func ifRole(group, name string) string {
	if group == "Leads" || group == "Admins" {
		return group
	}
	return name
}

// renamed is the file with other names of groups.
func renamed(name func(group string) string) func(*company, int) []byte {
	return ofPeople(func(c *company) {
		for i := range c.people {
			var groups []string
			for _, g := range c.people[i].groups {
				if n := name(g); !slices.Contains(groups, n) {
					groups = append(groups, n)
				}
			}
			c.people[i].groups = groups
		}
	})
}

// nextName gives each group the name of the next.
func nextName(keepRoles bool) func(*company, int) []byte {
	return func(c *company, night int) []byte {
		names := c.groups()
		if keepRoles {
			names = slices.DeleteFunc(names, func(g string) bool { return ifRole(g, "") == g })
		}
		return renamed(func(g string) string {
			at := slices.Index(names, g)
			if at < 0 {
				return g
			}
			return names[(at+1)%len(names)]
		})(c, night)
	}
}

// roleExpression gives roles by an expression instead of rules, so that who is
// in no group is a member.
var roleExpression = []string{"SENTRYIDP_SCIM_ROLES=", `SENTRYIDP_SCIM_MAPPING_ROLE=memberOf("Leads") ? "manager" : "member"`}

// roleAccidents befall the groups and settings that give roles.
func roleAccidents() []accident {
	one := ofPeople(func(c *company) { shrink(c, "Leads", 1) })
	more := ofPeople(func(c *company) {
		for i := range 99 {
			c.join(2*i, "Leads")
		}
	})
	return []accident{
		{name: "the group of managers has one left", file: one},
		{name: "the group of managers has one left, roles by expression", file: one, env: roleExpression},
		{name: "the group of managers has 24 left, roles by expression", file: ofPeople(func(c *company) { shrink(c, "Leads", 24) }), env: roleExpression},
		{name: "the group of managers is missing", verdict: refused, file: ofPeople(func(c *company) { shrink(c, "Leads", 0) })},
		{name: "the group of managers is missing, roles by expression", file: ofPeople(func(c *company) { shrink(c, "Leads", 0) }), env: roleExpression},
		{name: "the group of managers has nobody", file: func(c *company, _ int) []byte {
			return c.changed(func(d *company) { shrink(d, "Leads", 0) }).yaml("Leads")
		}},
		{name: "the group of managers has 99 more", file: more},
		{name: "the group of managers has 99 more, roles by expression", file: more, env: roleExpression},
		{name: "everybody is a lead", file: ofPeople(func(c *company) {
			for i := range c.people {
				c.join(i, "Leads")
			}
		})},
		{name: "the rule gives managers to a team", env: []string{"SENTRYIDP_SCIM_ROLES=Backend=manager"}},
		{name: "the rule gives managers the role of admins", env: []string{"SENTRYIDP_SCIM_ROLES=Leads=admin"}},
		{name: "the rules are gone", env: []string{"SENTRYIDP_SCIM_ROLES="}},
		{name: "the rules have the first group for the last", env: []string{"SENTRYIDP_SCIM_ROLES=Admins=manager,Leads=admin"}},
		{name: "the expression gives everybody the role of managers", env: []string{"SENTRYIDP_SCIM_ROLES=", `SENTRYIDP_SCIM_MAPPING_ROLE="manager"`}},
		{name: "the expression gives everybody the role of members", env: []string{"SENTRYIDP_SCIM_ROLES=", `SENTRYIDP_SCIM_MAPPING_ROLE="member"`}},
		{name: "forty new people are leads", file: ofPeople(func(c *company) {
			for range 40 {
				c.hire("Support", "Leads")
			}
		})},
	}
}

// peopleAccidents befall people and their addresses.
func peopleAccidents() []accident {
	return []accident{
		{name: "mail domain changed", file: ofPeople(otherDomain(1, 0))},
		{name: "mail domain changed for half", file: ofPeople(otherDomain(2, 0))},
		{name: "mail domain changed for one in five", file: ofPeople(otherDomain(5, 0))},
		{name: "mail domain changed and the groups that give roles are missing", verdict: refused, file: ofPeople(func(c *company) {
			otherDomain(1, 0)(c)
			shrink(c, "Leads", 0)
			shrink(c, "Admins", 0)
		})},
		{name: "addresses rotated by one", file: ofPeople(otherAddresses(1))},
		{name: "addresses rotated by a hundred", file: ofPeople(otherAddresses(100))},
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
		{name: "another organization's file", file: func(*company, int) []byte { return strangers("other.test", "Shop", "Warehouse").csv() }},
		{name: "another organization's file with the groups that give roles", file: func(*company, int) []byte {
			return strangers("other.test", "Shop", "Warehouse", "Leads", "Admins").csv()
		}},
		{name: "another organization's file with the same groups", file: func(c *company, _ int) []byte { return strangers("other.test", c.groups()...).csv() }},
		{name: "another organization's file with a few of ours", file: func(c *company, _ int) []byte {
			other := strangers("other.test", c.groups()...)
			other.people = append(other.people[:150], c.people[:50]...)
			return other.csv()
		}},
		{name: "another organization's profile", env: []string{"SENTRYIDP_SCIM_ROLES=Shop=manager"}, file: func(*company, int) []byte {
			return strangers("other.test", "Shop", "Warehouse").csv()
		}},
		{name: "another organization's file added to ours", file: func(c *company, _ int) []byte {
			c.people = append(c.people, strangers("other.test", "Shop", "Warehouse", "Leads").people...)
			return c.csv()
		}},
		{name: "every row twice", verdict: refused, file: ofRows(func(rows [][]string) [][]string { return append(rows, rows[1:]...) })},
		{name: "every row twice, once inactive", file: ofPeople(func(c *company) {
			for _, p := range slices.Clone(c.people) {
				p.username, p.inactive, p.groups = p.username+"-old", true, nil
				c.people = append(c.people, p)
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

// otherDomain gives every nth person, from first, an address in another domain.
func otherDomain(nth, first int) func(c *company) {
	return func(c *company) {
		for i := first; i < len(c.people); i += nth {
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
func strangers(domain string, groups ...string) *company {
	c := &company{}
	for n := range 180 {
		i := c.hire(groups[n%len(groups)])
		c.people[i].username = "s" + c.people[i].username
		c.people[i].email = c.people[i].username + "@" + domain
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

// settingAccidents are mistakes in the configuration.
func settingAccidents() []accident {
	setting := func(name, expression string) []string {
		return []string{"SENTRYIDP_SCIM_MAPPING_" + name + "=" + expression}
	}
	flag := func(args ...string) func(*company) []string { return func(*company) []string { return args } }
	return []accident{
		{name: "only one group is named", args: flag("--group", "Docs")},
		{name: "no group of that name", verdict: refused, args: flag("--group", "Nowhere")},
		{name: "the expression of active is wrong", env: setting("ACTIVE", `user.active and memberOf("Leads")`)},
		{name: "the expression of active is inverted", env: setting("ACTIVE", `not user.active`)},
		{name: "the expression of active is false", env: setting("ACTIVE", `false`)},
		{name: "the expression of include is wrong", env: setting("INCLUDE", `memberOf("Leads")`)},
		{name: "the expression of include holds of nobody", env: setting("INCLUDE", `memberOf("Nowhere")`)},
		{name: "the expression of the address makes another domain", env: setting("EMAIL", `user.username + "@acme.example"`)},
		{name: "the expression of the address makes none", env: setting("EMAIL", `""`)},
		{name: "the expression of the team makes other names", env: setting("TEAM", `"sentry-" + group.name`)},
		{name: "the expression of the team makes no team", env: setting("TEAM", `""`)},
		{name: "people of that type are excluded", env: []string{"SENTRYIDP_SCIM_EXCLUDE_TYPES=internal"}},
	}
}

// sentryAccidents befall what Sentry holds.
func sentryAccidents() []accident {
	return []accident{
		{name: "first push into an empty Sentry", verdict: harmless, nights: 2, want: asEver, with: func(state *sandbox.State, _ *company) {
			state.Members = slices.DeleteFunc(state.Members, func(m sandbox.Member) bool { return m.Role != "owner" })
			state.Teams = nil
		}},
		{name: "a team has an edited slug", verdict: harmless, nights: 2, with: func(state *sandbox.State, _ *company) {
			editTeam(state, "Support", "Support", "helpdesk")
		}},
		{name: "a team has an edited slug and another name", verdict: harmless, nights: 2, want: asEver, with: func(state *sandbox.State, _ *company) {
			editTeam(state, "Support", "Customer Care", "support")
		}},
		{name: "an invitation in another case", verdict: harmless, nights: 2, with: func(state *sandbox.State, _ *company) {
			for i := range state.Members {
				if m := &state.Members[i]; !m.Linked {
					m.Email = strings.ToUpper(m.Email[:1]) + m.Email[1:]
				}
			}
		}},
		{name: "a person has a second address in Sentry", verdict: harmless, nights: 3, with: func(state *sandbox.State, c *company) {
			secondAddress(state, c, 60)
		}},
		{name: "ten people have second addresses in Sentry", verdict: harmless, nights: 3, with: func(state *sandbox.State, c *company) {
			for i := 60; i < 80; i += 2 {
				secondAddress(state, c, i)
			}
		}},
		{name: "invitations of the newer model", verdict: harmless, nights: 2, with: func(state *sandbox.State, _ *company) {
			for n := range 8 {
				state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(5000 + n), Role: "member", Placeholder: true})
			}
		}},
		{name: "half of the accounts are deactivated", with: func(state *sandbox.State, _ *company) {
			for i := range state.Members {
				if m := &state.Members[i]; m.Linked && i%2 == 0 && m.Role == "member" {
					m.UserActive = new(bool)
				}
			}
		}},
	}
}

// secondAddress gives a member's account another primary address; the one of the
// directory becomes its second, so that Sentry refuses to invite it.
func secondAddress(state *sandbox.State, c *company, i int) {
	for j := range state.Members {
		if m := &state.Members[j]; m.Email == c.people[i].email {
			m.Linked, m.SecondaryEmails, m.Email = true, []string{m.Email}, fmt.Sprintf("private%d@home.test", i)
			c.people[i].former = []string{m.Email}
		}
	}
}

func asEver(c *company, _ int) *company { return c }

func editTeam(state *sandbox.State, group, name, slug string) {
	for i := range state.Teams {
		if state.Teams[i].Name == group {
			state.Teams[i].Name, state.Teams[i].Slug = name, slug
		}
	}
}
