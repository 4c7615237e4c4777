// Package integration is what Sentry needs of authentik: the objects as they
// should be, worked out from settings, and four ways to bring them about that
// cannot disagree: a plan that is applied through the API, a blueprint, and
// Terraform configuration.
package integration

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// KeyAlgorithm is the kind of a signing key.
type KeyAlgorithm string

// The kinds of keys that authentik can sign SAML with and Sentry can check.
const (
	RSA KeyAlgorithm = "rsa"
	EC  KeyAlgorithm = "ec"
)

// The modes of a policy engine (authentik/policies/models.py PolicyEngineMode).
const (
	modeAny = "any"
	modeAll = "all"
)

// PolicyModes lists the modes.
func PolicyModes() []string { return []string{modeAny, modeAll} }

// KeyAlgorithms lists the kinds.
func KeyAlgorithms() []string { return []string{string(RSA), string(EC)} }

// DefaultKeyPair is the certificate that every authentik makes for itself
// (authentik/crypto/apps.py).
const DefaultKeyPair = "authentik Self-signed Certificate"

// Settings say what is wanted. A choice that is left empty is not named: what
// authentik has stays, and what is made new has the default.
type Settings struct {
	URLs         sentry.URLs
	AuthentikURL string // where authentik is served, without a slash at the end

	Application  string // slug
	Name         string // of the application; default: Sentry
	SAMLProvider string // name; default: that of the application's provider, or else Name and SAML
	SCIMProvider string // name; default: that of the application's, or else Name and SCIM
	SCIMMapping  string // name; default: that of the SCIM provider's, or else MappingName
	Issuer       string // default: as the integration guide has it for the release

	AuthorizationFlow, InvalidationFlow string // slugs

	Signing Signing

	// BindGroups and BindUsers may use the application: names and usernames.
	BindGroups, BindUsers []string
	// PolicyMode says how many bindings of the application have to let a user in: any
	// or all of them. Default: any.
	PolicyMode string

	// WithSCIM makes authentik's own SCIM provider too, with the target SCIMURL and
	// SCIMToken. Without a token, one that is there stays.
	WithSCIM  bool
	SCIMURL   string
	SCIMToken secret.String
	// Teams are the names of the groups to send; default: BindGroups, and without
	// those all.
	Teams []string
}

// Signing is the certificate that assertions are signed with: one that authentik
// has under the name (default: the one that the provider signs with, or else
// DefaultKeyPair), or one to upload under it (default: Settings.Name and SAML
// signing).
type Signing struct {
	Name      string
	Algorithm KeyAlgorithm // empty: RSA
	Upload    *Upload
}

func (s Signing) named() bool { return s.Name != "" || s.Upload != nil }

// Upload is a certificate and its key, both PEM. The key is needed only where
// authentik does not have the pair.
type Upload struct {
	Certificate string
	Fingerprint string // SHA-256 of the certificate, hexadecimal with colons
	Key         secret.String
}

func (s Settings) withDefaults() Settings {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill(&s.Name, "Sentry")
	fill(&s.SAMLProvider, s.Name+" SAML")
	fill(&s.SCIMProvider, s.Name+" SCIM")
	fill(&s.SCIMMapping, MappingName)
	fill(&s.PolicyMode, modeAny)
	fill(&s.AuthorizationFlow, "default-provider-authorization-implicit-consent")
	fill(&s.InvalidationFlow, "default-provider-invalidation-flow")
	if s.Signing.Upload != nil { // the pair that everything else may use is left alone
		fill(&s.Signing.Name, s.Name+" SAML signing")
	}
	fill(&s.Signing.Name, DefaultKeyPair)
	fill((*string)(&s.Signing.Algorithm), string(RSA))
	fill(&s.SCIMURL, s.URLs.SCIMBaseURL)
	s.BindGroups, s.BindUsers, s.Teams = distinct(s.BindGroups), distinct(s.BindUsers), distinct(s.Teams)
	if len(s.Teams) == 0 {
		s.Teams = s.BindGroups
	}
	return s
}

// distinct sorts names and leaves out what is empty or said twice.
func distinct(names []string) []string {
	sorted := slices.Sorted(slices.Values(names))
	return slices.DeleteFunc(slices.Compact(sorted), func(name string) bool { return name == "" })
}

var slug = pattern.New(`^[a-zA-Z0-9_-]+$`)

func (s Settings) check() error {
	switch {
	case !slug().MatchString(s.Application):
		return fault.Usagef("%q is no slug of an application, want letters, digits, - and _", s.Application)
	case s.Signing.Algorithm != RSA && s.Signing.Algorithm != EC:
		return fault.Hint(fault.Usagef("a key of the kind %q cannot sign SAML for Sentry, want rsa or ec", string(s.Signing.Algorithm)),
			"make a pair with 'sentryidp saml cert generate', and name its files")
	}
	names := slices.Concat([]string{s.Name, s.SAMLProvider, s.SCIMProvider, s.SCIMMapping, s.Issuer, s.Signing.Name}, s.BindGroups, s.BindUsers, s.Teams)
	for _, name := range names {
		if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
			return fault.Usagef("the name %q has control characters or is not UTF-8", name)
		}
	}
	for _, name := range s.Teams {
		if strings.ContainsAny(name, "*?[") {
			return fault.Hint(fault.Usagef("scim.groups has the pattern %q, and authentik's SCIM provider takes names only", name),
				"name the groups, or leave --with-scim out and use 'sentryidp scim push', which takes patterns")
		}
	}
	return nil
}

// MetadataURL is where authentik serves the metadata that Sentry reads.
func (s Settings) MetadataURL() string {
	return s.AuthentikURL + "/application/saml/" + s.Application + "/metadata/"
}

// AlgorithmOf returns the kind of a public key. One that authentik cannot sign
// SAML with, or Sentry not check, is fault.Usage.
func AlgorithmOf(key crypto.PublicKey) (KeyAlgorithm, error) {
	switch key.(type) {
	case *rsa.PublicKey:
		return RSA, nil
	case *ecdsa.PublicKey:
		return EC, nil
	}
	return "", fault.Hint(fault.Usagef("the key of the certificate must be RSA or ECDSA (P-256, P-384, P-521) but is %s", keypair.DescribeKey(key)), "make a pair with 'sentryidp saml cert generate'")
}
