package sandbox

import (
	"net/http"
	"strconv"
)

// readScopes is a scope map that knows GET alone. HEAD and the rest are refused.
func readScopes(scopes ...string) func(method string) []string {
	return func(method string) []string {
		if method == http.MethodGet {
			return scopes
		}
		return nil
	}
}

// authProvider is core/endpoints/organization_auth_provider_details.py with
// api/serializers/models/auth_provider.py.
func (s *Sentry) authProvider() endpoint {
	return endpoint{methods: []method{{http.MethodGet, s.getAuthProvider}}, scopes: readScopes("org:read"), withoutSCIM: true}
}

func (s *Sentry) getAuthProvider(c *call) (reply, error) {
	if s.provider() == "" {
		return reply{status: http.StatusNoContent}, nil
	}
	unlinked := 0
	for _, m := range s.store.members {
		if !m.flags[flagSSOLinked] {
			unlinked++
		}
	}
	return ok(map[string]any{
		"id": "1", "provider_name": s.provider(), "pending_links_count": unlinked,
		"login_url":    s.absolute(c.r, "/organizations/"+s.slug()+"/"),
		"default_role": s.org.DefaultRole,
		"require_link": !s.org.AllowUnlinked && !s.config.Faults.IsOn("sso-optional"),
		"scim_enabled": s.org.SCIMEnabled && !s.config.Faults.IsOn("scim-off"),
	})
}

// organization is core/endpoints/organization_details.py, in the part that
// tells of single sign-on.
func (s *Sentry) organization() endpoint {
	return endpoint{methods: []method{{http.MethodGet, s.getOrganization}}, scopes: readScopes("org:read", "org:write", "org:admin"), withoutSCIM: true}
}

// organizationResource is api/serializers/models/organization.py, in part.
type organizationResource struct {
	ID                string            `json:"id"`
	Slug              string            `json:"slug"`
	Name              string            `json:"name"`
	HasAuthProvider   bool              `json:"hasAuthProvider"`
	RequiresSSO       bool              `json:"requiresSso"` // of the caller: integrations need none
	DefaultRole       string            `json:"defaultRole"`
	OrgRoleList       []roleResource    `json:"orgRoleList"`
	TeamRoleList      []roleResource    `json:"teamRoleList"`
	OpenMembership    bool              `json:"openMembership"`
	AllowJoinRequests bool              `json:"allowJoinRequests"`
	AllowMemberInvite bool              `json:"allowMemberInvite"`
	Require2FA        bool              `json:"require2FA"`
	IsEarlyAdopter    bool              `json:"isEarlyAdopter"`
	Links             map[string]string `json:"links"`
	Features          []string          `json:"features"`
}

type roleResource struct {
	ID string `json:"id"`
}

func (s *Sentry) getOrganization(c *call) (reply, error) {
	features := []string{"invite-members"}
	if !s.config.Faults.IsOn("sso-feature-off") {
		features = append(features, "sso-basic", "sso-saml2")
	}
	if !s.config.Faults.IsOn("team-roles-off") {
		features = append(features, "team-roles")
	}
	var roles []roleResource
	for _, role := range append(s.org.roles(), roleOwner) {
		roles = append(roles, roleResource{role})
	}
	return ok(organizationResource{
		ID: s.org.OrgID, Slug: s.slug(), Name: s.slug(), HasAuthProvider: s.provider() != "", DefaultRole: s.org.DefaultRole,
		OrgRoleList: roles, TeamRoleList: []roleResource{{teamRoleContributor}, {teamRoleAdmin}},
		OpenMembership: true, AllowJoinRequests: true, AllowMemberInvite: true,
		Links:    map[string]string{"organizationUrl": s.absolute(c.r, "/organizations/"+s.slug()), "regionUrl": s.absolute(c.r, "")},
		Features: features,
	})
}

// teamIndex is core/endpoints/organization_teams.py, GET alone.
func (s *Sentry) teamIndex() endpoint {
	return endpoint{methods: []method{{http.MethodGet, s.listTeams}}, scopes: readScopes("org:read", "org:write", "org:admin"), withoutSCIM: true}
}

// teamResource is api/serializers/models/team.py, in part.
type teamResource struct {
	ID          string            `json:"id"`
	Slug        string            `json:"slug"`
	Name        string            `json:"name"`
	MemberCount int               `json:"memberCount"`
	Flags       map[string]bool   `json:"flags"`
	Projects    []projectResource `json:"projects"`
}

func (s *Sentry) listTeams(c *call) (reply, error) {
	page, header, err := s.cursorPage(c, len(s.store.active))
	if err != nil {
		return reply{}, err
	}
	detailed, asked := last(c.query, "detailed")
	teams := []teamResource{}
	for _, t := range s.store.active[page.from:page.to] {
		projects := []projectResource{}
		if !asked || detailed != "0" {
			projects = s.store.projectsOf(t)
		}
		teams = append(teams, teamResource{
			ID: strconv.FormatInt(t.id, 10), Slug: t.slug, Name: t.name, MemberCount: len(s.store.membersOf(t)),
			Flags: map[string]bool{"idp:provisioned": t.idpProvisioned}, Projects: projects,
		})
	}
	return reply{status: http.StatusOK, header: header, body: teams}, nil
}

// provider is the key of the auth provider; empty for none.
func (s *Sentry) provider() string {
	switch {
	case s.org.Provider == nil || s.config.Faults.IsOn("no-provider"), s.config.Faults.IsOn("sso-disabled"):
		return ""
	case s.config.Faults.IsOn("other-provider"):
		return "google"
	}
	return *s.org.Provider
}

// slug is the organization's present name in addresses.
func (s *Sentry) slug() string {
	if s.config.Faults.IsOn("org-renamed") {
		return s.org.Org + "-renamed"
	}
	return s.org.Org
}
