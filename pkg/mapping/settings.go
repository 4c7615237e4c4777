package mapping

import (
	"reflect"
	"strings"
)

// Expressions are the settings below scim.mapping, each an expression.
//
// Email, Active, Include and Role see the variable user; Team sees group. Email,
// Role and Team make a text, Active and Include true or false. An empty Role
// gives nobody a role.
type Expressions struct {
	Email   string
	Active  string
	Include string
	Role    string
	Team    string
}

// Default returns the mapping of who sets none: what the property mapping of
// authentik's Sentry integration does.
func Default() Expressions {
	return Expressions{Email: "user.email", Active: "user.active", Include: "true", Team: "group.name"}
}

// UseAttributes reports whether an expression may look at people's attributes.
// It can say so of one that does not, never the other way round.
func (e Expressions) UseAttributes() bool {
	return strings.Contains(strings.Join([]string{e.Email, e.Active, e.Include, e.Role, e.Team}, "\n"), "attribute")
}

// Setting is the path of an expression's setting.
type Setting string

// The settings that hold expressions.
const (
	SettingEmail   Setting = "scim.mapping.email"
	SettingActive  Setting = "scim.mapping.active"
	SettingInclude Setting = "scim.mapping.include"
	SettingRole    Setting = "scim.mapping.role"
	SettingTeam    Setting = "scim.mapping.team"
)

// kind is what the setting's expression makes.
func (s Setting) kind() reflect.Kind {
	if s == SettingActive || s == SettingInclude {
		return reflect.Bool
	}
	return reflect.String
}

// environment is the zero value of what the setting's expression sees.
func (s Setting) environment() any {
	if s == SettingTeam {
		return groupEnvironment{}
	}
	return personEnvironment{}
}

// wanted names what the setting's expression has to make.
func (s Setting) wanted() string {
	if s.kind() == reflect.Bool {
		return "true or false"
	}
	return "a text"
}
