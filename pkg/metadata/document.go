package metadata

import (
	"crypto"
	"io"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Rendered is metadata together with what Sentry stores when it reads it.
type Rendered struct {
	EntityID          string     `json:"entity_id"`
	SSOURL            string     `json:"sso_url"`
	SLOURL            string     `json:"slo_url"`            // empty: Sentry has no logout URL
	X509Cert          string     `json:"x509cert"`           // base64 of the DER, on one line
	FingerprintSHA256 string     `json:"fingerprint_sha256"` // of that certificate, as openssl prints it
	NameIDFormats     []string   `json:"name_id_formats"`    // announced, and ignored by Sentry
	Signed            bool       `json:"signed"`
	ValidUntil        *time.Time `json:"valid_until,omitempty"` // UTC; absent: no end
	Findings          []Finding  `json:"findings"`              // as of lint, by line
	File              string     `json:"file,omitempty"`        // where it was written
	Metadata          string     `json:"metadata"`              // the XML
}

var _ report.Document = Rendered{}

// Build renders d, signed by key unless that is nil, and judges the result as
// [Judge] does any metadata, at the time now. What Sentry could not use is an
// error (code Usage), as is a description that says too little.
func Build(d Description, key crypto.Signer, now time.Time) (Rendered, error) {
	if err := d.check(); err != nil {
		return Rendered{}, err
	}
	xml, err := Render(d, key)
	if err != nil {
		return Rendered{}, err
	}
	judged, err := d.judge(xml, now)
	if err != nil {
		return Rendered{}, err
	}
	stored := judged.Stored
	r := Rendered{
		EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert,
		FingerprintSHA256: keypair.FingerprintSHA256(d.Certificates[0]),
		NameIDFormats:     append([]string{}, d.NameIDFormats...),
		Signed:            key != nil,
		Findings:          judged.Findings,
		Metadata:          string(xml),
	}
	if !d.ValidUntil.IsZero() {
		end := d.ValidUntil.UTC().Truncate(time.Second)
		r.ValidUntil = &end
	}
	return r, nil
}

// RenderText writes the XML itself, so that it can be redirected to a file; or,
// once it is in a file, what Sentry stores of it.
func (r Rendered) RenderText(w io.Writer, s ui.Styles) error {
	if r.File == "" {
		_, err := io.WriteString(w, r.Metadata)
		return err
	}
	end, signed := "", "no"
	formats := make([]string, len(r.NameIDFormats))
	for i, format := range r.NameIDFormats {
		formats[i] = ui.Printable(format)
	}
	if r.ValidUntil != nil {
		end = r.ValidUntil.Format(time.RFC3339)
	}
	if r.Signed {
		signed = "yes"
	}
	return s.Pairs(w, [][2]string{
		{"File", s.Code(r.File)},
		{"Entity ID", ui.Printable(r.EntityID)},
		{"SSO URL", ui.Printable(r.SSOURL)},
		{"SLO URL", ui.Printable(r.SLOURL)},
		{"Certificate SHA-256", r.FingerprintSHA256},
		{"Name ID formats", strings.Join(formats, "\n")},
		{"Signed", signed},
		{"Valid until", end},
	})
}
