package cmd

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
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
}

func newSamlCertCheck(a *app) *cobra.Command {
	o := &samlCertCheckOptions{app: a}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check that the certificates of all places agree and last",
		Long: `Compare the certificate that responses are signed with, the one that the IdP's
metadata announces, and the one that Sentry was given, as far as they are named:
Sentry trusts a single certificate, reads metadata once, and never looks at
dates. Exit code 3 when one differs, or ends within --warn-days.`,
		Example: `  sentryidp saml cert check --metadata https://id.example.com/application/saml/sentry/metadata/
  sentryidp saml cert check --cert saml-signing.crt --metadata idp.xml --sentry-cert sentry.crt`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.cert, "cert", "", "certificate in `file` that responses are signed with")
	flags.StringVar(&o.metadata, "metadata", "", "the IdP's metadata: a file or a `URL`")
	flags.StringVar(&o.sentryCert, "sentry-cert", "", "certificate in `file` that Sentry was given: PEM, or the text of its field")
	flags.IntVar(&o.warnDays, "warn-days", 30, "fail for certificates that end within this `number` of days")
	caFileFlag(cmd, &o.caFile)
	completeFile(cmd, "cert", "crt", "pem", "cer", "der")
	completeFile(cmd, "metadata", "xml")
	completeFile(cmd, "sentry-cert", "crt", "pem", "cer", "der", "txt")
	return cmd
}

func (o *samlCertCheckOptions) run(ctx context.Context) error {
	if o.cert == "" && o.metadata == "" {
		return fault.Hint(fault.Usagef("there is nothing to check: neither --cert nor --metadata is given"),
			"name the signing certificate, the IdP's metadata, or both")
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
	given, err := o.read(ctx)
	if err != nil {
		return err
	}
	check, err := given.Check(o.now(), o.warnDays)
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

func (o *samlCertCheckOptions) read(ctx context.Context) (given metadata.Certificates, err error) {
	if given.Signing, err = o.certificate(o.cert); err != nil {
		return given, err
	}
	if given.Sentry, err = o.certificate(o.sentryCert); err != nil {
		return given, err
	}
	switch {
	case o.metadata == "":
	case isURL(o.metadata):
		given.Metadata, _, err = o.fetchMetadata(ctx, o.metadata, o.caFile)
	default:
		given.Metadata, err = o.readInput(o.metadata, maxLinted)
	}
	return given, err
}

// certificate reads the file at path; no path means none.
func (o *samlCertCheckOptions) certificate(path string) (*x509.Certificate, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // nil is a certificate that is not compared
	}
	data, err := o.readInput(path, keypair.MaxBytes)
	if err != nil {
		return nil, err
	}
	cert, err := metadata.ReadCertificate(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return cert, nil
}
