package cmd

import (
	"slices"
	"strings"
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
// in no group is a member, whoever gave them another role.
var roleExpression = []string{"SENTRYIDP_SCIM_ROLES=", `SENTRYIDP_SCIM_MAPPING_ROLE=memberOf("Admins") ? "admin" : memberOf("Leads") ? "manager" : "member"`}

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
		{name: "the group of managers has 25 left, roles by expression", file: ofPeople(func(c *company) { shrink(c, "Leads", 25) }), env: roleExpression},
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
