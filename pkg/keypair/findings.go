package keypair

import (
	"crypto"
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
	Certificate int      `json:"certificate"` // its number, from 1; 0: a private key, or the whole input
	Message     string   `json:"message"`
	Fix         string   `json:"fix"`
}

// The codes of findings about a certificate, beside those of Validity.
const (
	WeakSignature  = "weak-signature"
	ShortRSA       = "short-rsa"
	UnusualKey     = "unusual-key"     // OpenSSL has it, and Go does not
	UnsupportedKey = "unsupported-key" // XML signatures have no such kind
	NotStrict      = "not-strict"      // see Strict
	ECDSADefault   = "ecdsa-default"   // authentik's default is for RSA
	CACertificate  = "ca-certificate"
)

// minRSA is the least RSA size that is still thought safe (NIST SP 800-131A).
const minRSA = 2048

// The fixes that several findings share.
const (
	renewFix   = "sentryidp saml cert generate, then change it in authentik and Sentry"
	serverFix  = "renew the certificate of the server"
	ownPairFix = "use a self-signed certificate made for SAML alone"
)

// Worst reports whether there is a finding of at least the given severity.
func (in *Inspection) Worst(least Severity) bool {
	return slices.ContainsFunc(in.Findings, func(f Finding) bool { return f.Severity == Error || least == Warning })
}

func (in *Inspection) find(certificate int, severity Severity, code, message, fix string) {
	in.Findings = append(in.Findings, Finding{Code: code, Severity: severity, Certificate: certificate, Message: message, Fix: fix})
}

// renew is the fix for a certificate that has to be replaced.
func (in *Inspection) renew() string {
	if in.Format == TLS {
		return serverFix
	}
	return renewFix
}

func (in *Inspection) findCertificate(n int, c *x509.Certificate, now time.Time, warnDays int) {
	in.findValidity(n, c, now, warnDays)
	switch c.SignatureAlgorithm { //nolint:exhaustive // the weak ones
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1, x509.MD5WithRSA, x509.MD2WithRSA:
		in.find(n, Warning, WeakSignature, "signed with "+c.SignatureAlgorithm.String()+", a broken hash", in.renew())
	}
	in.findKey(n, c.PublicKey)
	if strict := Strict(c); strict != nil && in.Format != TLS {
		in.find(n, Warning, NotStrict, fmt.Sprintf("OpenSSL and Sentry read this certificate; strict programs, such as those written in Go, refuse it (%v)", strict),
			in.renew())
	}
	if c.IsCA && in.Format != TLS {
		in.find(n, Warning, CACertificate, "a CA, which vouches for more than SAML messages", ownPairFix)
	}
}

func (in *Inspection) findValidity(n int, c *x509.Certificate, now time.Time, warnDays int) {
	f := Validity(c.NotBefore, c.NotAfter, now, warnDays)
	if f == nil {
		return
	}
	if f.Fix == renewFix {
		f.Fix = in.renew()
	}
	in.find(n, f.Severity, f.Code, f.Message, f.Fix)
}

// findKey looks at the key of certificate n, or with 0 at a key without one.
func (in *Inspection) findKey(n int, public crypto.PublicKey) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		in.findShort(n, key.N.BitLen())
	case *ecdsa.PublicKey:
		if in.Format != TLS { // authentik, providers/saml: the algorithm is not checked against the key
			in.find(n, Warning, ECDSADefault, "an ECDSA key fails with authentik's default, rsa-sha256",
				"set the provider's signature algorithm to ecdsa-sha256")
		}
	case OtherKey:
		in.findOther(n, key)
	default:
		if in.Format != TLS { // authentik, providers/saml/api: RSA, EC and DSA alone; SAML libraries have left DSA
			in.find(n, Error, UnsupportedKey, "a key of the kind "+DescribeKey(key)+", unfit to sign SAML for Sentry", in.renew())
		}
	}
}

func (in *Inspection) findShort(n, bits int) {
	if bits < minRSA {
		in.find(n, Warning, ShortRSA, fmt.Sprintf("an RSA key of %d bits, which is weak: must be at least %d", bits, minRSA), in.renew())
	}
}

func (in *Inspection) findOther(n int, key OtherKey) {
	switch {
	case key.Broken != nil:
		in.find(n, Error, UnsupportedKey, fmt.Sprintf("OpenSSL cannot read the key: %v", key.Broken), in.renew())
		return
	case key.RSA > 0:
		in.findShort(n, key.RSA)
	}
	if in.Format != TLS {
		in.find(n, Warning, UnusualKey, "the key is "+key.Kind+", which few programs can sign or check with", in.renew())
	}
}

// findWhole looks at how keys and certificates go together.
func (in *Inspection) findWhole(c *Contents) {
	if len(c.Certificates) > 1 && c.Format != TLS {
		in.find(0, Warning, "several-certificates", fmt.Sprintf("%d certificates, of which Sentry trusts only the first", len(c.Certificates)),
			"give Sentry and authentik the one that signs")
	}
	for i, key := range in.Keys {
		switch {
		case key.Certificate > 0:
		case len(c.Certificates) == 0:
			in.findKey(0, c.Keys[i].Public())
		default:
			in.find(0, Error, "mismatch", fmt.Sprintf("private key %d belongs to no certificate here", i+1),
				"find the key that was made with the certificate")
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
