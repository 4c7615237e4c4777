package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/version"
)

// maxLinted bounds what is read at all, in bytes. Judge calls less than that
// too large already, as a finding.
const maxLinted = 64 << 20

// failNever is the word for no exit code from findings.
const failNever = "never"

type samlMetadataLintOptions struct {
	*app

	failOn   string
	warnDays int
	caFile   string
}

func newSamlMetadataLint(a *app) *cobra.Command {
	o := &samlMetadataLintOptions{app: a}
	levels := []string{string(metadata.Error), string(metadata.Warning), string(metadata.Info), failNever}
	cmd := &cobra.Command{
		Use:   "lint FILE|URL|-",
		Short: "Say what Sentry makes of IdP metadata, and what is wrong with it",
		Long: `Judge metadata of an identity provider as Sentry's own parser would: whether
Sentry stores it, what of it, which certificate it trusts, and what will fail or
surprise later, each with its line and what helps. A URL is fetched as Sentry
would, without following redirects.

-o sarif writes SARIF 2.1.0 for code scanners.`,
		Example: `  sentryidp saml metadata lint idp.xml
  sentryidp saml metadata lint https://idp.example.com/metadata/ --fail-on warning
  sentryidp saml metadata lint idp.xml -o sarif > idp.sarif`,
		Annotations: writes(everyDocument(report.SARIF)...),
		Args:        usageArgs(cobra.ExactArgs(1)),
		RunE:        func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	flags := cmd.Flags()
	flags.Var(enum(&o.failOn, levels[0], levels), "fail-on", "exit 3 when there is a finding at least this bad")
	flags.IntVar(&o.warnDays, "warn-days", keypair.WarnDays, "warn of certificates that end within this `number` of days")
	caFileFlag(cmd, &o.caFile)
	completeValues(cmd, "fail-on", levels)
	return cmd
}

func (o *samlMetadataLintOptions) run(ctx context.Context, source string) error {
	if err := checkWarnDays(o.warnDays); err != nil {
		return err
	}
	judged, err := o.judge(ctx, source)
	if err != nil {
		return err
	}
	if err := o.show(&lintDocument{judged, version.Read(o.release, o.builder).Version}); err != nil {
		return err
	}
	if o.failOn != failNever && judged.Worst(metadata.Severity(o.failOn)) {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

func (o *samlMetadataLintOptions) judge(ctx context.Context, name string) (*metadata.Judgement, error) {
	from := metadata.Source{Name: fault.Harmless(name), Now: o.now(), WarnDays: o.warnDays}
	if !isURL(name) {
		data, err := o.readInput(ctx, source{name, filekind.Metadata, maxLinted})
		if err != nil {
			return nil, err
		}
		return metadata.Judge(data, from), nil
	}
	from.URL = name
	data, reach, err := o.fetchMetadata(ctx, name, o.caFile)
	if err != nil {
		return nil, err
	}
	judged := metadata.Judge(data, from)
	judged.Add(reach)
	return judged, nil
}

func isURL(source string) bool {
	return strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://")
}

func checkWarnDays(days int) error {
	if days < 0 {
		return fault.Usagef("want a number of days from 0 for --warn-days, found %d", days)
	}
	return nil
}

// lintDocument is the document of `saml metadata lint`.
type lintDocument struct {
	*metadata.Judgement

	version string
}

var _ report.SARIFDocument = (*lintDocument)(nil)

// SARIF returns the findings as a log.
func (d *lintDocument) SARIF() any { return d.Judgement.SARIF(d.version) }
