package cmd

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type samlCertGenerateOptions struct {
	*app

	keyType    string
	commonName string
	days       int
	outDir     string
	stdout     bool
	force      bool
}

func newSamlCertGenerate(a *app) *cobra.Command {
	o := &samlCertGenerateOptions{app: a}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Make a signing key and a self-signed certificate",
		Long: `Make a key and a self-signed certificate to sign SAML with, in two files:
saml-signing.key (PKCS#8, readable by you alone) and saml-signing.crt. Files that
exist are not replaced. The certificate starts five minutes ago, for clocks that
are behind.`,
		Example: `  sentryidp saml cert generate --org acme --out-dir keys
  sentryidp saml cert generate --key-type ecdsa-p256 --days 365 -o json
  sentryidp saml cert generate --stdout | age -r "$RECIPIENT" > saml.age`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org")
	flags := cmd.Flags()
	flags.Var(enum(&o.keyType, string(keypair.RSA3072), keypair.KeyTypes()), "key-type", "kind and size of the key")
	flags.StringVar(&o.commonName, "common-name", "", "`name` in the certificate (default: sentryidp SAML signing, and the organization)")
	flags.IntVar(&o.days, "days", keypair.DefaultDays, "`number` of days that the certificate is valid")
	flags.StringVar(&o.outDir, "out-dir", ".", "write the files into this `folder`")
	flags.BoolVar(&o.stdout, "stdout", false, "print the key and the certificate, write no files")
	flags.BoolVar(&o.force, "force", false, "replace files that exist")
	completeValues(cmd, "key-type", keypair.KeyTypes())
	must(cmd.MarkFlagDirname("out-dir"))
	return cmd
}

func (o *samlCertGenerateOptions) run(cmd *cobra.Command) error {
	if o.stdout && o.format != report.Text {
		return fault.Hint(fault.Usagef("--stdout prints PEM, and --output %s a document, which never holds the key", o.format), "leave one of them out")
	}
	if err := errors.Join(exclusive(cmd, "stdout", "out-dir"), exclusive(cmd, "stdout", "force")); err != nil {
		return err
	}
	name, err := o.name(cmd)
	if err != nil {
		return err
	}
	pair, err := keypair.Generate(keypair.Options{
		Type: keypair.KeyType(o.keyType), CommonName: name, Days: o.days, Now: o.now(), Rand: o.rand,
	})
	if err != nil {
		return err
	}
	if pair.Type.IsECDSA() {
		o.term.Warn("an ECDSA key fails with authentik's default, rsa-sha256: set the provider's signature algorithm to ecdsa-sha256")
	}
	if o.stdout {
		return o.print(pair)
	}
	files, err := pair.WriteFiles(o.outDir, atomicfile.Replace(o.force))
	if err != nil {
		return err
	}
	return o.show(generatedOf(pair, files, o.days, o.now()))
}

// name is the common name: the given one, or our own with the organization.
func (o *samlCertGenerateOptions) name(cmd *cobra.Command) (string, error) {
	if o.commonName != "" {
		return o.commonName, nil
	}
	addresses, err := o.addresses(cmd)
	if err != nil {
		return "", err
	}
	name := "sentryidp SAML signing"
	if addresses.Org != "" {
		name += " " + addresses.Org
	}
	if runes := []rune(name); len(runes) > keypair.MaxCommonName {
		name = string(runes[:keypair.MaxCommonName])
	}
	return name, nil
}

func (o *samlCertGenerateOptions) print(pair *keypair.Pair) error {
	key, err := pair.KeyPEM()
	if err != nil {
		return err
	}
	_, err = o.term.Out.Write(append(key, pair.CertificatePEM()...))
	return err
}

// generatedDocument is the document of `saml cert generate`.
type generatedDocument struct {
	KeyFile           string    `json:"key_file"`
	CertificateFile   string    `json:"certificate_file"`
	Subject           string    `json:"subject"`
	CommonName        string    `json:"common_name"`
	Serial            string    `json:"serial"`
	NotBefore         time.Time `json:"not_before"`
	NotAfter          time.Time `json:"not_after"`
	Days              int       `json:"days"`
	KeyType           string    `json:"key_type"`
	FingerprintSHA256 string    `json:"fingerprint_sha256"`
	FingerprintSHA1   string    `json:"fingerprint_sha1"`
}

func generatedOf(pair *keypair.Pair, files keypair.Files, days int, now time.Time) *generatedDocument {
	facts := keypair.Describe(pair.Certificate, now)
	return &generatedDocument{
		KeyFile: files.Key, CertificateFile: files.Certificate,
		Subject: facts.Subject, CommonName: pair.Certificate.Subject.CommonName, Serial: facts.Serial,
		NotBefore: facts.NotBefore, NotAfter: facts.NotAfter, Days: days, KeyType: string(pair.Type),
		FingerprintSHA256: facts.FingerprintSHA256, FingerprintSHA1: facts.FingerprintSHA1,
	}
}

// RenderText writes one line a fact.
func (d *generatedDocument) RenderText(w io.Writer, s ui.Styles) error {
	return s.Pairs(w, [][2]string{
		{"Key", s.Code(d.KeyFile) + " (keep it to yourself)"},
		{"Certificate", s.Code(d.CertificateFile)},
		{"Common name", ui.Printable(d.CommonName)},
		{"Key type", d.KeyType},
		{"Valid until", fmt.Sprintf("%s (%d days)", d.NotAfter.Format(time.RFC3339), d.Days)},
		{"Serial", d.Serial},
		{"SHA-256", keypair.Folded(d.FingerprintSHA256)},
		{"SHA-1", d.FingerprintSHA1},
	})
}
