package config

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Type is the kind of a setting's value.
type Type string

// The types. Amount is a number or a percentage, Secret a reference to a
// secret, Roles a list of {group, role} and Names one of {group, team}.
const (
	String Type = "string"
	Bool   Type = "bool"
	Int    Type = "int"
	Amount Type = "amount"
	List   Type = "list"
	Roles  Type = "roles"
	Names  Type = "names"
	Secret Type = "secret"

	TeamRoles Type = "team_roles" // a list of {group, team, role}
	Projects  Type = "projects"   // a list of {team, projects}
)

// Setting is one row of the table of settings, from which files, variables,
// flags, the JSON Schema and the documentation follow.
type Setting struct {
	Path         string // dotted, as in files
	Class        Class
	Type         Type
	Default      any
	Enum         []string
	Flag         string // without dashes; empty: no flag
	Conventional string // a variable that people already export
	Description  string
	Example      any

	// Least and Most bound a number; Most of 0 is no bound.
	Least, Most int

	pattern func() *regexp.Regexp    // of a text, for the JSON Schema; nil: any
	check   func(value string) error // of a text, and of each entry of a list
	loosens func(value any) bool     // whether the value weakens a protection; nil: none does
}

// Env returns the variable of the setting: sentry.org is SENTRYIDP_SENTRY_ORG.
func (s Setting) Env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(s.Path, ".", "_"))
}

// Settings returns the table, in the order of the documentation.
func Settings() []Setting {
	return slices.Concat(sentrySettings(), samlSettings(), authentikSettings(), integrationSettings(), scimSettings(), teamSettings(), paceSettings(), mappingSettings(), guardSettings(), httpSettings(), []Setting{
		{
			Path: "state_dir", Class: NeedsTrust, Type: String, Default: "", Flag: "state-dir", Example: "/var/lib/sentryidp",
			Description: "`folder` of the memory of pushes, locks and snapshots (default: the user's state folder)",
		},
		{
			Path: "insecure_http", Class: NeedsTrust, Type: List, Default: []string{}, Flag: "insecure-http", Example: []string{"sentry.internal"},
			Description: "`hosts` beside loopback to which a token may go over plain http", check: checkHost,
			loosens: func(value any) bool { hosts, _ := value.([]string); return len(hosts) > 0 },
		},
		{
			Path: allowLiterals, Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue,
			Description: "accept secrets that are written into a file; meant for rehearsals",
		},
	})
}

func sentrySettings() []Setting {
	return []Setting{
		{
			Path: "sentry.url", Class: Address, Type: String, Default: sentry.SaaS, Flag: "sentry-url", Conventional: "SENTRY_URL", Example: "https://sentry.example.com",
			Description: "address of Sentry, a `URL` or a host, as in its system.url-prefix",
			check:       func(value string) error { _, _, err := sentry.ParseBase(value); return err },
		},
		{
			Path: "sentry.org", Class: Free, Type: String, Default: "", Flag: "org", Conventional: "SENTRY_ORG", Example: "acme",
			Description: "`slug` of the organization in Sentry",
			check:       func(value string) error { _, err := sentry.ParseSlug(value); return err },
		},
		{
			Path: "sentry.release", Class: Free, Type: String, Default: "", Flag: "sentry-release", Example: "26.7.2",
			Description: "`release` of a self-hosted Sentry, for its advisories on SAML; empty: not known",
			check:       func(value string) error { _, err := sentry.ParseRelease(value); return err },
		},
		{
			Path: "sentry.ca_file", Class: NeedsTrust, Type: String, Default: "", Flag: "ca-file", Example: "/etc/ssl/internal-ca.pem",
			Description: "`file` of certificate authorities (PEM) to trust for Sentry beside the system's",
		},
		{
			Path: "sentry.scim.url", Class: Address, Type: String, Default: "", Example: "https://sentry.example.com/api/0/organizations/acme/scim/v2",
			Description: "SCIM base URL; empty: it follows from sentry.url and sentry.org", check: checkURL,
		},
		{
			Path: "sentry.scim.token", Class: NeedsTrust, Type: Secret, Conventional: "SENTRY_AUTH_TOKEN", Example: map[string]any{"env": "SENTRY_SCIM_TOKEN"},
			Description: "reference to Sentry's SCIM token: {env: }, {file: }, {command: [...]} or {keyring: }",
		},
		{
			Path: "sentry.api.token", Class: NeedsTrust, Type: Secret, Example: map[string]any{"env": "SENTRY_API_TOKEN"},
			Description: "reference to a token of Sentry: doctor and access review need org:read and member:read (org:write for the audit log), access review team:read, scim.projects org:read and project:write",
		},
	}
}

