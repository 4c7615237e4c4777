package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type sentryScriptOptions struct {
	*app

	metadata string
	caFile   string
	version  string // of authentik
	maps     []string
	out      string
	force    bool
}

func newSentryScript(a *app) *cobra.Command {
	o := &sentryScriptOptions{app: a}
	cmd := &cobra.Command{
		Use:   "script",
		Short: "Write a script that sets SAML and SCIM up in a self-hosted Sentry",
		Long: `Write one Python file for 'sentry exec', which sets SSO of the organization up in a
self-hosted Sentry without a browser. An action is named when it is run:

` + actionsHelp() + `

An action says what it would change, and writes only with --apply: in one
transaction, after it has checked that Sentry has all that it relies on. Repeated,
it changes nothing. What is not named, such as advanced settings, keeps its value.
No key is in the script or printed by it.

It uses Sentry's internals, which can change with each release. They were read for
` + sentryexec.ReleasesRead() + `: with another release it writes only if --accept-release names that.
Sentry's own page also links your account, mails the members, writes the audit log
and switches required two-factor authentication off: the script does not.

The identity provider is read from --metadata, as Sentry would read it, or follows
from authentik.url, authentik.application and authentik.certificate_file. Without
either, the script has no actions saml and certificate.`,
		Example: `  sentryidp sentry script --org acme --sentry-url https://sentry.example.com --metadata idp.xml > sentry.py
  docker compose exec -T web sentry exec - saml < sentry.py
  docker compose exec -T web sentry exec - saml --apply < sentry.py
  docker compose exec -T web sentry exec - status < sentry.py > out.json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.flags(cmd)
	return cmd
}

// actionsHelp lists the actions of the script.
func actionsHelp() string {
	var lines []string
	for _, m := range sentryexec.Actions() {
		lines = append(lines, fmt.Sprintf("  %-12s  %s", m.Action, m.Words))
	}
	return strings.Join(lines, "\n")
}

func (o *sentryScriptOptions) flags(cmd *cobra.Command) {
	settingFlags(cmd, "sentry.org", "sentry.url", "authentik.url", "authentik.application", "authentik.issuer", "authentik.certificate_file")
	completeFile(cmd, "certificate-file", "crt", "pem", "cer")
	flags := cmd.Flags()
	flags.StringVar(&o.metadata, "metadata", "", "the IdP's metadata: a file or a `URL`")
	caFileFlag(cmd, &o.caFile)
	authentikVersionFlag(cmd, &o.version)
	flags.StringArrayVar(&o.maps, "map", nil, "attribute mapping for Sentry, as `field=attribute` (repeatable; fields: "+
		strings.Join(mapFields(), ", ")+") or as the name of a known mapping: "+strings.Join(presetKeys(), ", ")+" (default: saml.attributes, or that of authentik's guide)")
	flags.StringVar(&o.out, "out", "", "write to `file` and print how to run it")
	flags.BoolVar(&o.force, "force", false, "replace the file of --out")
	completeValues(cmd, "map", presetKeys())
	completeFile(cmd, "metadata", "xml")
	completeFile(cmd, "out", "py")
}

func (o *sentryScriptOptions) run(cmd *cobra.Command) error {
	if err := o.check(cmd); err != nil {
		return err
	}
	loaded, err := o.settings(cmd, sentryAddress, authentikAddress)
	if err != nil {
		return err
	}
	base, slug, err := o.organization(loaded.Addresses())
	if err != nil {
		return err
	}
	if base.IsSaaS() {
		return fault.Hint(fault.Usagef("expected a self-hosted Sentry but found %s, which has no 'sentry exec'", base),
			"pass --sentry-url with the address of yours; at sentry.io, SSO is set up in Settings > Auth")
	}
	settings := sentryexec.Settings{Org: slug, SentryURL: base}
	if settings.IDP, err = o.identityProvider(cmd.Context(), loaded); err != nil {
		return err
	}
	script, err := sentryexec.Script(settings)
	if err != nil {
		return err
	}
	o.term.Note("the script uses Sentry's internals, which were read for %s", sentryexec.ReleasesRead())
	doc := &scriptDocument{Org: string(slug), SentryURL: base.String(), WithIDP: settings.IDP != nil, File: o.out, Script: string(script)}
	if o.out != "" {
		if err := writeNew(o.out, script, o.force); err != nil {
			return err
		}
	}
	return o.show(doc)
}

func (o *sentryScriptOptions) check(cmd *cobra.Command) error {
	if o.force && o.out == "" {
		return fault.Hint(fault.Usagef("--force replaces the file of --out, and there is no --out"), "add --out FILE")
	}
	if o.caFile != "" && !isURL(o.metadata) {
		return fault.Hint(fault.Usagef("--ca-file is for fetching metadata, and --metadata is not a URL"), "leave it out")
	}
	for _, flag := range []string{"certificate-file", "issuer", "authentik-version"} {
		if err := exclusive(cmd, "metadata", flag); err != nil {
			return err
		}
	}
	return nil
}

// identityProvider is the one to set up; nil where none is named.
func (o *sentryScriptOptions) identityProvider(ctx context.Context, loaded *config.Loaded) (*sentryexec.IDP, error) {
	described, err := o.describe(ctx, loaded)
	if err != nil || described == nil {
		return nil, err
	}
	rendered, err := metadata.Build(*described, nil, o.now())
	if err != nil {
		return nil, wrongInput(err)
	}
	for _, f := range rendered.Findings {
		if f.Severity.AtLeast(metadata.Warning) {
			o.term.Warn("%s", ui.Printable(f.Sentence()))
		}
	}
	mapping, err := o.mapping(loaded)
	if err != nil {
		return nil, err
	}
	return &sentryexec.IDP{
		EntityID: described.EntityID, SSOURL: described.SSORedirect, SLOURL: described.SLORedirect,
		Certificate: described.Certificates[0].Raw, Mapping: mapping,
	}, nil
}

// mapping is the attribute mapping: that of --map, of the configuration, or of
// authentik's guide.
func (o *sentryScriptOptions) mapping(loaded *config.Loaded) (sentry.Mapping, error) {
	if len(o.maps) > 0 {
		m, err := mappingOfFlags(o.maps)
		if err != nil {
			return sentry.Mapping{}, err
		}
		return m.Mapping, nil
	}
	given, err := configuredMapping(loaded)
	if err != nil || given.Known() {
		return given, err
	}
	guide := sentry.GuideMapping()
	o.term.Note("the attribute mapping is that of %s: --map names another", guide.Name)
	return guide.Mapping, nil
}

// scriptDocument is the document of `sentry script`.
type scriptDocument struct {
	Org       string `json:"org"`
	SentryURL string `json:"sentry_url"`
	WithIDP   bool   `json:"with_identity_provider"`
	File      string `json:"file,omitempty"`
	Script    string `json:"script"`
}

var _ report.Document = (*scriptDocument)(nil)

// RenderText writes the script itself or, once it is in a file, how to run it.
func (d *scriptDocument) RenderText(w io.Writer, s ui.Styles) error {
	if d.File == "" {
		_, err := io.WriteString(w, d.Script)
		return err
	}
	run := func(action string) string { return s.Code(sentryexec.Command(action, d.File)) }
	rows := [][2]string{{"File", s.Code(d.File)}, {"Look", run(string(sentryexec.Status))}}
	if d.WithIDP {
		rows = append(rows, [2]string{"Plan", run(string(sentryexec.SAML))}, [2]string{"Apply", run("saml --apply")})
	}
	return s.Pairs(w, rows)
}
