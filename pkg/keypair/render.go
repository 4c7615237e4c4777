package keypair

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// RenderText writes a block of facts for each certificate and key, then the
// findings.
func (in *Inspection) RenderText(w io.Writer, s ui.Styles) error {
	var out strings.Builder
	for i, c := range in.Certificates {
		fmt.Fprintf(&out, "%s\n", s.Title(fmt.Sprintf("Certificate %d", i+1)))
		if err := s.Pairs(&out, c.rows()); err != nil {
			return err
		}
		out.WriteString("\n")
	}
	for i, k := range in.Keys {
		fmt.Fprintf(&out, "%s\n", s.Title(fmt.Sprintf("Private key %d", i+1)))
		belongs := "to none of the certificates"
		if k.Certificate > 0 {
			belongs = fmt.Sprintf("to certificate %d", k.Certificate)
		} else if len(in.Certificates) == 0 {
			belongs = ""
		}
		if err := s.Pairs(&out, [][2]string{{"Key type", k.KeyType}, {"Belongs", belongs}, {"Public key", Folded(k.PublicKeySHA256)}}); err != nil {
			return err
		}
		out.WriteString("\n")
	}
	for _, f := range in.Findings {
		f.render(&out, s)
	}
	if len(in.Findings) == 0 {
		fmt.Fprintf(&out, "%s: nothing to complain of\n", s.Good("ok"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (f Finding) render(out *strings.Builder, s ui.Styles) {
	severity := s.Warn(string(f.Severity))
	if f.Severity == Error {
		severity = s.Bad(string(f.Severity))
	}
	where := ""
	if f.Certificate > 0 {
		where = fmt.Sprintf("certificate %d ", f.Certificate)
	}
	fmt.Fprintf(out, "%s: %s%s [%s]\n  %s %s\n", severity, where, f.Message, f.Code, s.Dim("fix:"), f.Fix)
}

func (c CertificateInfo) rows() [][2]string {
	kind := "signed by another"
	if c.SelfSigned {
		kind = "self-signed"
	}
	if c.IsCA {
		kind += ", CA"
	}
	issuer := ui.Printable(c.Issuer)
	if c.Issuer == c.Subject {
		issuer = ""
	}
	return [][2]string{
		{"Subject", ui.Printable(c.Subject)},
		{"Issuer", issuer},
		{"Kind", kind},
		{"Serial", c.Serial},
		{"Valid from", c.NotBefore.Format(time.RFC3339)},
		{"Valid until", fmt.Sprintf("%s (%s)", c.NotAfter.Format(time.RFC3339), daysLeft(c.DaysLeft))},
		{"Key type", c.KeyType},
		{"Signature", c.SignatureAlgorithm},
		{"SHA-256", Folded(c.FingerprintSHA256)},
		{"SHA-1", c.FingerprintSHA1},
	}
}

func daysLeft(days int) string {
	if days < 0 {
		return "expired"
	}
	return fmt.Sprintf("%d days left", days)
}

// Folded breaks a SHA-256 in two lines, so that 80 columns hold it.
func Folded(fingerprint string) string {
	const half = 16 * 3
	if len(fingerprint) <= half {
		return fingerprint
	}
	return fingerprint[:half-1] + "\n" + fingerprint[half:]
}
