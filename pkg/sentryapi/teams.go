package sentryapi

import "context"

// Team is a team with its projects (api/serializers/models/team.py).
type Team struct {
	ID       string          `json:"id"`
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Members  int             `json:"memberCount"` //nolint:tagliatelle // the name that Sentry gives it
	Flags    map[string]bool `json:"flags"`       // "idp:provisioned" is that of SCIM
	Projects []Project       `json:"projects"`
}

// Project is a project, in part (api/serializers/models/project.py). Teams is
// filled by Projects alone.
type Project struct {
	ID    string `json:"id"`
	Slug  string `json:"slug"`
	Name  string `json:"name"`
	Teams []struct {
		ID   string `json:"id"`
		Slug string `json:"slug"`
	} `json:"teams"`
}

// Teams lists the active teams by slug, with their projects
// (core/endpoints/organization_teams.py).
func (c *Client) Teams(ctx context.Context) ([]Team, error) {
	return listing[[]Team, Team]{
		client: c, name: "teams", path: c.organization("teams"), need: "org:read",
		entries: same[Team], id: func(t Team) string { return t.ID },
	}.read(ctx)
}

// Projects lists the active projects, with their teams
// (core/endpoints/organization_projects.py).
func (c *Client) Projects(ctx context.Context) ([]Project, error) {
	return listing[[]Project, Project]{
		client: c, name: "projects", path: c.organization("projects"), need: "org:read",
		entries: same[Project], id: func(p Project) string { return p.ID },
	}.read(ctx)
}
