package mapping

import (
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// NotIncluded is why somebody is skipped whom scim.mapping.include leaves out.
const NotIncluded = "scim.mapping.include leaves them out"

// Applied is a directory after the expressions.
type Applied struct {
	// Everybody is all people in the order of the directory, with the e-mail, the
	// further e-mails (those that Sentry could hold) and the activity that the
	// expressions make. Those who are left out are as the directory has them.
	Everybody []directory.Person
	// Included is the directory of those who are to be provisioned.
	Included *directory.Directory
	// Excluded are the others, and why.
	Excluded []directory.Skipped
	// Reasons are those of Excluded by username.
	Reasons map[string]string
	// Addresses are the e-mails, further ones too, that the expressions make of the
	// excluded.
	Addresses []string
	// Roles are what scim.mapping.role makes, by username; nobody has "".
	Roles map[string]string
	// TeamRoles are what scim.mapping.team_role makes, by group and username; who has
	// none is left out.
	TeamRoles map[string]map[string]string
	// Teams are the names of teams by group; "" is no team.
	Teams map[string]string
}

// Apply evaluates the expressions for everybody and every group, but for people
// of the types to exclude. Where one fails, all is refused (fault.Refused): a
// directory that is mapped in part would remove people. The error names who and
// which setting, and no value of an attribute.
func (r *Rules) Apply(d *directory.Directory, excludeTypes []string) (*Applied, error) {
	a := &Applied{
		Everybody: make([]directory.Person, 0, len(d.People)),
		Reasons:   map[string]string{}, Roles: map[string]string{}, Teams: make(map[string]string, len(d.Groups)),
	}
	problems := &problems{}
	for _, p := range d.People {
		mapped, err := r.apply(p, excludeTypes, a)
		if err == nil {
			err = r.applyTeamRoles(p, a)
		}
		problems.add(p.Username, err)
		a.Everybody = append(a.Everybody, mapped)
	}
	for _, g := range d.Groups {
		name, err := r.applyGroup(g)
		problems.add("the group "+g.Name, err)
		a.Teams[g.Name] = name
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	everybody := &directory.Directory{Source: d.Source, People: a.Everybody, Groups: d.Groups}
	a.Included, a.Excluded = everybody.Except(func(p directory.Person) string { return a.Reasons[p.Username] })
	return a, nil
}

// apply maps one person, and notes in a what is not part of a person.
func (r *Rules) apply(p directory.Person, excludeTypes []string, a *Applied) (directory.Person, error) {
	reason := directory.TypeExcluded(p, excludeTypes)
	if r == nil {
		a.leaveOut(p, reason, nil)
		if reason == "" {
			p.Emails = furtherEmails(p.Email, p.Emails)
		}
		return p, nil
	}
	if reason != "" {
		a.leaveOut(p, reason, r.addresses(p))
		return p, nil
	}
	o, err := r.person(p)
	if err != nil {
		return p, err
	}
	if !o.included {
		a.leaveOut(p, NotIncluded, r.addresses(p))
		return p, nil
	}
	if o.role != "" {
		a.Roles[p.Username] = o.role
	}
	p.Email, p.Emails, p.Active = o.email, o.emails, o.active
	return p, nil
}

// applyTeamRoles notes the roles of a person who is not left out in the teams of their
// groups.
func (r *Rules) applyTeamRoles(p directory.Person, a *Applied) error {
	if !r.GivesTeamRoles() || a.Reasons[p.Username] != "" {
		return nil
	}
	u := environmentOf(p).User
	for _, name := range p.Groups {
		role, err := r.teamRoleOf(u, name)
		if err != nil {
			return err
		}
		if role == "" {
			continue
		}
		if a.TeamRoles == nil {
			a.TeamRoles = map[string]map[string]string{}
		}
		if a.TeamRoles[name] == nil {
			a.TeamRoles[name] = map[string]string{}
		}
		a.TeamRoles[name][p.Username] = role
	}
	return nil
}

func (a *Applied) leaveOut(p directory.Person, reason string, addresses []string) {
	if reason != "" {
		a.Reasons[p.Username] = reason
	}
	a.Addresses = append(a.Addresses, addresses...)
}

func (r *Rules) applyGroup(g directory.Group) (string, error) {
	if r == nil {
		return g.Name, nil
	}
	return r.teamOf(g)
}

// problems collects for whom expressions failed.
type problems struct {
	lines []string
	more  int
}

func (p *problems) add(who string, err error) {
	const most = 10
	switch {
	case err == nil:
		return
	case len(p.lines) == most:
		p.more++
		return
	}
	p.lines = append(p.lines, fmt.Sprintf("%.80q: %v", who, err))
}

func (p *problems) err() error {
	if len(p.lines) == 0 {
		return nil
	}
	if p.more > 0 {
		p.lines = append(p.lines, fmt.Sprintf("and %d more", p.more))
	}
	err := fault.New(fault.Refused, "the mapping fails, so nothing was written:\n  %s", strings.Join(p.lines, "\n  "))
	return fault.Hint(err, `give what may be missing a default, as in attribute("department", ""), or leave people out with scim.mapping.include`)
}
