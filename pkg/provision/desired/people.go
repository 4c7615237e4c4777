package desired

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// resolved is how a directory becomes what Sentry should hold.
type resolved struct {
	directory  *directory.Directory
	applied    *mapping.Applied // the expressions
	people     []*Person
	byUsername map[string]*Person // the entries that count
	unmapped   []directory.Skipped
	rules      map[*Person]string // what gave the role
	notes      []string
	teams      map[string]string // names by group; "" is none
	unnamed    []Skipped         // the chosen groups that have none
}

// checkExpression refuses an expression that gives one address to people who
// do not share one in the directory: it says of nobody who is meant.
func (r *resolved) checkExpression() error {
	first := map[string]int{}
	for i, p := range r.applied.Everybody {
		key := mapping.Key(p.Email)
		if key == "" || r.applied.Reasons[p.Username] != "" {
			continue
		}
		j, twice := first[key]
		if !twice {
			first[key] = i
			continue
		}
		if own := mapping.Key(r.directory.People[i].Email); own == "" || own != mapping.Key(r.directory.People[j].Email) {
			err := fault.New(fault.Refused, "%s gives %q and %q the same address %q, so nothing was written",
				mapping.SettingEmail, r.applied.Everybody[j].Username, p.Username, p.Email)
			return fault.Hint(err, "change %s so that each person gets an address of their own, or leave one out with %s",
				mapping.SettingEmail, mapping.SettingInclude)
		}
	}
	return nil
}

// join makes one person of all entries with one address. Of several the active
// ones count: Sentry has one seat for them, and the union of their teams.
func (r *resolved) join() {
	entries := map[string][]directory.Person{}
	var keys []string
	for _, p := range r.applied.Included.People {
		if reason := mapping.EmailProblem(p.Email); reason != "" {
			r.unmapped = append(r.unmapped, directory.Skipped{Who: p.Username, Reason: reason})
			continue
		}
		key := mapping.Key(p.Email)
		if entries[key] == nil {
			keys = append(keys, key)
		}
		entries[key] = append(entries[key], p)
	}
	slices.Sort(keys)
	shared := []string{}
	for _, key := range keys {
		counted := entries[key]
		if active := slices.DeleteFunc(slices.Clone(counted), func(p directory.Person) bool { return !p.Active }); len(active) > 0 {
			counted = active
		}
		if len(counted) > 1 && counted[0].Active {
			shared = append(shared, key)
		}
		r.add(counted)
	}
	if len(shared) > 0 {
		r.notes = append(r.notes, fmt.Sprintf("%s in several active entries of the directory: each is one person with the teams of all of them: %s",
			phrase.Count(len(shared), "address is", "addresses are"), phrase.List(shared)))
	}
}

// add makes one person of entries with one address.
func (r *resolved) add(entries []directory.Person) {
	first := entries[0]
	person := &Person{Name: first.Username, Email: first.Email, Active: first.Active}
	for _, p := range entries {
		r.byUsername[p.Username] = person
		person.IDs = append(person.IDs, idOf(p))
		for _, address := range p.Emails {
			key := mapping.Key(address)
			known := slices.ContainsFunc(person.Emails, func(other string) bool { return mapping.Key(other) == key })
			if key != person.Key() && !known && mapping.EmailProblem(address) == "" {
				person.Emails = append(person.Emails, address)
			}
		}
	}
	slices.Sort(person.IDs)
	person.IDs = slices.Compact(person.IDs)
	r.people = append(r.people, person)
}

// idOf is what identifies a person of the directory: its id, else the address.
func idOf(p directory.Person) string {
	if p.ID != "" {
		return p.ID
	}
	return "mailto:" + mapping.Key(p.Email)
}

// giveRoles gives people the role of the first rule that matches one of their
// entries, else the first that the expression makes.
func (r *resolved) giveRoles(rules []RoleRule) {
	for _, rule := range rules {
		for _, person := range r.membersOf(rule.Group) {
			r.give(person, rule.Role, "scim.roles: "+rule.Group)
		}
	}
	for _, p := range r.applied.Everybody {
		if person := r.byUsername[p.Username]; person != nil {
			r.give(person, r.applied.Roles[p.Username], string(mapping.SettingRole))
		}
	}
}

func (r *resolved) give(person *Person, role, rule string) {
	if person.Role == "" && role != "" {
		person.Role, r.rules[person] = role, rule
	}
}

// rolesOf are the roles that rules and the expression can give. An expression
// can give any: which ones it holds is not known.
func rolesOf(selection Selection) map[string]bool {
	roles := map[string]bool{}
	for _, rule := range selection.Roles {
		roles[rule.Role] = true
	}
	if selection.Mapping.GivesRoles() {
		for _, role := range sentry.Roles() {
			roles[role] = true
		}
	}
	return roles
}

// membersOf are the people of a group, by key.
func (r *resolved) membersOf(name string) []*Person {
	i, found := slices.BinarySearchFunc(r.directory.Groups, name, func(g directory.Group, name string) int { return strings.Compare(g.Name, name) })
	if !found {
		return nil
	}
	members := make([]*Person, 0, len(r.directory.Groups[i].Members))
	for _, username := range r.directory.Groups[i].Members {
		if person := r.byUsername[username]; person != nil {
			members = append(members, person)
		}
	}
	slices.SortFunc(members, func(a, b *Person) int { return strings.Compare(a.Key(), b.Key()) })
	return slices.Compact(members)
}

// otherAddresses are the keys of people who are left alone in Sentry, and of
// further addresses of those who are provisioned. Usernames are often addresses,
// and remain when an e-mail changes; so does the e-mail of the directory where
// an expression makes another one.
func (r *resolved) otherAddresses() (untouched map[string]bool, aliases map[string]string) {
	untouched, aliases = map[string]bool{}, map[string]string{}
	unmapped := map[string]bool{}
	for _, s := range r.unmapped {
		unmapped[s.Who] = true
	}
	for i, p := range r.applied.Everybody {
		addresses := append([]string{p.Email, p.Username, r.directory.People[i].Email}, p.Emails...)
		for _, address := range addresses {
			key := mapping.Key(address)
			switch {
			case r.applied.Reasons[p.Username] != "", unmapped[p.Username] && p.Active:
				untouched[key] = true
			case p.Active && key != "" && key != mapping.Key(p.Email):
				aliases[key] = p.Email
			}
		}
	}
	for _, address := range r.applied.Addresses {
		untouched[mapping.Key(address)] = true
	}
	delete(untouched, "")
	for _, p := range r.people {
		delete(untouched, p.Key())
	}
	return untouched, aliases
}

// blanks are the IDs of active people without an address that Sentry could hold,
// and how many people have a blank where the file says of others whether they are
// active.
func (r *resolved) blanks() (noAddress []string, activity int) {
	for _, p := range r.applied.Everybody {
		if r.applied.Reasons[p.Username] != "" {
			continue
		}
		if mapping.EmailProblem(p.Email) != "" && p.Active && p.ID != "" {
			noAddress = append(noAddress, p.ID)
		}
		if p.ActiveBlank {
			activity++
		}
	}
	return noAddress, activity
}
