package cmd

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/zalando/go-keyring"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// The settings whose addresses secrets are sent to.
const (
	sentryAddress    = "sentry.url"
	scimAddressPath  = "sentry.scim.url"
	authentikAddress = "authentik.url"
)

func sentryAddresses() []string { return []string{sentryAddress, scimAddressPath} }

// integrationAddresses are all: authentik is told where Sentry is.
func integrationAddresses() []string { return append(sentryAddresses(), authentikAddress) }

// credential is a secret that is about to be sent: the settings of the secret
// and of the address, and what is said where there is no secret.
type credential struct {
	name      string // "Sentry's SCIM token"
	setting   string
	reference secret.Reference
	missing   string // hint

	address   string   // URL that it is sent to
	from      string   // the setting of the address
	addresses []string // the settings that have a say in who gets it
}

// read is the only way to a secret. It makes sure that a trusted place names the
// address, says where the secret goes, and reads it, as late as can be.
func (a *app) read(ctx context.Context, loaded *config.Loaded, c credential) (secret.String, error) {
	if err := a.vouch(ctx, loaded, c.addresses...); err != nil {
		return secret.String{}, err
	}
	target, err := secretTarget(loaded, c.address, c.from)
	if err != nil {
		return secret.String{}, err
	}
	if c.reference.IsZero() {
		return secret.String{}, c.lacking()
	}
	if !a.probing {
		a.tellSent(loaded, c, target)
	}
	if known, read := a.secrets[c.setting]; read {
		return known, nil
	}
	token, err := c.reference.Resolve(ctx, secret.Sources{Env: a.env, Keyring: keyring.Get, Warn: a.term.Warn})
	if err == nil && a.secrets != nil {
		a.secrets[c.setting] = token
	}
	return token, fault.Hint(err, "%s is set by %s", c.setting, loaded.Origin(c.setting))
}

// tellSent says where a secret is read from and sent to.
func (a *app) tellSent(loaded *config.Loaded, c credential, target *url.URL) {
	a.tellOnce(a.term.Note, fmt.Sprintf("%s (%s) is sent to %s (%s)", c.name, placeOf(loaded, c), target.Scheme+"://"+target.Host, setBy(loaded, c.from)))
}

// secretTarget is the address, which the setting from gives, as one that a secret
// may be sent to.
func secretTarget(loaded *config.Loaded, address, from string) (*url.URL, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, fault.Usagef("%s must be a URL", from)
	}
	if err := transport.CheckPlain(target, loaded.Config.InsecureHTTP); err != nil {
		err = fault.Hint(err, "%s is set by %s", from, loaded.Origin(from))
		return nil, fault.Hint(err, "use https, or accept it with --insecure-http %s (insecure_http)", target.Hostname())
	}
	return target, nil
}

// placeOf says where the secret is, and what says so.
func placeOf(loaded *config.Loaded, c credential) string {
	origin := loaded.Origin(c.setting)
	if c.reference.Env != "" && c.reference.Env == origin.Name {
		return origin.String() // the variable is the setting's own
	}
	return c.reference.String() + ", set by " + origin.String()
}

// setBy names a setting with the place of its value.
func setBy(loaded *config.Loaded, setting string) string {
	origin := loaded.Origin(setting)
	if origin.Kind == config.FromDefault {
		return "the default of " + setting
	}
	return setting + ", set by " + origin.String()
}

// tellOnce writes what a run may come to several times, by Note or Warn.
func (a *app) tellOnce(tell func(format string, args ...any), text string) {
	if !slices.Contains(a.told, text) {
		a.told = append(a.told, text)
		tell("%s", text)
	}
}

// scimToken reads the token for Sentry's SCIM API, which is at that address.
func (a *app) scimToken(ctx context.Context, loaded *config.Loaded, endpoint string) (secret.String, error) {
	if a.rehearsal != nil {
		return secret.New(a.rehearsal.sentry.Token()), nil
	}
	c := scimCredential(loaded)
	c.address, c.from, c.addresses = endpoint, scimAddressSetting(loaded), sentryAddresses()
	return a.read(ctx, loaded, c)
}

// scimAddressSetting is the setting that gives the address of Sentry's SCIM API.
func scimAddressSetting(loaded *config.Loaded) string {
	if loaded.Config.Sentry.SCIM.URL != "" {
		return scimAddressPath
	}
	return sentryAddress
}

// scimTokenForAuthentik reads the token that authentik is to send to Sentry. It
// goes to authentik.
func (a *app) scimTokenForAuthentik(ctx context.Context, loaded *config.Loaded) (secret.String, error) {
	if a.rehearsal != nil {
		return secret.New(a.rehearsal.sentry.Token()), nil
	}
	c := scimCredential(loaded)
	c.address, c.from, c.addresses = loaded.Config.Authentik.URL, authentikAddress, integrationAddresses()
	return a.read(ctx, loaded, c)
}

// apiToken reads the token for Sentry's own API.
// scopes are those that it needs, in words.
func (a *app) apiToken(ctx context.Context, loaded *config.Loaded, base, scopes string) (secret.String, error) {
	if a.rehearsal != nil {
		return secret.New(a.rehearsal.sentry.APIToken()), nil
	}
	return a.read(ctx, loaded, credential{
		name: "Sentry's API token", setting: "sentry.api.token", reference: loaded.Config.Sentry.API.Token,
		missing: "make an internal integration with " + scopes + ", and export SENTRYIDP_SENTRY_API_TOKEN, or write sentry.api.token: {file: PATH}",
		address: base, from: sentryAddress, addresses: []string{sentryAddress},
	})
}

func scimCredential(loaded *config.Loaded) credential {
	return credential{
		name: "Sentry's SCIM token", setting: "sentry.scim.token", reference: loaded.Config.Sentry.SCIM.Token,
		missing: "Sentry shows it in Settings > Auth once SCIM is enabled: export SENTRYIDP_SENTRY_SCIM_TOKEN, or write sentry.scim.token: {file: PATH}",
	}
}

// authentikToken reads the token for authentik's API.
func (a *app) authentikToken(ctx context.Context, loaded *config.Loaded) (secret.String, error) {
	if a.rehearses(loaded) {
		return secret.New(a.rehearsal.authentik.Token()), nil
	}
	return a.read(ctx, loaded, authentikCredential(loaded))
}

func authentikCredential(loaded *config.Loaded) credential {
	return credential{
		name: "authentik's API token", setting: "authentik.token", reference: loaded.Config.Authentik.Token,
		missing: "make one in Directory > Tokens and App passwords with the intent API, and export SENTRYIDP_AUTHENTIK_TOKEN, or write authentik.token: {file: PATH}",
		address: loaded.Config.Authentik.URL, from: authentikAddress, addresses: []string{authentikAddress},
	}
}
