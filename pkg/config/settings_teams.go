package config

// TeamRole gives the members of a directory group a role in a team of Sentry.
type TeamRole struct {
	Group string `json:"group" mapstructure:"group"`
	Team  string `json:"team" mapstructure:"team"`
	Role  string `json:"role" mapstructure:"role"`
}

// TeamProjects links a team of Sentry to projects, slugs or patterns (path.Match).
type TeamProjects struct {
	Team     string   `json:"team" mapstructure:"team"`
	Projects []string `json:"projects" mapstructure:"projects"`
}

// The values of scim.project_removal.
const (
	RemoveNoProjects      = "never"
	RemoveManagedProjects = "managed"
)

// teamSettings complete teams: what SCIM neither shows nor sets.
func teamSettings() []Setting {
	return []Setting{
		{
			Path: "scim.team_roles", Class: NeedsTrust, Type: TeamRoles, Default: []TeamRole{},
			Example:     []any{map[string]any{groupKey: "web-leads", teamKey: "web", roleKey: "admin"}},
			Description: "roles in teams by group, admin or contributor, the first match wins; in a variable group=team=role",
		},
		{
			Path: "scim.projects", Class: NeedsTrust, Type: Projects, Default: []TeamProjects{},
			Example:     []any{map[string]any{teamKey: "web", projectsKey: []any{"web-frontend", "web-*"}}},
			Description: "projects of teams, slugs or patterns, beside those that groups name; needs sentry.api.token; in a variable team=project",
		},
		{
			Path: "scim.project_attribute", Class: NeedsTrust, Type: String, Default: "sentry.projects", Example: "sentry.projects",
			Description: "attribute of a group in authentik, with dots between keys, that lists the projects of its team",
		},
		{
			Path: "scim.project_removal", Class: NeedsTrust, Type: String, Default: RemoveNoProjects, Enum: []string{RemoveNoProjects, RemoveManagedProjects}, Example: RemoveManagedProjects,
			Description: "links of teams to projects to remove: never any, or those that pushes made and nothing names any more (managed)",
		},
	}
}
