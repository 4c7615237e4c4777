package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
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
the exit code is 3 when Sentry would refuse it. Sentry's attribute mapping is not
known: unless --map names it, that of authentik's guide is taken, or Okta's or
Entra's where the response fits those.`,
		Example: `  sentryidp saml response inspect response.txt
  sentryidp saml response inspect login.har --metadata idp.xml --org acme
  pbpaste | sentryidp saml response inspect - --metadata idp.xml --org acme -o json \
    --sentry-url https://sentry.example.com --at 2026-09-01T12:00:00Z`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, append(args, "-")[0]) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url")
	flags := cmd.Flags()
	flags.StringVar(&o.metadata, "metadata", "", "judge the response for the identity provider of this metadata `file`")
	flags.StringVar(&o.at, "at", "", "judge it for this `time` instead of now (RFC 3339, such as 2026-09-01T12:00:00Z)")
	flags.StringArrayVar(&o.maps, "map", nil, "take `field=attribute` as Sentry's mapping; fields: "+strings.Join(mapFields(), ", ")+" (repeatable)")
	completeFile(cmd, "metadata", "xml")
	return cmd
}

func (o *samlResponseInspectOptions) run(cmd *cobra.Command, source string) error {
	settings, err := o.settingsOf(cmd, source)
	if err != nil {
		return err
	}
	input, err := o.readInput(source, samlresponse.MaxInput)
	if err != nil {
		return fault.Hint(err, "want a file, or - for standard input")
	}
	response, err := samlresponse.Decode(input)
	if settings != nil && errors.Is(err, samlresponse.ErrUnreadable) {
		return o.verdict(samlresponse.Unreadable(err))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if response.Found > 1 {
		o.term.Note("there are %d responses in %s; this is the last", response.Found, source)
	}
	if settings == nil {
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
	addresses, err := o.addresses(cmd)
	if err != nil {
		return nil, err
	}
	base, org, err := o.organization(addresses)
	if err != nil {
		return nil, err
	}
	settings := &samlresponse.Settings{SP: sentry.URLsOf(base, org), At: o.now()}
	if o.at != "" {
		if settings.At, err = time.Parse(time.RFC3339, o.at); err != nil {
			return nil, fault.Hint(fault.Usagef("want a time for --at, found %q", o.at), "write it as RFC 3339 has it: 2026-09-01T12:00:00Z")
		}
	}
	if settings.Mapping, err = o.mapping(); err != nil {
		return nil, err
	}
	settings.Provider, err = o.provider()
	return settings, err
}

// needless refuses flags that have no effect without --metadata.
func (o *samlResponseInspectOptions) needless(cmd *cobra.Command) error {
	for _, name := range []string{"at", "map", "org", "sentry-url"} {
		if cmd.Flags().Changed(name) {
			return fault.Hint(fault.Usagef("--%s is for judging the response, which needs the identity provider's metadata", name),
				"add --metadata FILE, the metadata that Sentry was given")
		}
	}
	return nil
}

// provider reads what Sentry stores of the metadata.
func (o *samlResponseInspectOptions) provider() (samlresponse.Provider, error) {
	data, err := o.readInput(o.metadata, maxMetadata)
	if err != nil {
		return samlresponse.Provider{}, fmt.Errorf("--metadata: %w", err)
	}
	stored, err := metadata.Parse(data)
	if err != nil {
		return samlresponse.Provider{}, fmt.Errorf("%s: %w", o.metadata, err)
	}
	if stored.EntityID == "" || stored.SSOURL == "" || stored.X509Cert == "" {
		return samlresponse.Provider{}, fault.Hint(fault.New(fault.Failed, "%s has no entity ID, no HTTP-Redirect SSO URL or no certificate: Sentry does not store it", o.metadata),
			"give the metadata of the identity provider, as Sentry was given it")
	}
	return samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert}, nil
}

// maxMetadata is more than metadata.Parse takes, in bytes, so that it is the
// one to complain.
const maxMetadata = 2 << 20

func mapFields() []string { return []string{"identifier", "email", "first_name", "last_name"} }

// mapping reads --map, or returns nil if there is none.
func (o *samlResponseInspectOptions) mapping() (*samlresponse.Mapping, error) {
	if len(o.maps) == 0 {
		return nil, nil //nolint:nilnil // no mapping is a value: the response decides
	}
	m := &samlresponse.Mapping{}
	fields := map[string]*string{"identifier": &m.Identifier, "email": &m.Email, "first_name": &m.FirstName, "last_name": &m.LastName}
	for _, pair := range o.maps {
		field, name, _ := strings.Cut(pair, "=")
		target, ok := fields[field]
		if !ok || name == "" {
			return nil, fault.Hint(fault.Usagef("want field=attribute for --map, found %q", pair), "the fields are %s", strings.Join(mapFields(), ", "))
		}
		*target = name
	}
	if m.Identifier == "" || m.Email == "" {
		return nil, fault.Hint(fault.Usagef("--map has to name the attributes for identifier and for email"),
			"Sentry needs both: --map identifier=NAME --map email=NAME")
	}
	return m, nil
}
