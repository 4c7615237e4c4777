package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

type samlAttributesOptions struct {
	*app

	preset  string
	user    string
	offline bool
}

func newSamlAttributes(a *app) *cobra.Command {
	o := &samlAttributesOptions{app: a}
	cmd := &cobra.Command{
		Use:   "attributes",
		Short: "Print what to type into Sentry's form, and what authentik sends for it",
		Long: `Print the attribute mapping that Sentry's set-up of SAML asks for, field by field,
with the property mapping of authentik behind each. Sentry compares attribute
names exactly.

Where authentik's address and token are set, authentik is asked what it sends of a
user: a name that is not sent, or is sent twice, is exit code 3, with the fix.

--preset prints the names of Sentry's other providers, and how authentik can send
them. The default is saml.attributes, or else authentik's integration guide.`,
		Example: `  sentryidp saml attributes
  sentryidp saml attributes --authentik-url https://authentik.example.com --user ada
  sentryidp saml attributes --preset okta
  eval "$(sentryidp saml attributes --offline -o env)"`,
		Annotations: writes(everyDocument(report.Env)...),
		Args:        usageArgs(cobra.NoArgs),
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "authentik.url", "authentik.application", "insecure_http")
	var keys []string
	for _, p := range sentry.Presets() {
		keys = append(keys, p.Key)
	}
	flags := cmd.Flags()
	flags.Var(enum(&o.preset, "", keys), "preset", "print the mapping of this provider of Sentry's (default saml.attributes, or authentik)")
	flags.StringVar(&o.user, "user", "", "ask authentik about the user with this `username` (default the token's owner)")
	flags.BoolVar(&o.offline, "offline", false, "do not ask authentik")
	completeValues(cmd, "preset", keys)
	return cmd
}

func (o *samlAttributesOptions) run(cmd *cobra.Command) error {
	if o.offline && o.user != "" {
		return fault.Usagef("--user is for asking authentik, which --offline does not do")
	}
	loaded, err := o.load(cmd)
	if err != nil {
		return err
	}
	preset, err := o.presetOf(loaded)
	if err != nil {
		return err
	}
	doc := integration.AttributesOf(preset)
	if err := o.place(doc, loaded.Addresses()); err != nil {
		return err
	}
	if err := o.ask(cmd.Context(), doc, loaded); err != nil {
		return err
	}
	if err := o.show(doc); err != nil {
		return err
	}
	if doc.Problems(o.user != "") > 0 {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

// presetOf is the mapping to print: that of --preset, of the configuration, or of
// authentik's guide.
func (o *samlAttributesOptions) presetOf(loaded *config.Loaded) (sentry.Preset, error) {
	if preset, ok := sentry.PresetOf(o.preset); ok {
		return preset, nil
	}
	if err := loaded.VouchFor(config.SAMLAttributes()...); err != nil {
		return sentry.Preset{}, err
	}
	return configuredPreset(loaded)
}

// configuredPreset is the mapping of saml.attributes, or else of authentik's guide.
func configuredPreset(loaded *config.Loaded) (sentry.Preset, error) {
	given, err := configuredMapping(loaded)
	if err != nil || given == (sentry.Mapping{}) {
		return sentry.GuideMapping(), err
	}
	return sentry.Preset{Key: "saml.attributes", Name: "saml.attributes", Mapping: given}, nil
}

// place fills in the addresses, where they are known: none is required.
func (o *samlAttributesOptions) place(doc *integration.Attributes, at config.Addresses) error {
	if at.Org != "" {
		base, slug, err := o.organization(at)
		if err != nil {
			return err
		}
		doc.SettingsURL = sentry.URLsOf(base, slug).SettingsURL()
	}
	if at.Authentik != "" {
		doc.MetadataURL = integration.Settings{AuthentikURL: strings.TrimRight(strings.TrimSpace(at.Authentik), "/"), Application: at.Application}.MetadataURL()
	}
	return nil
}

// ask asks authentik, where its address and a token are set.
func (o *samlAttributesOptions) ask(ctx context.Context, doc *integration.Attributes, loaded *config.Loaded) error {
	c := loaded.Config.Authentik
	switch {
	case o.offline:
		doc.Preview.Reason = "authentik was not asked (--offline)"
		return nil
	case c.URL == "":
		doc.Preview.Reason = "authentik was not asked: its address is not set (authentik.url)"
	case c.Token.IsZero() && !o.rehearses(loaded):
		doc.Preview.Reason = "authentik was not asked: its API token is not set (authentik.token)"
	default:
		if err := o.vouch(ctx, loaded, authentikAddress); err != nil {
			return err
		}
		client, err := o.connectAuthentik(ctx, loaded)
		if err != nil {
			return err
		}
		return doc.Ask(ctx, client, c.Application, o.user)
	}
	if o.user != "" {
		return fault.Hint(fault.New(fault.Credential, "--user needs authentik's address and API token"), "set authentik.url and authentik.token, or leave --user out")
	}
	return nil
}