func authentikSettings() []Setting {
	return []Setting{
		{
			Path: "authentik.url", Class: Address, Type: String, Default: "", Flag: "authentik-url", Conventional: "AUTHENTIK_URL", Example: "https://authentik.example.com",
			Description: "address of authentik, a `URL`", check: checkURL,
		},
		{
			Path: "authentik.token", Class: NeedsTrust, Type: Secret, Conventional: "AUTHENTIK_TOKEN", Example: map[string]any{"file": "/run/secrets/authentik"},
			Description: "reference to authentik's API token, as above",
		},
		{
			Path: "authentik.ca_file", Class: NeedsTrust, Type: String, Default: "", Example: "/etc/ssl/internal-ca.pem",
			Description: "file of certificate authorities (PEM) to trust for authentik beside the system's",
		},
		{
			Path: "authentik.application", Class: Free, Type: String, Default: "sentry", Flag: "application", Example: "sentry",
			Description: "`slug` of the application in authentik", check: checkSlug,
		},
	}
}

func scimSettings() []Setting {
	return []Setting{
		{
			Path: "scim.source", Class: NeedsTrust, Type: String, Default: "", Enum: []string{SourceAuthentik, SourceFile}, Flag: "source", Example: SourceFile,
			Description: "where people come from; by default authentik if authentik.url is set, else scim.file",
		},
		{
			Path: "scim.file", Class: NeedsTrust, Type: String, Default: "", Flag: "file", Example: "people.yaml",
			Description: "`file` of people and groups (YAML, JSON, JSON Lines, CSV), - for standard input",
		},
		{
			Path: "scim.scope", Class: NeedsTrust, Type: String, Default: "application", Enum: []string{"application", "groups", "all"}, Flag: "scope", Example: "application",
			Description: "which people of authentik: of the application's bindings, of scim.groups, or all",
		},
		{
			Path: "scim.groups", Class: NeedsTrust, Type: List, Default: []string{}, Flag: "group", Example: []string{"engineering", "data"},
			Description: "make teams of these groups only (`name` or pattern: team-*); empty: of the bound, else all",
		},
		{
			Path: "scim.flatten_groups", Class: NeedsTrust, Type: Bool, Default: true, Flag: "flatten-groups", Example: true,
			Description: "members of a group of authentik are members of the groups above it too",
		},
		{
			Path: "scim.team_names", Class: NeedsTrust, Type: Names, Default: []TeamName{}, Example: []any{map[string]any{groupKey: "eng", "team": "Engineering"}},
			Description: "teams that are not called as their group; in a variable group=team,group=team",
		},
		{
			Path: "scim.prune_teams", Class: NeedsTrust, Type: Bool, Default: false, Flag: "prune-teams", Example: false,
			Description: "delete the teams that pushes from this machine created, once their groups have gone",
		},
		{
			Path: "scim.exclude_types", Class: NeedsTrust, Type: List, Default: []string{"service_account", "internal_service_account"}, Example: []string{"service_account"},
			Description: "types of people who are not provisioned",
		},
		{
			Path: "scim.roles", Class: NeedsTrust, Type: Roles, Default: []Role{}, Example: []any{map[string]any{groupKey: "sentry-managers", "role": "manager"}},
			Description: "roles in Sentry by group, the first match wins; in a variable group=role,group=role",
		},
		{
			Path: "scim.remove", Class: NeedsTrust, Type: String, Default: "inactive", Enum: []string{"never", "inactive", "absent"}, Flag: "remove", Example: "inactive",
			Description: "people to remove: never any, the inactive ones, or the absent ones too",
		},
		{
			Path: "scim.default_role", Class: NeedsTrust, Type: String, Default: "", Example: "member",
			Description: "role for people who lose a role that a rule gave; empty: the organization's default",
			check:       sentry.CheckRole,
		},
		{
			Path: "scim.rename_slugs", Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue, Flag: "rename-slugs", Example: false,
			Description: "rename teams although that resets a slug that was edited in Sentry",
		},
		{
			Path: "scim.accept_second_addresses", Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue, Flag: "accept-second-addresses", Example: false,
			Description: "accept a member as the person whose address Sentry has as an unverified further address",
		},
	}
}

