package keypair

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// RenderText writes a block of facts for each certificate and key, then the
// findings.
func (in *Inspection) RenderText(w io.Writer, s ui.Styles) error {
	var out bytes.Buffer
	for i, c := range in.Certificates {
		fmt.Fprintf(&out, "%s\n", s.Title(fmt.Sprintf("Certificate %d", i+1)))
		if err := s.Pairs(&out, c.rows()); err != nil {
			return err
		}
		out.WriteString("\n")
	}
	for i, k := range in.Keys {
		fmt.Fprintf(&out, "%s\n", s.Title(fmt.Sprintf("Private key %d", i+1)))
		if err := s.Pairs(&out, k.rows(len(in.Certificates))); err != nil {
			return err
		}
		out.WriteString("\n")
	}
	for _, f := range in.Findings {
		f.render(&out, s)
	}
	if len(in.Findings) == 0 {
		fmt.Fprintf(&out, "%s nothing to complain about\n", s.Good("ok:"))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// render takes two lines, so that 80 columns hold both.
func (f Finding) render(out io.Writer, s ui.Styles) {
	severity := s.Warn(string(f.Severity) + ":")
	if f.Severity == Error {
		severity = s.Bad(string(f.Severity) + ":")
	}
	where := ""
	if f.Certificate > 0 {
		where = fmt.Sprintf("certificate %d: ", f.Certificate)
	}
	_, _ = fmt.Fprintf(out, "%s %s%s\n  %s %s\n", severity, where, f.Message, s.Dim("fix:"), f.Fix)
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

func (k KeyInfo) rows(certificates int) [][2]string {
	belongs := ""
	switch {
	case k.Certificate > 0:
		belongs = fmt.Sprintf("to certificate %d", k.Certificate)
	case certificates > 0:
		belongs = "to no certificate here"
	}
	return [][2]string{{"Key type", k.KeyType}, {"Belongs", belongs}, {"Public key", Folded(k.PublicKeySHA256)}}
}

func daysLeft(days int) string {
	if days < 0 {
		return "expired"
	}
	return plural(days, "day") + " left"
}

// Folded breaks a SHA-256 in two lines, so that 80 columns hold it.
func Folded(fingerprint string) string {
	const half = 16 * 3
	if len(fingerprint) <= half {
		return fingerprint
	}
	return fingerprint[:half-1] + "\n" + fingerprint[half:]
}
