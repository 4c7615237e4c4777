package metadata

import (
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// The places where a certificate stands, which all have to have the same one.
const (
	AtSigner   = "signing"  // what responses are signed with
	AtMetadata = "metadata" // what the IdP's metadata says, of which Sentry takes one
	AtSentry   = "sentry"   // what Sentry was given
)

// Certificates are what is compared. Nil is not compared; Metadata is the XML.
type Certificates struct {
	Signing  *x509.Certificate
	Metadata []byte
	Sentry   *x509.Certificate
}

// CertificateCheck says how long certificates last and whether they are one.
type CertificateCheck struct {
	OK           bool                 `json:"ok"`
	WarnDays     int                  `json:"warn_days"`
	Certificates []PlacedCertificate  `json:"certificates"`
	Findings     []CertificateFinding `json:"findings"`
	Warnings     []CertificateFinding `json:"warnings"` // of weakness, which Sentry does not mind: OK does not look at them
}

// PlacedCertificate is the certificate of one place.
type PlacedCertificate struct {
	Place string `json:"place"`
	keypair.CertificateInfo
}

// CertificateFinding is what is wrong at a place.
type CertificateFinding struct {
	Code    string `json:"code"` // mismatch, not-trusted, or one of keypair's: expired, expires-soon, not-yet-valid; short-rsa and the like
	Place   string `json:"place"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Check compares the certificates with each other and their ends with the time
// now. It fails where the metadata cannot be read or has no certificate.
func (c Certificates) Check(now time.Time, warnDays int) (*CertificateCheck, error) {
	check := &CertificateCheck{WarnDays: warnDays, Certificates: []PlacedCertificate{}, Findings: []CertificateFinding{}, Warnings: []CertificateFinding{}}
	announced, err := c.announced()
	if err != nil {
		return nil, err
	}
	check.place(AtSigner, c.Signing, now)
	if len(announced) > 0 {
		check.place(AtMetadata, announced[0], now)
	}
	check.place(AtSentry, c.Sentry, now)
	check.compare(c.Signing, announced, c.Sentry)
	check.OK = len(check.Findings) == 0
	return check, nil
}

// announced are the certificates of the metadata, the one that Sentry takes
// first.
func (c Certificates) announced() ([]*x509.Certificate, error) {
	if c.Metadata == nil {
		return nil, nil
	}
	r, err := read(c.Metadata)
	if err != nil {
		return nil, err
	}
	trusted := r.trusted()
	if trusted < 0 {
		return nil, fault.Hint(fault.New(fault.Failed, "the metadata has no certificate that Sentry would take"), "see sentryidp saml metadata lint")
	}
	first := parseCertificate(r.keys[trusted].text)
	if first == nil {
		return nil, fault.Hint(fault.New(fault.Failed, "line %d of the metadata is not the base64 of an X.509 certificate", r.keys[trusted].line),
			"see sentryidp saml metadata lint")
	}
	list := []*x509.Certificate{first}
	for _, key := range r.keys {
		if other := parseCertificate(key.text); other != nil && key.signs() && !other.Equal(first) {
			list = append(list, other)
		}
	}
	return list, nil
}

func (check *CertificateCheck) add(code, place, message, fix string) {
	check.Findings = append(check.Findings, CertificateFinding{code, place, message, fix})
}

func (check *CertificateCheck) place(place string, cert *x509.Certificate, now time.Time) {
	if cert == nil {
		return
	}
	check.Certificates = append(check.Certificates, PlacedCertificate{place, keypair.Describe(cert, now)})
	contents := &keypair.Contents{Format: keypair.DER, Certificates: []*x509.Certificate{cert}}
	for _, f := range keypair.Inspect(contents, now, check.WarnDays).Findings {
		switch f.Code {
		case keypair.Expired, keypair.ExpiresSoon, keypair.NotYetValid:
			check.add(f.Code, place, f.Message, f.Fix)
		case keypair.WeakSignature, keypair.ShortRSA, keypair.UnsupportedKey, keypair.UnusualKey, keypair.NotStrict:
			check.Warnings = append(check.Warnings, CertificateFinding{f.Code, place, f.Message, f.Fix})
		}
	}
}

// compare holds the places against each other: what is signed with comes first.
func (check *CertificateCheck) compare(signing *x509.Certificate, announced []*x509.Certificate, given *x509.Certificate) {
	var first *x509.Certificate
	if len(announced) > 0 {
		first = announced[0]
	}
	if signing != nil && first != nil && !signing.Equal(first) {
		if slices.ContainsFunc(announced, signing.Equal) {
			check.add("not-trusted", AtMetadata, "the signing certificate is in the metadata, but Sentry trusts another one that stands before it",
				"let the IdP announce the certificate that it signs with alone")
		} else {
			check.add("mismatch", AtMetadata, "the metadata does not have the certificate that responses are signed with",
				"choose the same certificate at the IdP, and fetch the metadata again")
		}
	}
	want, what := signing, "that responses are signed with"
	if want == nil {
		want, what = first, "that the metadata announces"
	}
	if given != nil && want != nil && !given.Equal(want) {
		check.add("mismatch", AtSentry, "Sentry does not have the certificate "+what+": it refuses every login",
			"write that certificate into Settings > Auth of the organization")
	}
}

// ReadCertificate reads one certificate as people keep it: see [keypair.Parse],
// which also takes the bare base64 that Sentry's field shows. Of several, it is
// the first.
func ReadCertificate(data []byte) (*x509.Certificate, error) {
	contents, err := keypair.Parse(data, func() (string, error) {
		return "", fault.Hint(fault.New(fault.Credential, "it needs a passphrase"), "give the certificate alone, in PEM")
	})
	if err != nil {
		return nil, err
	}
	if len(contents.Certificates) == 0 {
		return nil, fault.Hint(fault.New(fault.Failed, "there is a key and no certificate"), "give the certificate")
	}
	return contents.Certificates[0], nil
}

var _ report.Document = (*CertificateCheck)(nil)

// RenderText writes a block a place, then the findings.
func (check *CertificateCheck) RenderText(w io.Writer, s ui.Styles) error {
	var out strings.Builder
	titles := map[string]string{AtSigner: "Responses are signed with", AtMetadata: "The metadata announces", AtSentry: "Sentry was given"}
	for _, c := range check.Certificates {
		days := fmt.Sprintf("%d days left", c.DaysLeft)
		if c.DaysLeft < 0 {
			days = "expired"
		}
		fmt.Fprintf(&out, "%s\n", s.Title(titles[c.Place]))
		if err := s.Pairs(&out, [][2]string{
			{"Subject", ui.Printable(c.Subject)},
			{"Until", fmt.Sprintf("%s (%s)", c.NotAfter.Format(time.RFC3339), days)},
			{"SHA-256", keypair.Folded(c.FingerprintSHA256)},
		}); err != nil {
			return err
		}
		out.WriteString("\n")
	}
	for _, f := range check.Findings {
		f.render(&out, s, s.Bad("problem:"), len("problem:"))
	}
	for _, f := range check.Warnings {
		f.render(&out, s, s.Warn("warning:"), len("warning:"))
	}
	if check.OK {
		fmt.Fprintf(&out, "%s for more than %d days\n", s.Good("ok:"), check.WarnDays)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (f CertificateFinding) render(out io.Writer, s ui.Styles, label string, width int) {
	_, _ = fmt.Fprintf(out, "%s %s\n  %s %s\n", label, fold(f.Place+": "+f.Message+" ["+f.Code+"]", "  ", s.Width()-width-2),
		s.Dim("fix:"), fold(f.Fix, "    ", s.Width()-7))
}
