package config

import "github.com/sentryidp/sentryidp/pkg/mapping"

// mappingSettings are expressions. One that is set is compiled where it is read,
// so that a mistake has its place; the defaults are not.
func mappingSettings() []Setting {
	standard := mapping.Default()
	return []Setting{
		expression(mapping.SettingEmail, standard.Email, `lower(user.email)`, "expression for a person's e-mail in Sentry"),
		expression(mapping.SettingEmails, standard.Emails, `attribute("emails", [])`, "expression for a person's further e-mails, by which Sentry may know them"),
		expression(mapping.SettingActive, standard.Active, `user.active and not memberOf("on-leave")`, "expression that says whether a person is active"),
		expression(mapping.SettingInclude, standard.Include, `memberOf("sentry-users")`, "expression that says whether a person is pushed; others are left alone"),
		expression(mapping.SettingRole, standard.Role, `attribute("sentry.role", "")`, "expression for the role of a person that matches no rule of scim.roles; empty: none"),
		expression(mapping.SettingTeamRole, standard.TeamRole, `memberOf(group.name + "-leads") ? "admin" : ""`,
			"expression for the role of a person in the team of a group, where scim.team_roles gives none: \"admin\", \"contributor\" or \"\""),
		expression(mapping.SettingTeam, standard.Team, `replace(group.name, "sentry-", "")`, "expression for the name of a group's team, \"\" for none; scim.team_names goes before it"),
	}
}

func expression(setting mapping.Setting, standard, example, meaning string) Setting {
	return Setting{
		Path: string(setting), Class: NeedsTrust, Type: String, Default: standard, Example: example, Description: meaning,
		check: func(value string) error { return mapping.Check(setting, value) },
	}
}
