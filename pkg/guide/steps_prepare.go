package guide

import "fmt"

// The parts of the guide.
const (
	partPrepare   = "Before you begin"
	partAuthentik = "authentik"
	partSignOn    = "Sentry: single sign-on"
	partProvision = "Sentry: users and teams"
)

// The labels of values that no form of a product asks for.
const (
	labelSetting  = "Setting"  // of the configuration
	labelVariable = "Variable" // of the environment
	labelPage     = "Page"     // to open
)

// The keys of steps that others refer to.
const (
	keySettings = "settings"
	keyTokens   = "tokens"
	keyScim     = "scim"
	keySaml     = "saml"
)

func (b *builder) preparing() []Step {
	return []Step{
		{
			Key: keySettings, Part: partPrepare, Title: "Name the organization and both products",
			Reason: "Every address of the integration follows from these.",
			Actions: []Action{
				{Text: "Let sentryidp ask for them, and write sentryidp.yaml in this folder:", Commands: []string{"sentryidp init"}},
				{Text: "Or write the file by hand:", File: fmt.Sprintf(
					"sentry:\n  org: %s\n  url: %s\nauthentik:\n  url: %s\n  application: %s\n", yaml(b.urls.Org), yaml(b.urls.SentryURL), yaml(b.authentik), yaml(b.Application))},
				{Text: "Trust a file of your own once you have read it:", Commands: []string{"sentryidp config trust sentryidp.yaml"}},
			},
			Checks: []string{"settings", "trust"},
		},
		{
			Key: "addresses", Part: partPrepare, Title: "See that both products answer",
			Reason:  "SAML compares addresses to the letter: each product has one address, for users and for the other product.",
			Actions: append([]Action{{Text: "Look at names, TLS, redirects and clocks:", Commands: []string{b.run("doctor")}}}, b.prefix()...),
			Checks: []string{
				"sentry-reach", "sentry-tls", "sentry-redirect", "sentry-identity", "sentry-prefix", "sentry-release", "sentry-metadata",
				"idp-reach", "idp-tls", "idp-identity", "clocks",
			},
		},
		{
			Key: keyTokens, Part: partPrepare, Title: "Make a token for authentik, and one to look at Sentry",
			Reason: "sentryidp sets authentik up through its API. The token of Sentry is optional: this guide and doctor look at Sentry's settings with it.",
			Actions: []Action{
				{Text: "authentik: Directory > Tokens and App passwords > Create. The token has the rights of its user: a superuser, or a user with a role for it.", Values: []Value{
					chosen("Intent", "API Token"),
					typed(labelSetting, "authentik.token"),
					typed(labelVariable, "SENTRYIDP_AUTHENTIK_TOKEN_FILE"),
				}},
				{Text: "Sentry (optional): Settings > Custom Integrations > Create New Integration > Internal Integration.", Values: []Value{
					chosen("Scopes", "org:read, member:read, team:read"),
					typed(labelSetting, "sentry.api.token"),
					typed(labelVariable, "SENTRYIDP_SENTRY_API_TOKEN_FILE"),
				}},
			},
			Notes:  []string{"Keep a token in a file that you alone can read, in a keyring or in a secret store: the setting refers to it."},
			Checks: []string{"authentik-token", "authentik-release"}, faults: []string{"sentry-token"}, sets: "authentik.token",
		},
	}
}

// prefix says what a self-hosted Sentry has as its address.
func (b *builder) prefix() []Action {
	if b.Sentry.IsSaaS() {
		return nil
	}
	return []Action{{Text: "A self-hosted Sentry has the address in config.yml:", Values: []Value{typed("system.url-prefix", b.urls.SentryURL)}}}
}
