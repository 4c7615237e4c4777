package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type samlCertInspectOptions struct {
	*app

	warnDays       int
	failOn         string
	passphraseFile string
	passphraseEnv  string
}

func newSamlCertInspect(a *app) *cobra.Command {
	o := &samlCertInspectOptions{app: a}
	levels := []string{"none", string(keypair.Warning), string(keypair.Error)}
	cmd := &cobra.Command{
		Use:   "inspect FILE|-|https://HOST",
		Short: "Show what a key or certificate is, and what is wrong with it",
		Long: `Show the certificates and keys of a file, of standard input, or of a server:
PEM in any order and lines (also UTF-16), DER, the base64 of it, PKCS#7 or
PKCS#12. The passphrase of PKCS#12 is asked for on a terminal, or read from a
file or a variable. Of a server, the certificates are shown whether they are
valid or not; nothing is sent to it.

Certificates are read as OpenSSL and Sentry read them. Where stricter programs
refuse one, that is a warning.`,
		Example: `  sentryidp saml cert inspect saml-signing.crt
  cat saml-signing.key saml-signing.crt | sentryidp saml cert inspect -
  sentryidp saml cert inspect https://authentik.example.com --fail-on warning --warn-days 60`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.IntVar(&o.warnDays, "warn-days", keypair.WarnDays, "warn of certificates that end within this `number` of days")
	flags.Var(enum(&o.failOn, levels[0], levels), "fail-on", "exit 3 when there is a finding at least this bad")
	flags.StringVar(&o.passphraseFile, "passphrase-file", "", "read the passphrase from `file`")
	flags.StringVar(&o.passphraseEnv, "passphrase-env", "", "read the passphrase from the variable `name`")
	completeValues(cmd, "fail-on", levels)
	completeFile(cmd, "passphrase-file")
	return cmd
}

func (o *samlCertInspectOptions) run(cmd *cobra.Command, source string) error {
	if err := exclusive(cmd, "passphrase-file", "passphrase-env"); err != nil {
		return err
	}
	if source == "-" && o.passphraseFile == "-" {
		return fault.Usagef("standard input cannot be both the input and the passphrase")
	}
	if o.warnDays < 0 {
		return fault.Usagef("want a number of days from 0 for --warn-days, found %d", o.warnDays)
	}
	contents, err := o.load(cmd.Context(), source)
	if err != nil {
		return err
	}
	inspection := keypair.Inspect(contents, o.now(), o.warnDays)
	if err := o.show(inspection); err != nil {
		return err
	}
	if o.failOn != "none" && inspection.Worst(keypair.Severity(o.failOn)) {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

func (o *samlCertInspectOptions) load(ctx context.Context, name string) (*keypair.Contents, error) {
	if strings.HasPrefix(name, "https://") {
		return o.shownBy(ctx, name)
	}
	contents, err := parsed(ctx, o.app, source{name, filekind.Keys, keypair.MaxBytes}, func(data []byte) (*keypair.Contents, error) {
		return keypair.Parse(data, func() (string, error) { return o.passphrase(ctx) })
	})
	if err != nil {
		return nil, err
	}
	if len(contents.Keys) > 0 {
		if err := o.checkSecretFile(name, privateKey); err != nil {
			o.term.Warn("%v", err) // to look at it does no harm
		}
	}
	return contents, nil
}

// maxPassphrase is the greatest length of a passphrase, in bytes.
const maxPassphrase = 1 << 20

func (o *samlCertInspectOptions) passphrase(ctx context.Context) (string, error) {
	switch {
	case o.passphraseFile != "":
		data, err := o.readInput(ctx, source{path: o.passphraseFile, limit: maxPassphrase})
		if err != nil && ctx.Err() != nil {
			return "", err
		}
		if err != nil {
			return "", fault.WithCode(fmt.Errorf("--passphrase-file: %w", err), fault.Credential)
		}
		if err := o.checkSecretFile(o.passphraseFile, "passphrase"); err != nil {
			return "", err
		}
		return strings.TrimRight(string(bom.Text(data)), "\r\n"), nil
	case o.passphraseEnv != "":
		text := o.getenv(o.passphraseEnv)
		if text == "" {
			return "", fault.New(fault.Credential, "the variable %s (--passphrase-env) is not set", o.passphraseEnv)
		}
		return text, nil
	}
	text, err := o.term.Passphrase(ctx, "passphrase of the PKCS#12 file")
	if errors.Is(err, ui.ErrNoTerminal) {
		return "", fault.Hint(fault.New(fault.Credential, "the PKCS#12 file has a passphrase, and there is no terminal to ask on"),
			"pass --passphrase-file FILE or --passphrase-env NAME")
	}
	return text, err
}
