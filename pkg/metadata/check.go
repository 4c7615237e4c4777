package metadata

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// maxEntityID is the longest entity ID in characters (SAML core, 8.3.6).
const maxEntityID = 1024

// soon is how long before its end a certificate is warned of.
const soon = 30 * 24 * time.Hour

// Check says what is wrong with d for Sentry at the time now. The error (code
// Usage) is what makes metadata useless to Sentry: no entity ID, no Redirect
// SSO URL, no certificate, a URL that is none. The warnings are what a person
// should know; there may be none.
func (d Description) Check(now time.Time) ([]string, error) {
	if err := d.complete(); err != nil {
		return nil, err
	}
	warnings := d.entityWarnings()
	seen := map[string]bool{"": true} // authentik's unified endpoint is one URL four times
	for _, l := range d.locations() {
		if seen[l.url] {
			continue
		}
		seen[l.url] = true
		if err := checkLocation(l.what, l.url); err != nil {
			return nil, err
		}
		warnings = append(warnings, locationWarnings(l.what, l.url)...)
	}
	if d.SLORedirect == "" && d.SLOPost != "" {
		warnings = append(warnings, "there is no HTTP-Redirect SLO URL: Sentry ignores the HTTP-POST one and keeps no logout URL")
	}
	return append(warnings, d.certificateWarnings(now)...), nil
}

func (d Description) complete() error {
	switch {
	case d.EntityID == "":
		return fault.Hint(fault.Usagef("the identity provider has no entity ID"), "its metadata URL is a good one")
	case utf8.RuneCountInString(d.EntityID) > maxEntityID:
		return fault.Hint(fault.Usagef("the entity ID has %d characters, SAML allows %d (SAML core, 8.3.6)",
			utf8.RuneCountInString(d.EntityID), maxEntityID), "use a shorter URL")
	case !utf8.ValidString(d.EntityID) || strings.ContainsFunc(d.EntityID, isControlOrSpace):
		return fault.Usagef("the entity ID has spaces or control characters: %q", d.EntityID)
	case d.SSORedirect == "" && d.SSOPost != "":
		return fault.Hint(fault.Usagef("there is an HTTP-POST SSO URL but no HTTP-Redirect one, and Sentry uses HTTP-Redirect only"),
			"give the IdP's HTTP-Redirect SSO URL too; many have one URL for both")
	case d.SSORedirect == "":
		return fault.Usagef("the identity provider has no SSO URL for HTTP-Redirect, the only binding that Sentry uses")
	case len(d.Certificates) == 0:
		return fault.Hint(fault.Usagef("there is no certificate: Sentry could not check who signed a response"),
			"give the certificate that the identity provider signs with")
	}
	return nil
}

type location struct{ what, url string }

func (d Description) locations() []location {
	return []location{
		{"the SSO URL (HTTP-Redirect)", d.SSORedirect},
		{"the SSO URL (HTTP-POST)", d.SSOPost},
		{"the SLO URL (HTTP-Redirect)", d.SLORedirect},
		{"the SLO URL (HTTP-POST)", d.SLOPost},
	}
}

func (d Description) entityWarnings() []string {
	switch {
	case d.Site == nil && checkLocation("", d.EntityID) != nil && !strings.HasPrefix(d.EntityID, "urn:"):
		return []string{fmt.Sprintf("the entity ID %s is not an absolute URL: another provider may have the same name", d.EntityID)}
	case d.Site == nil:
		return nil
	case d.EntityID == oldIssuer:
		return []string{fmt.Sprintf("authentik before 2026.5 calls every SAML provider %s: set its Issuer to %s and render with that entity ID",
			oldIssuer, d.Site.MetadataURL)}
	case d.EntityID != d.Site.EntityID:
		return []string{fmt.Sprintf("authentik calls itself %s: Sentry refuses its responses unless the provider's Issuer is set to %s",
			d.Site.EntityID, d.EntityID)}
	}
	return nil
}

func (d Description) certificateWarnings(now time.Time) []string {
	var warnings []string
	first := d.Certificates[0]
	if n := len(d.Certificates); n > 1 {
		warnings = append(warnings, fmt.Sprintf("there are %d certificates and Sentry trusts only the first: %s", n, name(first)))
	}
	for _, cert := range d.Certificates {
		if w := validityWarning(cert, now); w != "" {
			warnings = append(warnings, w)
		}
	}
	switch first.PublicKey.(type) {
	case *rsa.PublicKey:
	case *ecdsa.PublicKey:
		if d.Site != nil {
			warnings = append(warnings, "the key is ECDSA and authentik signs with rsa-sha256 by default, "+
				"which then fails: set the provider's signature algorithm to an ecdsa one")
		}
	default:
		warnings = append(warnings, fmt.Sprintf("the key is %s: Sentry checks signatures of RSA and ECDSA keys", first.PublicKeyAlgorithm))
	}
	return warnings
}

func validityWarning(cert *x509.Certificate, now time.Time) string {
	end := cert.NotAfter.UTC().Format(time.RFC3339)
	switch {
	case now.After(cert.NotAfter):
		return fmt.Sprintf("the certificate %s expired on %s", name(cert), end)
	case now.Before(cert.NotBefore):
		return fmt.Sprintf("the certificate %s is not valid before %s", name(cert), cert.NotBefore.UTC().Format(time.RFC3339))
	case cert.NotAfter.Sub(now) < soon:
		return fmt.Sprintf("the certificate %s expires on %s: Sentry does not read metadata again by itself", name(cert), end)
	}
	return ""
}

// name tells a certificate from others: its subject and the beginning of its
// fingerprint.
func name(cert *x509.Certificate) string {
	return fmt.Sprintf("%q (SHA-256 %s…)", cert.Subject.String(), fingerprint(cert)[:23])
}

// fingerprint is the SHA-256 of the certificate as openssl prints it.
func fingerprint(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}
