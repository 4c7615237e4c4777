package cmd

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

type samlCertCheckOptions struct {
	*app

	cert       string
	metadata   string
	sentryCert string
	warnDays   int
	caFile     string
	authentik  bool
}

func newSamlCertCheck(a *app) *cobra.Command {
	o := &samlCertCheckOptions{app: a}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check that the certificates of all places agree and last",
		Long: `Compare the certificate that responses are signed with, the one that the IdP's
metadata announces, and the one that Sentry was given, as far as they are named;
with --authentik, the first two are read from authentik's API. Sentry trusts a
single certificate, reads metadata once, and never looks at dates. Exit code 3
when one differs, or ends within --warn-days.`,
		Example: `  sentryidp saml cert check --metadata https://id.example.com/application/saml/sentry/metadata/
  sentryidp saml cert check --cert saml-signing.crt --metadata idp.xml --sentry-cert sentry.crt
  sentryidp saml cert check --authentik --sentry-cert sentry.crt --warn-days 60`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "authentik.url", "authentik.application", "authentik.saml_provider", "insecure_http")
	flags := cmd.Flags()
	flags.BoolVar(&o.authentik, "authentik", false, "ask authentik's API what it signs with, and for its metadata")
	flags.StringVar(&o.cert, "cert", "", "certificate in `file` that responses are signed with")
	flags.StringVar(&o.metadata, "metadata", "", "the IdP's metadata: a file or a `URL`")
	flags.StringVar(&o.sentryCert, "sentry-cert", "", "certificate in `file` that Sentry was given: PEM, or the text of its field")
	flags.IntVar(&o.warnDays, "warn-days", keypair.WarnDays, "fail for certificates that end within this `number` of days")
	caFileFlag(cmd, &o.caFile)
	completeFile(cmd, "cert", "crt", "pem", "cer", "der")
	completeFile(cmd, "metadata", "xml")
	completeFile(cmd, "sentry-cert", "crt", "pem", "cer", "der", "txt")
	return a.forProfiles(cmd, profileRuns{idp: true})
}

func (o *samlCertCheckOptions) run(cmd *cobra.Command) error {
	if err := errors.Join(exclusive(cmd, "authentik", "cert"), exclusive(cmd, "authentik", "metadata")); err != nil {
		return err
	}
	if o.cert == "" && o.metadata == "" && !o.authentik {
		return fault.Hint(fault.Usagef("there is nothing to check: none of --cert, --metadata and --authentik is given"),
			"name the signing certificate, the IdP's metadata, or both, or ask authentik")
	}
	if o.caFile != "" && !isURL(o.metadata) {
		return fault.Hint(fault.Usagef("--ca-file is for fetching metadata, and --metadata is no URL"), "leave it out")
	}
	stdin := slices.DeleteFunc([]string{o.cert, o.metadata, o.sentryCert}, func(path string) bool { return path != "-" })
	if len(stdin) > 1 {
		return fault.Usagef("standard input can be one of the inputs alone")
	}
	if err := checkWarnDays(o.warnDays); err != nil {
		return err
	}
	given, err := o.read(cmd)
	if err != nil {
		return err
	}
	check, err := given.Check(o.now(), o.warnDays)
	if err != nil && o.metadata != "" {
		return wrongInput(fmt.Errorf("%s: %w", source{path: o.metadata}.name(), err))
	}
	if err != nil {
		return err
	}
	if err := o.show(check); err != nil {
		return err
	}
	if !check.OK {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

func (o *samlCertCheckOptions) read(cmd *cobra.Command) (given metadata.Certificates, err error) {
	ctx := cmd.Context()
	if given.Signing, err = o.certificate(ctx, o.cert); err != nil {
		return given, err
	}
	if o.authentik {
		if given.Signing, given.Metadata, err = o.ask(ctx, cmd); err != nil {
			return given, err
		}
	}
	if given.Sentry, err = o.certificate(ctx, o.sentryCert); err != nil {
		return given, err
	}
	switch {
	case o.metadata == "":
	case isURL(o.metadata):
		given.Metadata, _, err = o.fetchMetadata(ctx, o.metadata, o.caFile)
	default:
		given.Metadata, err = o.readInput(ctx, source{o.metadata, filekind.Metadata, maxLinted})
	}
	return given, err
}

// ask reads what authentik signs with, and its metadata.
func (o *samlCertCheckOptions) ask(ctx context.Context, cmd *cobra.Command) (*x509.Certificate, []byte, error) {
	loaded, err := o.settings(cmd, authentikAddress)
	if err != nil {
		return nil, nil, err
	}
	r, err := o.rotation(ctx, loaded, nil)
	if err != nil {
		return nil, nil, err
	}
	report, err := r.Look(ctx)
	if err != nil {
		return nil, nil, err
	}
	if report.Sentry == "" {
		return nil, nil, fault.Hint(fault.New(fault.Findings, "the SAML provider %q signs with no certificate", report.Provider), "'sentryidp authentik apply' gives it one")
	}
	certificate, err := metadata.ReadCertificate([]byte(report.Sentry))
	return certificate, []byte(report.Metadata), err
}

// certificate reads the file at path; no path means none.
func (o *samlCertCheckOptions) certificate(ctx context.Context, path string) (*x509.Certificate, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // nil is a certificate that is not compared
	}
	return parsed(ctx, o.app, source{path, filekind.Certificate, keypair.MaxBytes}, metadata.ReadCertificate)
}
