package metadata

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// maxEntityID is the longest entity ID in characters (SAML core, 8.3.6).
const maxEntityID = 1024

// check refuses what cannot be rendered, or is no use to anybody (code Usage): no
// entity ID, no Redirect SSO URL, no certificate, a URL that is none. What Sentry
// makes of the result is for [Judge] to say.
func (d Description) check() error {
	if err := d.complete(); err != nil {
		return err
	}
	for _, l := range d.locations() {
		if l.url == "" {
			continue
		}
		if err := checkLocation(l.what, l.url); err != nil {
			return err
		}
	}
	return nil
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

// judge says what Sentry makes of xml, the metadata of d, by the rules of [Judge]
// and by what d knows beyond it: what authentik calls itself. The error (code
// Usage) is the first finding of severity Error: such metadata is no use to Sentry.
func (d Description) judge(xml []byte, now time.Time) (*Judgement, error) {
	j := Judge(xml, Source{Now: now, WarnDays: keypair.WarnDays})
	if d.Site != nil && d.EntityID != oldIssuer && d.EntityID != d.Site.EntityID {
		var l linter
		l.add("entity-id-differs", 0, "the entity ID is %s, and authentik calls itself %s", d.EntityID, d.Site.EntityID)
		j.Add(l.findings)
	}
	for i := range j.Findings {
		f := &j.Findings[i]
		if f.Severity == Error {
			return nil, fault.Hint(fault.Usagef("%s: Sentry %s", f.Message, f.Sentry), "%s", f.Fix)
		}
		d.weigh(f)
	}
	return j, nil
}

// weigh makes a warning of what is good to know of metadata that exists, and can
// still be chosen otherwise for metadata that is being made.
func (d Description) weigh(f *Finding) {
	switch {
	case f.Code == "entity-id-shared" && d.Site != nil:
		f.Fix = "set the provider's Issuer to " + d.Site.MetadataURL + ", and render with that entity ID"
	case f.Code == "ecdsa-default" && d.Site != nil, f.Code == "no-redirect-slo" && d.SLOPost != "", f.Code == "entity-id-no-url":
	default:
		return
	}
	f.Severity = Warning
}

// name tells a certificate from others: its subject and the beginning of its
// fingerprint.
func name(cert *x509.Certificate) string {
	return fmt.Sprintf("%q (SHA-256 %s…)", cert.Subject.String(), keypair.FingerprintSHA256(cert)[:23])
}
