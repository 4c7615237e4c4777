// Package provision turns what a directory says and what Sentry has into a
// plan, checks the plan against the guards, applies it, verifies the outcome
// and reports. A plan is a value: it is made, printed and refused without a
// single write. The package does not know where people come from or how SCIM
// is spoken.
package provision

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

// Person is somebody the directory knows, as Sentry should have them.
type Person struct {
	Email  string // as the directory spells it
	Active bool
	Role   string // the role to have; empty: whatever Sentry gives or has
}

// Team is a team to manage: its name and slug in Sentry, and the group of the
// directory that it is made of; an empty Group has the team's name. Members are
// keys of people (mapping.Key).
type Team struct {
	Name    string
	Slug    string
	Group   string
	Members []string
}

// Skipped is something that was left out on purpose, and why.
type Skipped struct {
	Who    string `json:"who"`
	Reason string `json:"reason"`
}

// Desired is what Sentry should hold. People and Teams are sorted.
type Desired struct {
	People  []Person
	Teams   []Team
	Skipped []Skipped

	// Untouched are the keys of people whom the directory knows but who are not
	// provisioned (service accounts, addresses that Sentry does not take):
	// Sentry's side of them is left as it is.
	Untouched map[string]bool
	// Aliases are the keys of addresses by which active people go in the
	// directory beside their e-mail, and that e-mail.
	Aliases map[string]string
	// Reserved are the names and slugs of all groups of the directory and of
	// their teams, whether they are managed or not: no such team is pruned.
	Reserved map[string]bool
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

	// Mapping are the expressions of scim.mapping; nil is the default mapping.
	// TeamNames and Roles go before what they make.
	Mapping *mapping.Rules
}

// Want works out what Sentry should hold. It refuses (fault.Refused) expressions
// that fail, people who share an e-mail and disagree or share it only since they
// were mapped, and groups whose team slugs are impossible or collide, and
// (fault.Usage) rules and selections that name a group or role that does not
// exist.
func Want(d *directory.Directory, sel Selection) (*Desired, error) {
	want, _, err := resolve(d, sel)
	return want, err
}

// resolve is Want, with the steps that led there.
func resolve(d *directory.Directory, sel Selection) (*Desired, *resolved, error) {
	r := &resolved{directory: d}
	var err error
	if r.applied, err = sel.Mapping.Apply(d, sel.ExcludeTypes); err != nil {
		return nil, nil, err
	}
	err = cmp.Or(r.checkPeople(), checkRoles(d, sel.Roles), checkTeamNames(d, sel.TeamNames))
	if err != nil {
		return nil, nil, err
	}
	r.mapped = mapping.All(r.applied.Included)
	r.roles = r.rolesOf(sel.Roles)
	r.teams = teamNames(r.applied.Teams, sel.TeamNames)
	want := &Desired{Reserved: reserved(d, r.teams)}
	for _, s := range slices.Concat(r.applied.Excluded, r.mapped.Skipped) {
		want.Skipped = append(want.Skipped, Skipped(s))
	}
	for _, u := range r.mapped.Users {
		want.People = append(want.People, Person{Email: u.UserName, Active: u.Active, Role: r.roles[mapping.Key(u.UserName)].role})
	}
	want.Untouched, want.Aliases = r.otherAddresses()
	want.Teams, r.unnamed, err = teams(r.mapped.Groups, sel.Groups, r.teams)
	want.Skipped = append(want.Skipped, r.unnamed...)
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

// sortSkipped sorts by person, then reason; the result is never nil.
func sortSkipped(skipped []Skipped) []Skipped {
	sorted := append([]Skipped{}, skipped...)
	slices.SortFunc(sorted, func(a, b Skipped) int {
		return cmp.Or(strings.Compare(a.Who, b.Who), strings.Compare(a.Reason, b.Reason))
	})
	return sorted
}
