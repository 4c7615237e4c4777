package provision

import (
	"slices"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
)

// resolved is how a directory becomes what Sentry should hold.
type resolved struct {
	directory *directory.Directory
	applied   *mapping.Applied // the expressions
	mapped    mapping.Mapped
	roles     map[string]givenRole // by key of the person
	teams     map[string]string    // by group; "" is none
	unnamed   []Skipped            // the chosen groups that have none
}

// givenRole is a role and what gave it.
type givenRole struct {
	role string
	rule string
}

// checkPeople refuses two people with one e-mail where it matters which of them
// is meant. A file that has such people is refused when it is read. Those whom
// an expression leaves out do not count: that says which of them is meant.
func (r *resolved) checkPeople() error {
	people := r.applied.Everybody
	first := make(map[string]int, len(people))
	for i, p := range people {
		key := mapping.Key(p.Email)
		if key == "" || r.applied.Reasons[p.Username] == mapping.NotIncluded {
			continue
		}
		j, twice := first[key]
		if !twice {
			first[key] = i
			continue
		}
		if err := r.checkPair(j, i); err != nil {
			return err
		}
	}
	return nil
}

// checkPair objects to two people who have one e-mail.
func (r *resolved) checkPair(i, j int) error {
	a, b := r.applied.Everybody[i], r.applied.Everybody[j]
	switch {
	case mapping.Key(r.directory.People[i].Email) != mapping.Key(r.directory.People[j].Email):
		err := fault.New(fault.Refused, "%q and %q get the same e-mail %q, so nothing was written", a.Username, b.Username, b.Email)
		return fault.Hint(err, "change %s so that each person gets an e-mail of their own, or leave one out with %s",
			mapping.SettingEmail, mapping.SettingInclude)
	case a.Active != b.Active || a.Type != b.Type:
		err := fault.New(fault.Refused, "%q and %q have the same e-mail in %s and differ in being active or in their type, so nothing was written",
			a.Username, b.Username, r.directory.Source)
		return fault.Hint(err, "which of them is meant cannot be known: give each person an e-mail of their own")
	case r.applied.Roles[a.Username] != r.applied.Roles[b.Username]:
		err := fault.New(fault.Refused, "%q and %q have the same e-mail, and %s gives them different roles, so nothing was written",
			a.Username, b.Username, mapping.SettingRole)
		return fault.Hint(err, "leave one of them out with %s", mapping.SettingInclude)
	}
	return nil
}

// rolesOf gives people the role of the first rule that matches, else the one
// that the expression makes.
func (r *resolved) rolesOf(rules []RoleRule) map[string]givenRole {
	roles := map[string]givenRole{}
	for _, rule := range rules {
		i := slices.IndexFunc(r.mapped.Groups, func(g mapping.Group) bool { return g.DisplayName == rule.Group })
		if i < 0 {
			continue
		}
		for _, key := range r.mapped.Groups[i].Members {
			if _, given := roles[key]; !given {
				roles[key] = givenRole{role: rule.Role, rule: "scim.roles: " + rule.Group}
			}
		}
	}
	for _, p := range r.applied.Everybody {
		key := mapping.Key(p.Email)
		if _, given := roles[key]; !given && r.applied.Roles[p.Username] != "" {
			roles[key] = givenRole{role: r.applied.Roles[p.Username], rule: string(mapping.SettingRole)}
		}
	}
	return roles
}

// otherAddresses are the keys of people who are left alone in Sentry, and of
// further addresses of those who are provisioned. Usernames are often addresses,
// and remain when an e-mail changes; so does the e-mail of the directory where
// an expression makes another one.
func (r *resolved) otherAddresses() (untouched map[string]bool, aliases map[string]string) {
	untouched, aliases = map[string]bool{}, map[string]string{}
	unmapped := map[string]bool{}
	for _, s := range r.mapped.Skipped {
		unmapped[s.Who] = true
	}
	for i, p := range r.applied.Everybody {
		for _, address := range []string{p.Email, p.Username, r.directory.People[i].Email} {
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
	for _, u := range r.mapped.Users {
		delete(untouched, mapping.Key(u.UserName))
	}
	return untouched, aliases
}
