package desired

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// Mapped is the document of what each person of a directory becomes in Sentry,
// people by username. Sentry has no part in it: what it would refuse or what it
// has already is not known.
type Mapped struct {
	Source string         `json:"source"`
	People []MappedPerson `json:"people"`
	// TeamsSkipped are the groups that become no team, and why.
	TeamsSkipped []Skipped `json:"teams_skipped"`
}

// MappedPerson is what one person becomes. Email is as Sentry will have it;
// RoleRule is the setting that gave the role, with the group of its rule, and
// both are empty where Sentry's default applies. Somebody inactive is no member,
// and has neither role nor teams. Skipped is why the person is left out, or empty.
type MappedPerson struct {
	Username string   `json:"username"`
	Email    string   `json:"email"`
	Active   bool     `json:"active"`
	Role     string   `json:"role"`
	RoleRule string   `json:"role_rule"`
	Teams    []string `json:"teams"`
	Skipped  string   `json:"skipped"`

	// TeamRoles are the roles in teams that rules give, by team; nil for none.
	TeamRoles map[string]string `json:"team_roles,omitempty"`
}

// Map works out what everybody becomes. It refuses what Want refuses.
func Map(d *directory.Directory, selection Selection) (*Mapped, error) {
	want, r, err := resolve(d, selection)
	if err != nil {
		return nil, err
	}
	m := &Mapped{Source: d.Source, People: make([]MappedPerson, 0, len(d.People)), TeamsSkipped: Sort(r.unnamed)}
	skipped := map[string]string{}
	for _, s := range slices.Concat(r.applied.Excluded, r.unmapped) {
		skipped[s.Who] = s.Reason
	}
	teams, roles := map[*Person][]string{}, map[*Person]map[string]string{}
	for _, t := range want.Teams {
		for _, person := range t.Members {
			teams[person] = append(teams[person], t.Name)
		}
		for person, role := range t.Roles {
			if roles[person] == nil {
				roles[person] = map[string]string{}
			}
			roles[person][t.Name] = role
		}
	}
	for _, p := range r.applied.Everybody {
		one := r.mappedPerson(p, skipped[p.Username], teams)
		if len(one.Teams) > 0 {
			one.TeamRoles = roles[r.byUsername[p.Username]]
		}
		m.People = append(m.People, one)
	}
	return m, nil
}

// mappedPerson is what an entry of the directory becomes. An inactive entry beside
// an active one of the same address is none: the active one counts.
func (r *resolved) mappedPerson(p directory.Person, skipped string, teams map[*Person][]string) MappedPerson {
	m := MappedPerson{Username: p.Username, Email: p.Email, Active: p.Active, Teams: []string{}, Skipped: skipped}
	person := r.byUsername[p.Username]
	switch {
	case skipped != "":
		return m
	case person == nil:
		m.Skipped = "another entry of the directory has the address"
		return m
	case !p.Active:
		return m
	}
	m.Role, m.RoleRule = person.Role, r.rules[person]
	m.Teams = append(m.Teams, teams[person]...)
	return m
}

// MappedOne is the document of what one person becomes, and how: what the
// directory knows, each expression with what it made, and the outcome, which is
// nil where the mapping is refused.
type MappedOne struct {
	Source    string         `json:"source"`
	Directory DirectoryEntry `json:"directory"`
	Steps     []mapping.Step `json:"expressions"`
	Outcome   *MappedPerson  `json:"outcome"`
}

// DirectoryEntry is what expressions see of a person.
type DirectoryEntry struct {
	Username   string         `json:"username"`
	Name       string         `json:"name"`
	Email      string         `json:"email"`
	Active     bool           `json:"active"`
	Type       string         `json:"type"`
	Groups     []string       `json:"groups"`
	Attributes map[string]any `json:"attributes"`
}

// MapOne works out what one person becomes, who is named by username or by an
// e-mail. Somebody the directory does not know is a usage error. Where the
// mapping is refused, for whomever, the document comes with the error.
func MapOne(d *directory.Directory, selection Selection, name string) (*MappedOne, error) {
	all, refused := Map(d, selection)
	i, err := find(d, all, name)
	if err != nil {
		return nil, err
	}
	p := d.People[i]
	one := &MappedOne{Source: d.Source, Steps: selection.Mapping.Explain(p), Directory: DirectoryEntry{
		Username: p.Username, Name: p.Name, Email: p.Email, Active: p.Active, Type: p.Type,
		Groups: append([]string{}, p.Groups...), Attributes: p.Attributes,
	}}
	if one.Directory.Attributes == nil {
		one.Directory.Attributes = map[string]any{}
	}
	if all != nil {
		one.Outcome = &all.People[i]
	}
	return one, refused
}

// find returns the index of the person of that username, else of that e-mail in
// the directory, else of that e-mail in Sentry.
func find(d *directory.Directory, all *Mapped, name string) (int, error) {
	key := mapping.Key(name)
	var known []string
	for _, matches := range []func(int) bool{
		func(i int) bool { return d.People[i].Username == name },
		func(i int) bool { return mapping.Key(d.People[i].Email) == key },
		func(i int) bool { return all != nil && mapping.Key(all.People[i].Email) == key },
	} {
		for i := range d.People {
			if key != "" && matches(i) {
				return i, nil
			}
		}
	}
	for _, p := range d.People {
		known = append(known, p.Username, strings.ToLower(p.Email))
	}
	err := fault.Usagef("%s has nobody with the username or e-mail %.80q", d.Source, name)
	if near := nearest.Word(key, known); near != "" {
		return 0, fault.Hint(err, "did you mean %s?", near)
	}
	return 0, fault.Hint(err, "'sentryidp scim map' lists everybody")
}
