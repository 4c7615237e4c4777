package cmd

import (
	"context"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// connectAuthentik makes a client of authentik's API from the settings, of a
// release that is known.
func (a *app) connectAuthentik(ctx context.Context, loaded *config.Loaded) (*authentik.Client, error) {
	found, err := a.authentikClient(ctx, loaded)
	if err == nil {
		err = a.meet(ctx, found)
	}
	if err != nil {
		return nil, err
	}
	return found, nil
}

// authentikClient makes a client that has asked nothing yet. The token is read
// here, as late as can be, and goes nowhere but into the client.
func (a *app) authentikClient(ctx context.Context, loaded *config.Loaded) (*authentik.Client, error) {
	settings := loaded.Config.Authentik
	if settings.URL == "" {
		return nil, noAuthentik()
	}
	roots, err := a.authorities(ctx, settings.CAFile)
	if err != nil {
		return nil, fault.Hint(err, "authentik.ca_file names the file")
	}
	token, err := a.authentikToken(ctx, loaded)
	if err != nil {
		return nil, err
	}
	options := a.clientOptions(loaded)
	options.Origin, options.Token, options.RootCAs = settings.URL, token, roots
	client, err := a.newClient(options)
	if err != nil {
		return nil, err
	}
	return authentik.New(settings.URL, client)
}

// meet learns authentik's release, which decides what can be asked of it. One that
// is older than what is known is an error, and one that is newer is told.
func (a *app) meet(ctx context.Context, client *authentik.Client) error {
	capabilities, err := client.Capabilities(ctx)
	if err == nil && capabilities.Note != "" {
		a.tellOnce(a.term.Note, capabilities.Note)
	}
	return err
}
