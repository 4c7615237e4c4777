package cmd

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// employee is a person as a directory has them.
type employee struct {
	username, name, email string

	former   []string // addresses of earlier days
	inactive bool
	groups   []string
}

// company is a directory, in the order of its file.
type company struct {
	people []employee
	hired  int // people there ever were
}

// unit is a group of a company and how many are in it.
type unit struct {
	name string
	size int
}

// newCompany has size people. Each is in one of teams, as far as those reach;
// circles are spread over all of them.
func newCompany(size int, teams, circles []unit) *company {
	c := &company{}
	for range size {
		c.hire()
	}
	order := rand.New(rand.NewPCG(1, uint64(size))).Perm(size)
	next := 0
	for _, team := range teams {
		for range team.size {
			c.join(order[next], team.name)
			next++
		}
	}
	for k, circle := range circles {
		for j := range circle.size {
			c.join(order[(j*size/circle.size+k)%size], circle.name)
		}
	}
	return c
}

const mailDomain = "@acme.test"

// hire adds a person and returns their place.
func (c *company) hire(groups ...string) int {
	username := fmt.Sprintf("p%04d", c.hired)
	c.people = append(c.people, employee{username: username, name: "Person " + strconv.Itoa(c.hired), email: username + mailDomain, groups: groups})
	c.hired++
	return len(c.people) - 1
}

func (c *company) join(i int, group string) {
	if p := &c.people[i]; !slices.Contains(p.groups, group) {
		p.groups = append(p.groups, group)
	}
}

func (c *company) leave(i int, group string) {
	p := &c.people[i]
	p.groups = slices.DeleteFunc(slices.Clone(p.groups), func(g string) bool { return g == group })
}

func (c *company) clone() *company {
	d := &company{people: slices.Clone(c.people), hired: c.hired}
	for i := range d.people {
		d.people[i].groups = slices.Clone(d.people[i].groups)
		d.people[i].former = slices.Clone(d.people[i].former)
	}
	return d
}

// changed is a copy that change was made to.
func (c *company) changed(change func(*company)) *company {
	d := c.clone()
	change(d)
	return d
}

// in are the places of the people of a group; "" is everybody.
func (c *company) in(group string) []int {
	var places []int
	for i, p := range c.people {
		if group == "" || slices.Contains(p.groups, group) {
			places = append(places, i)
		}
	}
	return places
}

// groups are the names of all groups, sorted.
func (c *company) groups() []string {
	names := map[string]bool{}
	for _, p := range c.people {
		for _, group := range p.groups {
			names[group] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// The columns of the file of a company.
const (
	columnUsername = iota
	columnName
	columnEmail
	columnActive
	columnGroups
)

// rows are the rows of the file, the header first.
func (c *company) rows() [][]string {
	rows := [][]string{{"username", "name", "email", "active", "groups"}}
	for _, p := range c.people {
		rows = append(rows, []string{p.username, p.name, p.email, strconv.FormatBool(!p.inactive), strings.Join(p.groups, ";")})
	}
	return rows
}

func (c *company) csv() []byte { return csvOf(c.rows()) }

func csvOf(rows [][]string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(rows); err != nil {
		panic(err) // memory takes everything
	}
	return out.Bytes()
}

// yaml is the same file in the format that can have groups without members,
// which are named.
func (c *company) yaml(empty ...string) []byte {
	var out bytes.Buffer
	out.WriteString("users:\n")
	for _, p := range c.people {
		fmt.Fprintf(&out, "  - {username: %q, name: %q, email: %q, active: %t, groups: [", p.username, p.name, p.email, !p.inactive)
		for i, group := range p.groups {
			fmt.Fprintf(&out, "%s%q", strings.Repeat(", ", min(i, 1)), group)
		}
		out.WriteString("]}\n")
	}
	out.WriteString("groups:\n")
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.groups(), empty)))) {
		fmt.Fprintf(&out, "  - {name: %q}\n", name)
	}
	return out.Bytes()
}

// roleRules are the rules of scim.roles, as in the variable. The first that
// matches wins.
var roleRules = []struct{ group, role string }{{"Admins", "admin"}, {"Leads", "manager"}}

func rolesVariable() string {
	var rules []string
	for _, rule := range roleRules {
		rules = append(rules, rule.group+"="+rule.role)
	}
	return "SENTRYIDP_SCIM_ROLES=" + strings.Join(rules, ",")
}

// role is what the rules give, or "member", and whether they give it.
func (p employee) role() (string, bool) {
	for _, rule := range roleRules {
		if slices.Contains(p.groups, rule.group) {
			return rule.role, true
		}
	}
	return "member", false
}

// slugOf is the slug that Sentry makes of these companies' names of groups.
func slugOf(name string) string { return strings.ReplaceAll(strings.ToLower(name), " ", "-") }

// asSentryHasIt is a Sentry that is in step with the company: everybody active is
// a member with the role of the rules, a few of them invited and not yet come,
// and each group is a team.
func (c *company) asSentryHasIt() sandbox.State {
	state := sandbox.DefaultState("acme")
	teams := map[string]*sandbox.Team{}
	for n, group := range c.groups() {
		teams[group] = &sandbox.Team{ID: strconv.Itoa(10 + n), Name: group, Slug: slugOf(group), Members: []string{}, IDPProvisioned: true}
	}
	for i, p := range c.people {
		if p.inactive {
			continue
		}
		role, given := p.role()
		m := sandbox.Member{ID: strconv.Itoa(1000 + i), Email: p.email, Linked: i%25 != 7, Role: role, Flags: []string{"idp:provisioned"}}
		if given {
			m.Flags = append(m.Flags, "idp:role-restricted")
		}
		state.Members = append(state.Members, m)
		for _, group := range p.groups {
			teams[group].Members = append(teams[group].Members, m.ID)
		}
	}
	for _, group := range c.groups() {
		state.Teams = append(state.Teams, *teams[group])
	}
	return state
}

const handMade = "Incident Response"

// addStrangers gives Sentry what the directory does not name: an owner, a team
// made by hand that has half a hundred members, and two roles given by hand; and
// contractors, unless who is absent is to be removed.
func addStrangers(state *sandbox.State, contractors int) {
	team := sandbox.Team{ID: "5", Name: handMade, Slug: slugOf(handMade), Members: []string{}}
	state.Members = append(state.Members, sandbox.Member{ID: "1", Email: "owner" + mailDomain, Linked: true, Role: "owner"})
	for n := range contractors {
		m := sandbox.Member{ID: strconv.Itoa(2 + n), Email: fmt.Sprintf("c%02d@contractor.test", n), Linked: n%4 != 0, Role: "member"}
		state.Members = append(state.Members, m)
		team.Members = append(team.Members, m.ID)
	}
	plain := 0
	for i := range state.Members {
		m := &state.Members[i]
		if m.Role != "member" || strings.HasPrefix(m.Email, "c") {
			continue
		}
		switch plain++; {
		case plain <= 2:
			m.Role = "owner"
		case plain <= 4:
			m.Role = "manager"
		}
		if len(team.Members) < 50 {
			team.Members = append(team.Members, m.ID)
		}
	}
	state.Teams = append(state.Teams, team)
}
