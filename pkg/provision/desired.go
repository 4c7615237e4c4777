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

// Team is a team to manage. Members are keys of people (mapping.Key).
type Team struct {
	Name    string
	Slug    string
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
	// provisioned (service accounts): Sentry's side of them is left as it is.
	Untouched map[string]bool
}

// RoleRule gives the members of a directory group a Sentry role.
type RoleRule struct {
	Group string
	Role  string
}

// Selection says which part of a directory is meant.
type Selection struct {
	ExcludeTypes []string   // types of people that are not provisioned
	Groups       []string   // groups that become teams; empty: all
	Roles        []RoleRule // first match wins
}

// Want works out what Sentry should hold. It refuses (fault.Refused) groups
// whose team slugs are impossible or collide, and (fault.Usage) rules and
// selections that name a group or role that does not exist.
func Want(d *directory.Directory, sel Selection) (*Desired, error) {
	if err := checkRules(d, sel.Roles); err != nil {
		return nil, err
	}
	people, excluded := d.Without(sel.ExcludeTypes)
	mapped := mapping.All(people)
	want := &Desired{Untouched: untouched(d, people)}
	for _, s := range slices.Concat(excluded, mapped.Skipped) {
		want.Skipped = append(want.Skipped, Skipped(s))
	}
	roles := rolesOf(mapped.Groups, sel.Roles)
	for _, u := range mapped.Users {
		want.People = append(want.People, Person{Email: u.UserName, Active: u.Active, Role: roles[mapping.Key(u.UserName)]})
	}
	var err error
	want.Teams, err = teams(mapped.Groups, sel.Groups)
	return want, err
}

func checkRules(d *directory.Directory, rules []RoleRule) error {
	for _, rule := range rules {
		if err := sentry.CheckRole(rule.Role); err != nil {
			return fmt.Errorf("scim.roles: %w", err)
		}
		if !slices.ContainsFunc(d.Groups, func(g directory.Group) bool { return g.Name == rule.Group }) {
			return fault.Hint(fault.Usagef("scim.roles names the group %q, which the directory does not have", rule.Group),
				"a rule for a group that has gone would silently stop giving its role: remove the rule or restore the group")
		}
	}
	return nil
}

// untouched are the people of all that are not among the provisioned.
func untouched(all, provisioned *directory.Directory) map[string]bool {
	keys := map[string]bool{}
	for _, p := range all.People {
		if p.Email != "" {
			keys[mapping.Key(p.Email)] = true
		}
	}
	for _, p := range provisioned.People {
		delete(keys, mapping.Key(p.Email))
	}
	return keys
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

func teams(groups []mapping.Group, only []string) ([]Team, error) {
	var result []Team
	for _, name := range only {
		if !slices.ContainsFunc(groups, func(g mapping.Group) bool { return g.DisplayName == name }) {
			return nil, fault.Hint(fault.Usagef("scim.groups names the group %q, which the directory does not have", name),
				"the directory has %s", groupNames(groups))
		}
	}
	var problems []string
	owner := map[string]string{}
	for _, g := range groups {
		if len(only) > 0 && !slices.Contains(only, g.DisplayName) {
			continue
		}
		slug, err := sentry.TeamSlugOf(g.DisplayName)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		if other, taken := owner[slug]; taken {
			problems = append(problems, fmt.Sprintf("the groups %q and %q would both be the team %q", other, g.DisplayName, slug))
			continue
		}
		owner[slug] = g.DisplayName
		result = append(result, Team{Name: g.DisplayName, Slug: slug, Members: g.Members})
	}
	if len(problems) > 0 {
		err := fault.New(fault.Refused, "Sentry cannot hold these teams, so nothing was written:\n  %s", strings.Join(problems, "\n  "))
		return nil, fault.Hint(err, "rename the groups, or name the groups to push with --group or scim.groups")
	}
	return result, nil
}

func groupNames(groups []mapping.Group) string {
	names := make([]string, 0, len(groups))
	for _, g := range groups {
		names = append(names, g.DisplayName)
	}
	const most = 10
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// sortSkipped sorts by person, then reason; the result is never nil.
func sortSkipped(skipped []Skipped) []Skipped {
	sorted := append([]Skipped{}, skipped...)
	slices.SortFunc(sorted, func(a, b Skipped) int {
		return cmp.Or(strings.Compare(a.Who, b.Who), strings.Compare(a.Reason, b.Reason))
	})
	return sorted
}
