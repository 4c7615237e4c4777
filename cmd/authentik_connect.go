package cmd

import (
	"context"

	"github.com/zalando/go-keyring"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// connectAuthentik makes a client of authentik's API from the settings. The
// token is read here, as late as can be, and goes nowhere but into the client.
func (a *app) connectAuthentik(ctx context.Context, loaded *config.Loaded) (*authentik.Client, error) {
	settings := loaded.Config.Authentik
	if settings.URL == "" {
		return nil, fault.Hint(fault.Usagef("no authentik is set (authentik.url)"), "pass --authentik-url URL, or export SENTRYIDP_AUTHENTIK_URL")
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
	client, err := transport.New(options)
	if err != nil {
		return nil, err
	}
	return authentik.New(settings.URL, client)
}

// authentikToken reads the token for authentik's API.
func (a *app) authentikToken(ctx context.Context, loaded *config.Loaded) (secret.String, error) {
	if a.rehearses(loaded) {
		return secret.New(a.rehearsal.authentik.Token()), nil
	}
	reference := loaded.Config.Authentik.Token
	if reference.IsZero() {
		return secret.String{}, fault.Hint(fault.New(fault.Credential, "no API token of authentik is set (authentik.token)"),
			"make one in Directory > Tokens and App passwords with the intent API, and export SENTRYIDP_AUTHENTIK_TOKEN, or write authentik.token: {file: PATH}")
	}
	token, err := reference.Resolve(ctx, secret.Sources{Env: a.env, Keyring: keyring.Get})
	return token, fault.Hint(err, "authentik.token is set in %s", loaded.Origin("authentik.token"))
}
