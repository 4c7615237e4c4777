package mapping

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Rules are compiled expressions. They are not for concurrent use. A nil Rules
// maps as Default does, without a run of an expression.
type Rules struct {
	email, emails, active, include, team *program

	role     *program // nil: no roles
	teamRole *program // nil: no roles in teams
}

// Compile compiles expressions. The error joins what is wrong with each, under
// the path of its setting.
func Compile(e Expressions) (*Rules, error) {
	r := &Rules{}
	var errs []error
	for _, part := range []struct {
		setting Setting
		text    string
		into    **program
	}{
		{SettingEmail, e.Email, &r.email},
		{SettingEmails, e.Emails, &r.emails},
		{SettingActive, e.Active, &r.active},
		{SettingInclude, e.Include, &r.include},
		{SettingRole, e.Role, &r.role},
		{SettingTeam, e.Team, &r.team},
		{SettingTeamRole, e.TeamRole, &r.teamRole},
	} {
		if part.text == "" && (part.setting == SettingRole || part.setting == SettingTeamRole) {
			continue
		}
		compiled, err := compile(part.setting, part.text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", part.setting, err))
		}
		*part.into = compiled
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// GivesRoles reports whether an expression makes roles.
func (r *Rules) GivesRoles() bool { return r != nil && r.role != nil }

// GivesTeamRoles reports whether an expression makes roles in teams.
func (r *Rules) GivesTeamRoles() bool { return r != nil && r.teamRole != nil }

// teamRoleOf is the role of a person in the team of a group; "" is none.
func (r *Rules) teamRoleOf(u user, groupName string) (string, error) {
	role, err := r.teamRole.words(membershipEnvironment{User: u, Group: group{Name: groupName}})
	if err == nil && role != "" && sentry.CheckTeamRole(role) != nil {
		err = fmt.Errorf("makes the role %.80q, expected one of %s, or \"\" for none", role, strings.Join(sentry.TeamRoles(), ", "))
	}
	return role, failed(SettingTeamRole, err)
}

// failure is an expression that failed for somebody.
type failure struct {
	setting Setting
	err     error
}

func (f *failure) Error() string { return string(f.setting) + ": " + f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// outcome is what the expressions make of a person. Only included means something
// for a person who is not included.
type outcome struct {
	email    string
	emails   []string
	active   bool
	included bool
	role     string
}

// person evaluates the expressions for a person. Where they are not included,
// nothing else is evaluated.
func (r *Rules) person(p directory.Person) (o outcome, err error) {
	environment := environmentOf(p)
	if o.included, err = r.include.flag(environment); err != nil || !o.included {
		return o, failed(SettingInclude, err)
	}
	if o.email, err = r.email.words(environment); err != nil {
		return o, failed(SettingEmail, err)
	}
	if o.emails, err = r.emails.addresses(environment, o.email); err != nil {
		return o, failed(SettingEmails, err)
	}
	if o.active, err = r.active.flag(environment); err != nil || r.role == nil {
		return o, failed(SettingActive, err)
	}
	if o.role, err = r.role.words(environment); err == nil && o.role != "" && sentry.CheckRole(o.role) != nil {
		err = fmt.Errorf("makes the role %.80q, want one of %s, or \"\" for none", o.role, strings.Join(sentry.Roles(), ", "))
	}
	return o, failed(SettingRole, err)
}

// addresses are the e-mails of a person who is left out, as far as they can be
// known.
func (r *Rules) addresses(p directory.Person) []string {
	environment := environmentOf(p)
	var known []string
	email, err := r.email.words(environment)
	if err == nil && email != "" {
		known = append(known, email)
	}
	if further, err := r.emails.addresses(environment, email); err == nil {
		known = append(known, further...)
	}
	return known
}

// teamOf is the name of a group's team; "" is none.
func (r *Rules) teamOf(g directory.Group) (string, error) {
	name, err := r.team.words(groupEnvironment{Group: group{Name: g.Name}})
	if err == nil && strings.ContainsFunc(name, unicode.IsControl) {
		err = errors.New("makes a name with control characters")
	}
	return strings.TrimSpace(name), failed(SettingTeam, err)
}

func failed(setting Setting, err error) error {
	if err == nil {
		return nil
	}
	return &failure{setting: setting, err: err}
}
