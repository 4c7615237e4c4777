package cmd

import (
	"context"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/provision/access"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// teams is Sentry's own API about teams, which is asked where the settings have rules
// for roles in teams or for projects. The SCIM token goes there only where both APIs
// are one server, over the same client; the other token is read when it is needed.
func (a *app) teams(loaded *config.Loaded, base sentry.Base, slug sentry.Slug, scim *scimConnection) (*access.Teams, error) {
	teams := &access.Teams{API: func(ctx context.Context) (*sentryapi.Client, error) {
		return a.apiClient(ctx, loaded, base, slug, "org:read and project:write (for roles in teams team:write)", scim.sent)
	}}
	if own, org, is := ownAPI(scim.endpoint); is {
		var err error
		if teams.SCIM, err = sentryapi.New(own, org, scim.web); err != nil {
			return nil, err
		}
	}
	return teams, nil
}

// ownAPI is where Sentry is served and which organization is meant, by the address
// of its SCIM API; false where that is elsewhere, as behind a proxy of its own.
func ownAPI(endpoint string) (base, org string, is bool) {
	base, rest, is := strings.Cut(strings.TrimRight(endpoint, "/"), "/api/0/organizations/")
	org, version, found := strings.Cut(rest, "/")
	return base, org, is && found && org != "" && version == "scim/v2"
}
