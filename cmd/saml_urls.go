package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

type samlUrlsOptions struct {
	*app

	verify bool
}

func newSamlUrls(a *app) *cobra.Command {
	o := &samlUrlsOptions{app: a}
	cmd := &cobra.Command{
		Use:   "urls",
		Short: "Print the ACS, Audience and SLS URLs of an organization",
		Long: `Print the URLs that an identity provider asks for when it is connected to
Sentry, computed from the organization's slug and Sentry's own address, with
trailing slashes exactly where Sentry has them.

--verify asks Sentry for its own metadata, which needs no login, and compares: a
wrong system.url-prefix, scheme or slug is named, with exit code 3. Where Sentry
tells its release, or --sentry-release does, advisories on its SAML login are
named too.`,
		Example: `  sentryidp saml urls --org acme
  sentryidp saml urls --org acme --sentry-url https://sentry.example.com --verify
  eval "$(sentryidp saml urls --org acme -o env)"`,
		Annotations: writes(everyDocument(report.Env)...),
		Args:        noArgs,
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "sentry.ca_file", "sentry.release")
	completeFile(cmd, "ca-file", "pem", "crt")
	cmd.Flags().BoolVar(&o.verify, "verify", false, "compare with the metadata that Sentry publishes")
	return cmd
}

func (o *samlUrlsOptions) run(cmd *cobra.Command) error {
	for _, flag := range []string{"ca-file", "sentry-release"} {
		if cmd.Flags().Changed(flag) && !o.verify {
			return fault.Hint(fault.Usagef("--%s is for asking Sentry, which only --verify does", flag), "add --verify")
		}
	}
	loaded, err := o.load(cmd)
	if err != nil {
		return err
	}
	if o.verify {
		err = loaded.VouchFor("sentry.ca_file") // no secret is sent, but who answers is believed
	}
	if err != nil {
		return err
	}
	base, slug, err := o.organization(loaded.Addresses())
	if err != nil {
		return err
	}
	urls := sentry.URLsOf(base, slug)
	if o.verify {
		return o.verifyUrls(cmd.Context(), urls, loaded)
	}
	return o.show(urls)
}

// organization returns where Sentry is and which organization is meant, and
// warns of what Sentry would stumble over.
func (a *app) organization(at config.Addresses) (sentry.Base, sentry.Slug, error) {
	if at.Org == "" {
		return sentry.Base{}, "", noOrganization()
	}
	slug, err := sentry.ParseSlug(at.Org)
	if err != nil {
		return sentry.Base{}, "", err
	}
	base, warnings, err := sentry.ParseBase(at.Sentry)
	if err != nil {
		return sentry.Base{}, "", err
	}
	for _, warning := range warnings {
		a.tellOnce(a.term.Warn, warning)
	}
	return base, slug, nil
}
