// Package desired works out what Sentry should hold: the people and teams of a
// directory after the mapping, one record a person. It asks nobody anything.
package desired

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Person is somebody the directory knows, as Sentry should have them. Several
// entries of the directory with one address are one person.
type Person struct {
	IDs    []string // in the directory (directory.Person.ID), sorted; a URI where only the address identifies the person
	Name   string   // the username, for messages
	Email  string   // as the directory spells it
	Emails []string // further addresses, without Email
	Active bool
	Role   string // the role to have; empty: whatever Sentry gives or has
}

// Key is the address as Sentry compares it (mapping.Key).
func (p *Person) Key() string { return mapping.Key(p.Email) }

// Team is a team to manage: its name and slug in Sentry, and the group of the
// directory that it is made of; an empty Group has the team's name.
type Team struct {
	Name    string
	Slug    string
	Group   string
	Members []*Person // by key, each once

	Roles    map[*Person]string // in the team, of the members whom rules give one
	Projects []string           // slugs and patterns (path.Match), sorted, each once; nil: none are named
}

// Skipped is something that was left out on purpose, and why.
type Skipped struct {
	Who    string `json:"who"`
	Reason string `json:"reason"`
}

// State is what Sentry should hold. People are sorted by key, Teams by name.
type State struct {
	People  []*Person
	Teams   []Team
	Skipped []Skipped
	Notes   []string // what whoever reads the report should know

	// Untouched are the keys of people whom the directory knows but who are not
	// provisioned (service accounts, addresses that Sentry does not take):
	// Sentry's side of them is left as it is.
	Untouched map[string]bool
	// Aliases are the keys of addresses by which active people go in the
	// directory beside their e-mail, and that e-mail. They are for messages: a
	// username can look like an address and be somebody else's.
	Aliases map[string]string
	// Reserved are the names and slugs of all groups of the directory and of
	// their teams, whether they are managed or not: no such team is pruned.
	Reserved map[string]bool
	// Roles are those that rules or expressions can give.
	Roles map[string]bool
	// TeamRoles says that rules or expressions give roles in teams.
	TeamRoles bool
	// NoAddress are the IDs of active people without an address that Sentry could
	// hold, who are not provisioned.
	NoAddress []string
	// ActivityBlank counts the people whose file says nothing of their being
	// active where it does so for others; they are active.
	ActivityBlank int
}

// Active returns the number of people who are to be members of Sentry.
func (s *State) Active() int {
	n := 0
	for _, p := range s.People {
		if p.Active {
			n++
		}
	}
	return n
}

// RoleRule gives the members of a directory group a Sentry role.
type RoleRule struct {
	Group string
	Role  string
}

// TeamName gives the team of a directory group another name in Sentry.
type TeamName struct {
	Group string
	Team  string
}

// Selection says which part of a directory is meant.
type Selection struct {
	ExcludeTypes []string   // types of people that are not provisioned
	Groups       []string   // groups that become teams, names or patterns (path.Match); empty: all
	TeamNames    []TeamName // the teams that are not called as their groups
	Roles        []RoleRule // first match wins

	TeamRoles []TeamRoleRule // first match wins
	Projects  []TeamProjects // beside those that the groups of the directory name

	// Mapping are the expressions of scim.mapping; nil is the default mapping.
	// TeamNames and Roles go before what they make.
	Mapping *mapping.Rules
}

// Want works out what Sentry should hold. It refuses (fault.Refused) expressions
// that fail or give several people one address, and groups whose team slugs are
// impossible or collide, and (fault.Usage) rules and selections that name a
// group or role that does not exist.
func Want(d *directory.Directory, selection Selection) (*State, error) {
	want, _, err := resolve(d, selection)
	return want, err
}

// resolve is Want, with the steps that led there.
func resolve(d *directory.Directory, selection Selection) (*State, *resolved, error) {
	r := &resolved{directory: d, byUsername: map[string]*Person{}, rules: map[*Person]string{}}
	var err error
	if r.applied, err = selection.Mapping.Apply(d, selection.ExcludeTypes); err != nil {
		return nil, nil, err
	}
	err = cmp.Or(r.checkExpression(), checkRoles(d, selection.Roles), checkTeamNames(d, selection.TeamNames))
	if err != nil {
		return nil, nil, err
	}
	r.join()
	r.giveRoles(selection.Roles)
	r.teams = teamNames(r.applied.Teams, selection.TeamNames)
	want := &State{People: r.people, Notes: r.notes, Reserved: reserved(d, r.teams), Roles: rolesOf(selection)}
	for _, s := range slices.Concat(r.applied.Excluded, r.unmapped) {
		want.Skipped = append(want.Skipped, Skipped(s))
	}
	want.Untouched, want.Aliases = r.otherAddresses()
	want.NoAddress, want.ActivityBlank = r.blanks()
	want.Teams, r.unnamed, err = r.teamsOf(selection.Groups)
	want.Skipped = append(want.Skipped, r.unnamed...)
	if err == nil {
		err = r.complete(want, selection)
	}
	return want, r, err
}

func checkRoles(d *directory.Directory, rules []RoleRule) error {
	for _, rule := range rules {
		if err := sentry.CheckRole(rule.Role); err != nil {
			return fmt.Errorf("scim.roles: %w", err)
		}
		if err := checkGroup(d, "scim.roles", rule.Group); err != nil {
			return fault.Hint(err, "a rule for a group that has gone would silently stop giving its role: remove the rule or restore the group")
		}
	}
	return nil
}

// Sort sorts what was left out by person, then reason; the result is never nil.
func Sort(skipped []Skipped) []Skipped {
	sorted := append([]Skipped{}, skipped...)
	slices.SortFunc(sorted, func(a, b Skipped) int {
		return cmp.Or(strings.Compare(a.Who, b.Who), strings.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(sorted)
}
