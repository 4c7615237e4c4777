// Package directory holds people and groups as the organization knows them,
// and reads them from files. It knows nothing of Sentry or SCIM.
package directory

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Person is somebody in the directory. Username is unique, Email need not be.
// Type is a word such as internal or service_account (authentik, core/models.py
// UserTypes).
type Person struct {
	// ID identifies the person whatever the address, and is unique: the id that
	// the directory gives, else the username. It is empty where the e-mail stands
	// in for both.
	ID       string
	Username string
	Name     string
	Email    string
	Active   bool
	Type     string
	Groups   []string // names, sorted

	// Emails are further addresses as they are spelled (FurtherEmails), nil for
	// none. Email is none of them.
	Emails []string

	// ActiveBlank reports that the file has a place for the person's activity
	// that holds nothing: a blank cell, or the key active without a value. Active
	// is then true, which is the default.
	ActiveBlank bool

	// Attributes are what else the directory knows, within the bounds and with
	// the types that the function Attributes gives them; nil is none.
	Attributes map[string]any
}

// MaxEmails is the maximum number of a person's further addresses: each of them
// may have to be looked up.
const MaxEmails = 100

// FurtherEmails returns the others, as they are spelled and in their order, each
// once and without email, whatever the case; nil for none.
func FurtherEmails(email string, others []string) []string {
	if len(others) == 0 {
		return nil
	}
	var further []string
	seen := map[string]bool{strings.ToLower(email): true}
	for _, other := range others {
		if key := strings.ToLower(other); !seen[key] {
			seen[key] = true
			further = append(further, other)
		}
	}
	return further
}

// Group is a group of people. Name is unique.
type Group struct {
	Name    string
	Members []string // usernames, sorted

	// Projects are those that the group's team is to have in Sentry, slugs or
	// patterns, as they were written; nil for none.
	Projects []string
}

// Directory is everybody and every group, read whole: people by username,
// groups by name. Memberships say the same on both sides.
type Directory struct {
	Source string // where it was read, for people to read
	People []Person
	Groups []Group
}

// Skipped is somebody who was left out, and why.
type Skipped struct {
	Who    string
	Reason string
}

// Without returns the directory without people of the given types, and who they
// were. They are members of no group of the result.
func (d *Directory) Without(types []string) (*Directory, []Skipped) {
	return d.Except(func(p Person) string { return TypeExcluded(p, types) })
}

// TypeExcluded says why a person of one of the types is left out; it is empty
// for others.
func TypeExcluded(p Person, types []string) string {
	if slices.Contains(types, p.Type) {
		return "the type " + p.Type + " is excluded"
	}
	return ""
}

// Except returns the directory without the people whom there is a reason to
// leave out, and who they were. They are members of no group of the result.
func (d *Directory) Except(reason func(Person) string) (*Directory, []Skipped) {
	rest := &Directory{Source: d.Source}
	var skipped []Skipped
	left := map[string]bool{}
	for _, p := range d.People {
		if why := reason(p); why != "" {
			left[p.Username] = true
			skipped = append(skipped, Skipped{Who: p.Username, Reason: why})
			continue
		}
		rest.People = append(rest.People, p)
	}
	for _, g := range d.Groups {
		members := slices.DeleteFunc(slices.Clone(g.Members), func(name string) bool { return left[name] })
		rest.Groups = append(rest.Groups, Group{Name: g.Name, Members: members, Projects: g.Projects})
	}
	return rest, skipped
}

// Group returns the group of that name. One that does not exist is a usage
// error that lists the groups there are.
func (d *Directory) Group(name string) (Group, error) {
	i, found := slices.BinarySearchFunc(d.Groups, name, func(g Group, name string) int { return strings.Compare(g.Name, name) })
	if found {
		return d.Groups[i], nil
	}
	err := fault.Usagef("there is no group %q in %s", name, d.Source)
	return Group{}, fault.Hint(err, "the groups are: %s", d.groupNames())
}

func (d *Directory) groupNames() string {
	const most = 10
	if len(d.Groups) == 0 {
		return "none"
	}
	var names []string
	for _, g := range d.Groups[:min(most, len(d.Groups))] {
		names = append(names, g.Name)
	}
	if len(d.Groups) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
