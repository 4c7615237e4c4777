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
}

// Want works out what Sentry should hold. It refuses (fault.Refused) people who
// share an e-mail and disagree, and groups whose team slugs are impossible or
// collide, and (fault.Usage) rules and selections that name a group or role that
// does not exist.
func Want(d *directory.Directory, sel Selection) (*Desired, error) {
	err := cmp.Or(checkPeople(d), checkRoles(d, sel.Roles), checkTeamNames(d, sel.TeamNames))
	if err != nil {
		return nil, err
	}
	people, excluded := d.Without(sel.ExcludeTypes)
	mapped := mapping.All(people)
	want := &Desired{Reserved: reserved(d, sel.TeamNames)}
	for _, s := range slices.Concat(excluded, mapped.Skipped) {
		want.Skipped = append(want.Skipped, Skipped(s))
	}
	roles := rolesOf(mapped.Groups, sel.Roles)
	for _, u := range mapped.Users {
		want.People = append(want.People, Person{Email: u.UserName, Active: u.Active, Role: roles[mapping.Key(u.UserName)]})
	}
	want.Untouched, want.Aliases = otherAddresses(d, excluded, mapped)
	want.Teams, err = teams(mapped.Groups, sel)
	return want, err
}

// checkPeople refuses two people with one e-mail where it matters which of them
// is meant. A file that has such people is refused when it is read.
func checkPeople(d *directory.Directory) error {
	first := make(map[string]directory.Person, len(d.People))
	for _, p := range d.People {
		key := mapping.Key(p.Email)
		other, twice := first[key]
		switch {
		case key == "":
		case !twice:
			first[key] = p
		case p.Active != other.Active || p.Type != other.Type:
			err := fault.New(fault.Refused, "%q and %q have the same e-mail in %s and differ in being active or in their type, so nothing was written",
				other.Username, p.Username, d.Source)
			return fault.Hint(err, "which of them is meant cannot be known: give each person an e-mail of their own")
		}
	}
	return nil
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

// otherAddresses are the keys of people who are left alone in Sentry, and of
// further addresses of those who are provisioned. Usernames are often addresses,
// and remain when an e-mail changes.
func otherAddresses(d *directory.Directory, excluded []directory.Skipped, mapped mapping.Mapped) (untouched map[string]bool, aliases map[string]string) {
	untouched, aliases = map[string]bool{}, map[string]string{}
	left := map[string]bool{}
	for _, s := range excluded {
		left[s.Who] = true
	}
	unmapped := map[string]bool{}
	for _, s := range mapped.Skipped {
		unmapped[s.Who] = true
	}
	for _, p := range d.People {
		switch {
		case left[p.Username], unmapped[p.Username] && p.Active:
			untouched[mapping.Key(p.Email)] = true
			untouched[mapping.Key(p.Username)] = true
		case p.Active && mapping.Key(p.Username) != mapping.Key(p.Email):
			aliases[mapping.Key(p.Username)] = p.Email
		}
	}
	delete(untouched, "")
	for _, u := range mapped.Users {
		delete(untouched, mapping.Key(u.UserName))
	}
	return untouched, aliases
}

func rolesOf(groups []mapping.Group, rules []RoleRule) map[string]string {
	roles := map[string]string{}
	for _, rule := range rules {
		i := slices.IndexFunc(groups, func(g mapping.Group) bool { return g.DisplayName == rule.Group })
		if i < 0 {
			continue
		}
		for _, key := range groups[i].Members {
			if roles[key] == "" {
				roles[key] = rule.Role
			}
		}
	}
	return roles
}

// sortSkipped sorts by person, then reason; the result is never nil.
func sortSkipped(skipped []Skipped) []Skipped {
	sorted := append([]Skipped{}, skipped...)
	slices.SortFunc(sorted, func(a, b Skipped) int {
		return cmp.Or(strings.Compare(a.Who, b.Who), strings.Compare(a.Reason, b.Reason))
	})
	return sorted
}
