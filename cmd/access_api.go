package cmd

import (
	"context"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// apiClient makes a client of Sentry's own API, with its token. scopes are those that
// the token needs, in words; sent counts the requests, unless it is nil.
func (a *app) apiClient(ctx context.Context, loaded *config.Loaded, base sentry.Base, slug sentry.Slug, scopes string, sent *transport.Counter) (*sentryapi.Client, error) {
	roots, err := a.authorities(ctx, loaded.Config.Sentry.CAFile)
	if err != nil {
		return nil, fault.Hint(err, "sentry.ca_file names the file")
	}
	token, err := a.apiToken(ctx, loaded, base.String(), scopes)
	if err != nil {
		return nil, err
	}
	options := a.clientOptions(loaded)
	options.Origin, options.Token, options.RootCAs, options.Counter = base.String(), token, roots, sent
	options.Concurrency, options.Rate = loaded.Config.SCIM.Concurrency, float64(loaded.Config.SCIM.Rate)
	client, err := a.newClient(options)
	if err != nil {
		return nil, err
	}
	return sentryapi.New(base.String(), string(slug), client)
}
