// Package sentryexec writes the Python script that sets SAML and SCIM up in a
// self-hosted Sentry by `sentry exec`, and reads the reports that the script
// prints. It runs nothing.
package sentryexec

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

//go:embed script.py
var source string

// Settings is what the script is to set up.
type Settings struct {
	Org       sentry.Slug
	SentryURL sentry.Base // compared with Sentry's own system.url-prefix
	IDP       *IDP        // nil: the script has no action that needs one
}

// IDP is an identity provider as Sentry keeps it.
type IDP struct {
	EntityID    string
	SSOURL      string // for HTTP-Redirect
	SLOURL      string // for HTTP-Redirect; empty: what Sentry has stays
	Certificate []byte // that signs responses, DER
	Mapping     sentry.Mapping
}

// given is what the script reads.
type given struct {
	Org       string   `json:"org"`
	SentryURL string   `json:"sentry_url"`
	IDP       *idp     `json:"idp"`
	Mapping   *mapping `json:"attribute_mapping"`
}

// idp has the keys of Sentry's own configuration of a provider
// (auth/providers/saml2/provider.py build_saml_config).
type idp struct {
	EntityID string  `json:"entity_id"`
	SSOURL   string  `json:"sso_url"`
	SLOURL   *string `json:"slo_url"`
	X509Cert []byte  `json:"x509cert"` // bare base64, which Sentry takes as it takes PEM
}

// mapping has those of its attribute mapping (build_identity): Sentry fails where
// one is absent.
type mapping struct {
	Identifier string `json:"identifier"`
	Email      string `json:"user_email"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
}

// Script returns the script, as ASCII. The same settings give the same bytes. No
// value of theirs can be code: they stand in it as JSON, in raw strings. Errors
// are fault.Usage.
func Script(s Settings) ([]byte, error) {
	if s.Org == "" {
		return nil, fault.Usagef("the script needs an organization")
	}
	g := given{Org: string(s.Org), SentryURL: s.SentryURL.String()}
	if s.IDP != nil {
		if err := g.take(*s.IDP); err != nil {
			return nil, err
		}
	}
	var actions [][2]string
	for _, a := range Actions() {
		if s.IDP != nil || !a.NeedsIDP {
			actions = append(actions, [2]string{string(a.Action), a.Words})
		}
	}
	return assemble(g, actions)
}

func assemble(g given, actions [][2]string) ([]byte, error) {
	configuration, err := fields(g)
	if err != nil {
		return nil, err
	}
	list, err := rows(actions)
	if err != nil {
		return nil, err
	}
	relied, err := rows(Relied())
	if err != nil {
		return nil, err
	}
	first, last := FirstRead(), LastRead()
	return []byte(strings.NewReplacer(
		"    r'@GIVEN@'\n", configuration, "    r'@ACTIONS@'\n", list, "    r'@RELIES_ON@'\n", relied,
		"@RELEASES@", fmt.Sprintf("[[%d, %d], [%d, %d]]", first.Year, first.Month, last.Year, last.Month),
	).Replace(source)), nil
}

func (g *given) take(p IDP) error {
	if p.EntityID == "" || p.SSOURL == "" || len(p.Certificate) == 0 || !p.Mapping.Known() {
		return fault.Usagef("the identity provider needs an entity ID, an SSO URL, a certificate, and attributes for identifier and email")
	}
	g.IDP = &idp{EntityID: p.EntityID, SSOURL: p.SSOURL, X509Cert: p.Certificate}
	if p.SLOURL != "" {
		g.IDP.SLOURL = &p.SLOURL
	}
	g.Mapping = &mapping{p.Mapping.Identifier, p.Mapping.Email, p.Mapping.FirstName, p.Mapping.LastName}
	return nil
}