func paceSettings() []Setting {
	return []Setting{
		{
			Path: "scim.concurrency", Class: NeedsTrust, Type: Int, Default: 8, Flag: "concurrency", Example: 8, Least: 1, Most: 64,
			Description: "maximum concurrent requests to Sentry, a `number`; Sentry's own limits lower it",
		},
		{
			Path: "scim.rate", Class: NeedsTrust, Type: Int, Default: 0, Flag: "rate", Example: 20, Most: 10_000,
			Description: "maximum requests to Sentry a second, a `number`; 0: as many as Sentry says it allows",
		},
		{
			Path: "scim.page_size", Class: NeedsTrust, Type: Int, Default: 100, Example: 100, Least: 1, Most: 10_000,
			Description: "entries of Sentry's lists to ask for at once; a server that gives fewer is paged through",
		},
	}
}

// standardFloor is the default of scim.guard.max_removals_floor.
const standardFloor = 3

func guardSettings() []Setting {
	return []Setting{
		limit("max_removals", "10%", "maximum people removed: a `number`, or a percentage of the members"),
		{
			Path: "scim.guard.max_removals_floor", Class: NeedsTrust, Type: Int, Default: standardFloor, Example: standardFloor,
			loosens:     func(value any) bool { number, _ := value.(int); return number > standardFloor },
			Description: "minimum of changes of a kind that every percentage allows",
		},
		limit("max_membership_losses", "10%", "maximum memberships lost by people who stay: a `number`, or a percentage of all"),
		limit("max_team_losses", "25%", "maximum memberships lost in one team: a `number`, or a percentage of its members"),
		limit("max_promotions", "5%", "maximum people with a higher role: a `number`, or a percentage of the members"),
		limit("max_demotions", "20%", "maximum people with a lower role: a `number`, or a percentage of those above member"),
		limit("max_replaced", "10%", "maximum known members exchanged for unknown people: a `number`, or a percentage of members"),
		limit("max_blank", "10%", "maximum people whose address or activity became blank: a `number`, or a percentage of all"),
		limit("max_team_removals", "10%", "maximum teams deleted: a `number`, or a percentage of the teams"),
		limit("max_team_promotions", "5%", "maximum higher roles in teams: a `number`, or a percentage of the memberships"),
		limit("max_team_demotions", "20%", "maximum lower roles in teams: a `number`, or a percentage of the team admins"),
		limit("max_project_removals", "10%", "maximum links of teams to projects removed: a `number`, or a percentage of those that pushes made"),
		{
			Path: "scim.guard.allow_empty", Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue, Flag: "allow-empty", Example: false,
			Description: "accept a directory without people",
		},
		{
			Path: "scim.guard.allow_shrink", Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue, Flag: "allow-shrink", Example: false,
			Description: "accept a directory that lost more than half of its people since the last push",
		},
		{
			Path: "scim.guard.allow_empty_teams", Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue, Flag: "allow-empty-teams", Example: false,
			Description: "remove the last people from teams whose groups have nobody left",
		},
		{
			Path: "scim.guard.allow_hidden_users", Class: NeedsTrust, Type: Bool, Default: false, loosens: isTrue, Flag: "allow-hidden-users", Example: false,
			Description: "accept a list of authentik's users that lacks users that its groups count",
		},
	}
}

// limit is a setting that bounds a push; its flag has the same name.
func limit(name, standard, meaning string) Setting {
	return Setting{
		Path: "scim.guard." + name, Class: NeedsTrust, Type: Amount, Default: standard, Flag: strings.ReplaceAll(name, "_", "-"), Example: standard,
		Description: meaning, check: checkAmount, loosens: moreThan(standard),
	}
}

// table is Settings, made once: the commands ask for a hundred of them, one by
// one, at each start of the program.
var table = sync.OnceValue(Settings) //nolint:gochecknoglobals // a constant that takes time

// SettingOf returns the setting of that path. A path that does not exist is a
// mistake in the program, and the zero Setting.
func SettingOf(path string) Setting {
	for _, s := range table() {
		if s.Path == path {
			return s
		}
	}
	return Setting{}
}
