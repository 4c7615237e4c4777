package authentik

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// tree is the groups and which are above which. A group may have several parents
// (since 2025.12), and nothing keeps them from going round.
type tree struct {
	groups map[string]Group    // by UUID
	upward map[string][]string // UUID → its own and those of all groups above

	attributes map[string]map[string]any // by name of the group
}

// newTree fails when two groups have one name, or a parent is missing.
func newTree(groups []memberGroup) (*tree, error) {
	t := &tree{groups: make(map[string]Group, len(groups)), upward: make(map[string][]string, len(groups)), attributes: map[string]map[string]any{}}
	named := make(map[string]bool, len(groups))
	for _, g := range groups {
		if named[g.Name] {
			err := fault.New(fault.Failed, "authentik has two groups called %q", answer.Printable(g.Name))
			return nil, fault.Hint(err, "rename one of them: which of them a name means cannot be known")
		}
		named[g.Name] = true
		t.groups[g.PK] = g.Group
		if len(g.Attributes) > 0 {
			t.attributes[g.Name] = g.Attributes
		}
	}
	for _, g := range groups {
		for _, parent := range g.Above() {
			if _, known := t.groups[parent]; !known {
				return nil, missingGroup(parent, "above the group "+answer.Printable(g.Name))
			}
		}
		t.upward[g.PK] = t.climb(g.PK)
	}
	return t, nil
}

// climb returns the group and all above it.
func (t *tree) climb(pk string) []string {
	reached := []string{pk}
	for i := 0; i < len(reached); i++ {
		for _, parent := range t.groups[reached[i]].Above() {
			if !slices.Contains(reached, parent) {
				reached = append(reached, parent)
			}
		}
	}
	return reached
}

// check fails when a user is in a group that was not told, or nothing was told
// of a user's groups. It lets the users share the texts of their groups' UUIDs:
// there may be a million memberships.
func (t *tree) check(users []User) error {
	for _, u := range users {
		if u.Groups == nil {
			return fault.New(fault.Failed, "authentik lists %q without groups, want a list of them", answer.Printable(u.Username))
		}
		for i, pk := range u.Groups {
			g, known := t.groups[pk]
			if !known {
				return missingGroup(pk, "in which "+answer.Printable(u.Username)+" is")
			}
			u.Groups[i] = g.PK
		}
	}
	return nil
}

func missingGroup(pk, where string) error {
	err := fault.New(fault.Failed, "authentik does not list the group %s, %s", answer.Printable(pk), where)
	return fault.Hint(err, "the token's user may not view it (authentik_core.view_group), or somebody is changing authentik: then run again")
}

// all are the UUIDs of all groups that the user is in, through groups below too.
func (t *tree) all(u User) map[string]bool {
	in := make(map[string]bool, len(u.Groups))
	for _, pk := range u.Groups {
		for _, above := range t.upward[pk] {
			in[above] = true
		}
	}
	return in
}

// named are the UUIDs of the groups that the patterns name.
func (t *tree) named(patterns []string) map[string]bool {
	found := map[string]bool{}
	for pk, g := range t.groups {
		if slices.ContainsFunc(patterns, func(pattern string) bool { return directory.Matches(pattern, g.Name) }) {
			found[pk] = true
		}
	}
	return found
}

// directory is the users, and every group with those of them who are in it.
func (t *tree) directory(source string, users []User, flatten bool) (*directory.Directory, error) {
	d := &directory.Directory{Source: source, People: make([]directory.Person, 0, len(users)), Groups: []directory.Group{}}
	members := make(map[string][]string, len(t.groups))
	for _, u := range users {
		person := directory.Person{ID: cmp.Or(u.UUID, u.Key()), Username: u.Username, Name: u.Name, Email: u.Email, Active: u.IsActive, Type: u.Type}
		var err error
		if person.Attributes, err = directory.Attributes(u.attributes); err != nil {
			return nil, fmt.Errorf("the attributes of %s in authentik: %w", u.Username, err)
		}
		for _, pk := range t.of(u, flatten) {
			members[pk] = append(members[pk], u.Username)
			person.Groups = append(person.Groups, t.groups[pk].Name)
		}
		slices.Sort(person.Groups)
		d.People = append(d.People, person)
	}
	for pk, g := range t.groups {
		group := directory.Group{Name: g.Name, Members: append([]string{}, members[pk]...)}
		slices.Sort(group.Members)
		d.Groups = append(d.Groups, group)
	}
	slices.SortFunc(d.People, func(a, b directory.Person) int { return strings.Compare(a.Username, b.Username) })
	slices.SortFunc(d.Groups, func(a, b directory.Group) int { return strings.Compare(a.Name, b.Name) })
	return d, nil
}

// of are the UUIDs of the groups whose member the user is.
func (t *tree) of(u User, flatten bool) []string {
	var in []string
	for _, pk := range u.Groups {
		if flatten {
			in = append(in, t.upward[pk]...)
		} else {
			in = append(in, pk)
		}
	}
	slices.Sort(in)
	return slices.Compact(in)
}
