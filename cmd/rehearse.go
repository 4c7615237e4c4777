package cmd

import (
	"context"

	"github.com/zalando/go-keyring"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// useSandbox starts an emulated Sentry in this process and points in at it: the
// address, the organization and the token. The directory is the sample, unless
// a file or an authentik is named on the command line.
func (a *app) useSandbox(ctx context.Context, in *config.Input) error {
	state := sandbox.SampleState()
	if org := in.Flags["sentry.org"]; org != "" {
		slug, err := sentry.ParseSlug(org)
		if err != nil {
			return err
		}
		state.Org = string(slug)
	}
	running, err := a.startSandbox(ctx, state, "127.0.0.1:0", false, sandbox.Config{Release: sandbox.ReleaseLatest})
	if err != nil {
		return err
	}
	a.rehearsal = running
	in.Flags["sentry.url"] = running.url
	in.Flags["sentry.org"] = state.Org
	a.term.Note("--sandbox: an emulated Sentry in this process, with sample data")
	return nil
}

// usesSample reports whether people come from the sandbox's sample.
func (a *app) usesSample(loaded *config.Loaded) bool {
	named := loaded.Origin("scim.file").Kind == config.FromFlag || loaded.Origin("authentik.url").Kind == config.FromFlag
	return a.sandbox && !named
}

// scimToken reads the token for Sentry's SCIM API.
func (a *app) scimToken(ctx context.Context, loaded *config.Loaded) (secret.String, error) {
	if a.rehearsal != nil {
		return secret.New(a.rehearsal.sentry.Token()), nil
	}
	reference := loaded.Config.Sentry.SCIM.Token
	if reference.IsZero() {
		return secret.String{}, fault.Hint(fault.New(fault.Credential, "no SCIM token of Sentry is set (sentry.scim.token)"),
			"Sentry shows it in Settings > Auth once SCIM is enabled: export SENTRYIDP_SENTRY_SCIM_TOKEN, or write sentry.scim.token: {file: PATH}")
	}
	token, err := reference.Resolve(ctx, secret.Sources{Env: a.env, Keyring: keyring.Get})
	return token, fault.Hint(err, "sentry.scim.token is set in %s", loaded.Origin("sentry.scim.token"))
}
