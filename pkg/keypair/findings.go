package keypair

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
	"time"
)

// Severity is how bad a finding is.
type Severity string

// The severities, the lesser first.
const (
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Finding is something that is wrong or will be, and what to do.
type Finding struct {
	Code        string   `json:"code"`
	Severity    Severity `json:"severity"`
	Certificate int      `json:"certificate"` // its number, from 1; 0: the whole input
	Message     string   `json:"message"`
	Fix         string   `json:"fix"`
}

// minRSA is the least RSA size that is still thought safe (NIST SP 800-131A).
const minRSA = 2048

// Worst reports whether there is a finding of at least the given severity.
func (in *Inspection) Worst(least Severity) bool {
	return slices.ContainsFunc(in.Findings, func(f Finding) bool { return f.Severity == Error || least == Warning })
}

func (in *Inspection) find(certificate int, severity Severity, code, message, fix string) {
	in.Findings = append(in.Findings, Finding{Code: code, Severity: severity, Certificate: certificate, Message: message, Fix: fix})
}

func (in *Inspection) findCertificate(i int, c *x509.Certificate, now time.Time, warnDays int) {
	const renew = "make a new pair: sentryidp saml cert generate"
	n, days := i+1, in.Certificates[i].DaysLeft
	switch {
	case now.After(c.NotAfter):
		in.find(n, Error, "expired", fmt.Sprintf("expired %d days ago", -days-1), renew)
	case now.Before(c.NotBefore):
		in.find(n, Error, "not-yet-valid", "is not valid before "+c.NotBefore.UTC().Format(time.RFC3339), "check the clocks")
	case days < warnDays:
		in.find(n, Warning, "expires-soon", fmt.Sprintf("expires in %d days", days), renew+", and change it in authentik and Sentry on one day")
	}
	switch c.SignatureAlgorithm { //nolint:exhaustive // the weak ones
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
		in.find(n, Warning, "weak-signature", "is signed with "+c.SignatureAlgorithm.String(), renew)
	}
	in.findKey(n, c, renew)
	if c.IsCA {
		in.find(n, Warning, "ca", "is the certificate of a CA, which signs more than SAML", "use a certificate of its own for SAML")
	}
}

func (in *Inspection) findKey(n int, c *x509.Certificate, renew string) {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if size := key.N.BitLen(); size < minRSA {
			in.find(n, Error, "short-rsa", fmt.Sprintf("has an RSA key of %d bits, want at least %d", size, minRSA), renew)
		}
	case *ecdsa.PublicKey:
		in.find(n, Warning, "ecdsa-default", "is an ECDSA key: authentik signs with rsa-sha256 unless told otherwise, and metadata and login fail",
			"set the provider's signature algorithm to ecdsa-sha256")
	default:
		in.find(n, Error, "unsupported-key", "has a key of the kind "+describeKey(key)+", which authentik and Sentry do not sign SAML with", renew)
	}
}

// findWhole looks at how keys and certificates go together.
func (in *Inspection) findWhole(c *Contents) {
	if len(c.Certificates) > 1 {
		in.find(0, Warning, "several-certificates", fmt.Sprintf("%d certificates: of metadata with several, Sentry trusts only the first", len(c.Certificates)),
			"give Sentry the certificate that signs")
	}
	if len(c.Certificates) == 0 {
		return
	}
	for _, key := range in.Keys {
		if key.Certificate == 0 {
			in.find(0, Error, "mismatch", "the private key ("+key.KeyType+") belongs to none of the certificates", "find the key that was made with the certificate")
		}
	}
}
