// Package mapping turns people of a directory into SCIM users, exactly as the
// property mapping of authentik's Sentry integration does. It sends nothing.
package mapping

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

// User is a SCIM user (RFC 7643 section 4.1) with the attributes of the
// integration's mapping.
type User struct {
	Schemas  []string `json:"schemas"`
	UserName string   `json:"userName"`
	Name     Name     `json:"name"`
	Emails   []Email  `json:"emails"`
	Active   bool     `json:"active"`
}

// Name is the name of a user.
type Name struct {
	Formatted  string `json:"formatted"`
	GivenName  string `json:"givenName"`
	FamilyName string `json:"familyName"`
}

// Email is an address of a user.
type Email struct {
	Value   string `json:"value"`
	Type    string `json:"type"`
	Primary bool   `json:"primary"`
}

// Group is a SCIM group. Members are the keys of users, sorted.
type Group struct {
	DisplayName string
	Members     []string
}

// Mapped is a whole directory as SCIM, users sorted by key and groups by name.
type Mapped struct {
	Users   []User
	Groups  []Group
	Skipped []directory.Skipped
}

// Key is the identity of a person: the e-mail, whose case Sentry ignores
// (core/endpoints/scim/members.py).
func Key(email string) string { return strings.ToLower(email) }

// Person maps one person. The reason is why they are skipped, or empty.
//
// The rules are those of the integration guide's expression: without an e-mail
// the person is skipped; the name is split at its first space; without a space
// the whole is the given name, the family name is one space, and a space is
// added to the formatted name.
func Person(p directory.Person) (user User, reason string) {
	if reason := EmailProblem(p.Email); reason != "" {
		return User{}, reason
	}
	given, family, split := strings.Cut(p.Name, " ")
	formatted := p.Name
	if !split {
		family, formatted = " ", p.Name+" "
	}
	return User{
		Schemas:  []string{"urn:ietf:params:scim:schemas:core:2.0:User"},
		UserName: p.Email,
		Name:     Name{Formatted: formatted, GivenName: given, FamilyName: family},
		Emails:   []Email{{Value: p.Email, Type: "work", Primary: true}},
		Active:   p.Active,
	}, ""
}

// All maps a directory. A person who is there twice under one e-mail becomes one
// user, as the first entry says; a person who cannot be mapped is skipped, and
// missing in the groups.
func All(d *directory.Directory) Mapped {
	mapped := Mapped{}
	keys := make(map[string]string, len(d.People)) // username → key
	seen := make(map[string]bool, len(d.People))
	for _, p := range d.People {
		user, reason := Person(p)
		if reason != "" {
			mapped.Skipped = append(mapped.Skipped, directory.Skipped{Who: p.Username, Reason: reason})
			continue
		}
		key := Key(user.UserName)
		keys[p.Username] = key
		if !seen[key] {
			seen[key] = true
			mapped.Users = append(mapped.Users, user)
		}
	}
	slices.SortFunc(mapped.Users, func(a, b User) int { return strings.Compare(Key(a.UserName), Key(b.UserName)) })
	for _, g := range d.Groups {
		mapped.Groups = append(mapped.Groups, Group{DisplayName: g.Name, Members: members(g, keys)})
	}
	return mapped
}

func members(g directory.Group, keys map[string]string) []string {
	list := make([]string, 0, len(g.Members))
	for _, username := range g.Members {
		if key, mapped := keys[username]; mapped {
			list = append(list, key)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
