package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

type samlResponseInspectOptions struct {
	*app

	metadata string
	at       string
	maps     []string
}

func newSamlResponse(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "response", Short: "Responses that an identity provider posts to Sentry"},
		newSamlResponseInspect(a),
	)
}

func newSamlResponseInspect(a *app) *cobra.Command {
	o := &samlResponseInspectOptions{app: a}
	cmd := &cobra.Command{
		Use:   "inspect [FILE|-]",
		Short: "Read a SAML response, and say what Sentry does with it",
		Long: `Read a SAML response from a file or standard input: its XML; the value of
SAMLResponse in base64, percent-encoded or deflated or not; the form body; a HAR
file; or the request as a browser copies it (curl, fetch).

With the metadata that Sentry was given and the organization, the response is
judged check by check as Sentry's library does, in its order and with its words;
the exit code is 3 when Sentry would refuse it, and when that cannot be told.
Who logs in depends on the attribute mapping that Sentry was given: that of --map
or saml.attributes, otherwise that of authentik's integration guide where the
identity provider is authentik. Where none is known, the verdict is "not known",
with the known mappings that would and would not work.`,
		Example: `  sentryidp saml response inspect response.txt
  sentryidp saml response inspect login.har --metadata idp.xml --org acme
  sentryidp saml response inspect response.txt --metadata idp.xml --org acme --map okta
  pbpaste | sentryidp saml response inspect - --metadata idp.xml --org acme -o json \
    --sentry-url https://sentry.example.com --at 2026-09-01T12:00:00Z`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, append(args, "-")[0]) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "sentry.release")
	flags := cmd.Flags()
	flags.StringVar(&o.metadata, "metadata", "", "judge the response for the identity provider of this metadata `file`")
	flags.StringVar(&o.at, "at", "", "judge it for this `time` instead of now (RFC 3339, such as 2026-09-01T12:00:00Z)")
	flags.StringArrayVar(&o.maps, "map", nil, mapHelp())
	completeValues(cmd, "map", presetKeys())
	completeFile(cmd, "metadata", "xml")
	return cmd
}

func (o *samlResponseInspectOptions) run(cmd *cobra.Command, path string) error {
	settings, err := o.settingsOf(cmd, path)
	if err != nil {
		return err
	}
	from := source{path, filekind.Response, samlresponse.MaxInput}
	response, err := parsed(cmd.Context(), o.app, from, samlresponse.Decode)
	if settings != nil && errors.Is(err, samlresponse.ErrUnreadable) {
		return o.verdict(samlresponse.Unreadable(err))
	}
	if err != nil {
		return err
	}
	if response.Found > 1 {
		o.term.Note("there are %d responses in %s; this is the last", response.Found, from.name())
	}
	if settings == nil {
		if found, ok := response.IsMessage(); !ok {
			return fault.Hint(fault.Usagef("%s: expected a SAML response but found the element %s", from.name(), found),
				"the element of a response is Response in the namespace urn:oasis:names:tc:SAML:2.0:protocol")
		}
		return o.show(response.Facts())
	}
	return o.verdict(samlresponse.Judge(response, *settings))
}

func (o *samlResponseInspectOptions) verdict(v *samlresponse.Verdict) error {
	if err := o.show(v); err != nil {
		return err
	}
	if !v.Accepted {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

// settingsOf returns what to judge with, or nil if the response is only to be
// shown.
func (o *samlResponseInspectOptions) settingsOf(cmd *cobra.Command, source string) (*samlresponse.Settings, error) {
	if o.metadata == "" {
		return nil, o.needless(cmd)
	}
	if o.metadata == "-" && source == "-" {
		return nil, fault.Usagef("standard input cannot be both the response and the metadata")
	}
	loaded, err := o.load(cmd)
	if err != nil {
		return nil, err
	}
	base, org, err := o.organization(loaded.Addresses())
	if err != nil {
		return nil, err
	}
	settings := &samlresponse.Settings{
		SP: sentry.URLsOf(base, org), At: o.now(), DefaultSP: defaultSentry(loaded),
	}
	if settings.Release, err = releaseOf(loaded); err != nil {
		return nil, err
	}
	if o.at != "" {
		if settings.At, err = time.Parse(time.RFC3339, o.at); err != nil {
			return nil, fault.Hint(fault.Usagef("expected a time for --at but found %q", o.at), "write it as RFC 3339 has it: 2026-09-01T12:00:00Z")
		}
	}
	if settings.Mapping, err = mappingOf(loaded, o.maps); err != nil {
		return nil, err
	}
	settings.Provider, err = o.provider(cmd.Context())
	return settings, err
}

// needless refuses flags that have no effect without --metadata.
func (o *samlResponseInspectOptions) needless(cmd *cobra.Command) error {
	for _, name := range []string{"at", "map", "org", "sentry-url", "sentry-release"} {
		if cmd.Flags().Changed(name) {
			return fault.Hint(fault.Usagef("--%s is for judging the response, which needs the identity provider's metadata", name),
				"add --metadata FILE, the metadata that Sentry was given")
		}
	}
	return nil
}

// provider reads what Sentry stores of the metadata.
func (o *samlResponseInspectOptions) provider(ctx context.Context) (samlresponse.Provider, error) {
	stored, err := parsed(ctx, o.app, source{o.metadata, filekind.Metadata, maxMetadata}, metadata.Parse)
	if err != nil {
		return samlresponse.Provider{}, err
	}
	if stored.EntityID == "" || stored.SSOURL == "" || stored.X509Cert == "" {
		return samlresponse.Provider{}, fault.Hint(fault.Usagef("%s has no entity ID, no HTTP-Redirect SSO URL or no certificate: Sentry does not store it", o.metadata),
			"give the metadata of the identity provider, as Sentry was given it")
	}
	return providerOf(stored), nil
}

func providerOf(stored metadata.Stored) samlresponse.Provider {
	return samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert}
}

// maxMetadata is more than metadata.Parse takes, in bytes, so that it is the
// one to complain.
const maxMetadata = 2 << 20
