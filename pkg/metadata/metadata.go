// Package metadata knows SAML 2.0 metadata: what an identity provider's says,
// how it is rendered and signed, what Sentry keeps of it and what is wrong with
// it, and what Sentry publishes itself. It knows authentik's addresses. It makes
// no keys, reads no files, and asks a server only to fetch metadata.
package metadata

import (
	"crypto/x509"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Description is an identity provider as its metadata shows it. URLs that are
// empty, and times that are zero, are left out of the metadata.
type Description struct {
	EntityID string // the IdP's name, at most 1024 characters (SAML core, 8.3.6)

	SSORedirect string // SingleSignOnService, HTTP-Redirect: the one that Sentry uses
	SSOPost     string // SingleSignOnService, HTTP-POST
	SLORedirect string // SingleLogoutService, HTTP-Redirect: the one that Sentry uses
	SLOPost     string // SingleLogoutService, HTTP-POST

	NameIDFormats []string            // URNs, in the order of preference
	Certificates  []*x509.Certificate // signing certificates; Sentry trusts the first

	ValidUntil    time.Time     // written in UTC, to the second
	CacheDuration time.Duration // written to the second

	// Site is set for an IdP that serves metadata of its own, with which this
	// one has to agree.
	Site *Site
}

// Site is what an authentik provider says of itself.
type Site struct {
	MetadataURL string // where it serves its metadata
	EntityID    string // its entity ID, unless its issuer is set
}

// The name identifier formats that have short names (SAML core, 8.3).
const (
	NameIDEmail       = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	NameIDUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	NameIDX509Subject = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
	NameIDPersistent  = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	NameIDTransient   = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
)

// NameIDNames lists the short names that ParseNameIDFormat knows.
func NameIDNames() []string { return []string{"email", "persistent", "transient", "unspecified"} }

// ParseNameIDFormat returns the URN of a name identifier format, given by its
// short name or by the URN itself. Anything else is a usage error.
func ParseNameIDFormat(word string) (string, error) {
	switch word {
	case "email":
		return NameIDEmail, nil
	case "persistent":
		return NameIDPersistent, nil
	case "transient":
		return NameIDTransient, nil
	case "unspecified":
		return NameIDUnspecified, nil
	}
	if strings.HasPrefix(word, "urn:") && !strings.ContainsFunc(word, isControlOrSpace) {
		return word, nil
	}
	return "", fault.Hint(fault.Usagef("unknown name ID format %q", word),
		"want one of %s, or a full URN such as %s", strings.Join(NameIDNames(), ", "), NameIDPersistent)
}

func isControlOrSpace(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xFFFD }
