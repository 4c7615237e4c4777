package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func newSamlUrls(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "urls",
		Short: "Print the ACS, Audience and SLS URLs of an organization",
		Long: `Print the URLs that an identity provider asks for when it is connected to
Sentry, computed from the organization's slug and Sentry's own address, with
trailing slashes exactly where Sentry has them.`,
		Example: `  sentryidp saml urls --org acme
  sentryidp saml urls --org acme --sentry-url https://sentry.example.com -o json
  eval "$(sentryidp saml urls --org acme -o env)"`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.samlUrls(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url")
	return cmd
}

func (a *app) samlUrls(cmd *cobra.Command) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	base, slug, err := a.organization(loaded)
	if err != nil {
		return err
	}
	return a.show(sentry.URLsOf(base, slug))
}

// organization returns where Sentry is and which organization is meant, and
// warns of what Sentry would stumble over.
func (a *app) organization(loaded *config.Loaded) (sentry.Base, sentry.Slug, error) {
	org := loaded.Config.Sentry.Org
	if org == "" {
		return sentry.Base{}, "", fault.Hint(fault.Usagef("no organization is set (sentry.org)"),
			"pass --org SLUG, set SENTRYIDP_SENTRY_ORG, or write sentry.org to a configuration file")
	}
	slug, err := sentry.ParseSlug(org)
	if err != nil {
		return sentry.Base{}, "", err
	}
	base, warnings, err := sentry.ParseBase(loaded.Config.Sentry.URL)
	if err != nil {
		return sentry.Base{}, "", err
	}
	for _, warning := range warnings {
		a.term.Warn("%s", warning)
	}
	return base, slug, nil
}
