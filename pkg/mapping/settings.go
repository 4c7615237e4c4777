package mapping

import (
	"reflect"
	"strings"
)

// Expressions are the settings below scim.mapping, each an expression.
//
// Team sees the variable group, TeamRole group and user, the others user. Email,
// Role, Team and TeamRole make a text, Emails a list of texts, Active and Include
// true or false. An empty Role or TeamRole gives nobody a role.
type Expressions struct {
	Email   string
	Emails  string
	Active  string
	Include string
	Role    string
	Team    string

	TeamRole string
}

// Default returns the mapping of who sets none: what the property mapping of
// authentik's Sentry integration does.
func Default() Expressions {
	return Expressions{Email: "user.email", Emails: "user.emails", Active: "user.active", Include: "true", Team: "group.name"}
}

// UseAttributes reports whether an expression may look at people's attributes.
// It can say so of one that does not, never the other way round.
func (e Expressions) UseAttributes() bool {
	return strings.Contains(strings.Join([]string{e.Email, e.Emails, e.Active, e.Include, e.Role, e.Team, e.TeamRole}, "\n"), "attribute")
}

// Setting is the path of an expression's setting.
type Setting string

// The settings that hold expressions.
const (
	SettingEmail   Setting = "scim.mapping.email"
	SettingEmails  Setting = "scim.mapping.emails"
	SettingActive  Setting = "scim.mapping.active"
	SettingInclude Setting = "scim.mapping.include"
	SettingRole    Setting = "scim.mapping.role"
	SettingTeam    Setting = "scim.mapping.team"

	SettingTeamRole Setting = "scim.mapping.team_role"
)

// kind is what the setting's expression makes.
func (s Setting) kind() reflect.Kind {
	switch s {
	case SettingActive, SettingInclude:
		return reflect.Bool
	case SettingEmails:
		return reflect.Slice
	default:
		return reflect.String
	}
}

// environment is the zero value of what the setting's expression sees.
func (s Setting) environment() any {
	if s == SettingTeam {
		return groupEnvironment{}
	}
	if s == SettingTeamRole {
		return membershipEnvironment{}
	}
	return personEnvironment{}
}

// wanted names what the setting's expression has to make.
func (s Setting) wanted() string {
	switch s.kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list of texts"
	default:
		return "a text"
	}
}
