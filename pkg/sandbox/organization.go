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

func (s *Sentry) getOrganization(c *call) (reply, error) {
	features := []string{"invite-members", "sso-basic", "sso-saml2", "team-roles"}
	if s.config.Faults.IsOn("sso-feature-off") {
		features = []string{"invite-members", "team-roles"}
	}
	roles := []map[string]string{}
	for _, role := range append(s.org.roles(), roleOwner) {
		roles = append(roles, map[string]string{"id": role})
	}
	return ok(map[string]any{
		"id": s.org.OrgID, "slug": s.slug(), "name": s.slug(), "hasAuthProvider": s.provider() != "", "requiresSso": false,
		"defaultRole": s.org.DefaultRole, "orgRoleList": roles,
		"teamRoleList":   []map[string]string{{"id": teamRoleContributor}, {"id": teamRoleAdmin}},
		"openMembership": true, "allowJoinRequests": true, "allowMemberInvite": true, "require2FA": false, "isEarlyAdopter": false,
		"links":    map[string]string{"organizationUrl": s.absolute(c.r, "/organizations/"+s.slug()), "regionUrl": s.absolute(c.r, "")},
		"features": features,
	})
}

// teamIndex is core/endpoints/organization_teams.py, GET alone, without projects.
func (s *Sentry) teamIndex() endpoint {
	return endpoint{methods: []method{{http.MethodGet, s.listTeams}}, scopes: readScopes("org:read", "org:write", "org:admin"), withoutSCIM: true}
}

func (s *Sentry) listTeams(c *call) (reply, error) {
	page, header, err := s.cursorPage(c, len(s.store.active))
	if err != nil {
		return reply{}, err
	}
	teams := []map[string]any{}
	for _, t := range s.store.active[page.from:page.to] {
		teams = append(teams, map[string]any{
			"id": strconv.FormatInt(t.id, 10), "slug": t.slug, "name": t.name, "memberCount": len(s.store.membersOf(t)),
			"flags": map[string]bool{"idp:provisioned": t.idpProvisioned}, "projects": []string{},
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
