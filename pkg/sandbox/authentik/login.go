package authentik

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
)

// SAML is the SAML provider of an application as a login needs it. It is a copy:
// what the API changes later is in the next one.
type SAML struct {
	Metadata string // XML; empty where authentik fails to write it

	Issuer, ACSURL, Audience, SLSURL string

	Redirect bool // responses go by the Redirect binding
	// Certificate and Key sign, nil where there are none; Algorithm is the URI of the
	// signature's.
	Certificate *x509.Certificate
	Key         crypto.Signer
	Algorithm   string

	SignAssertion, SignResponse, Encrypt bool
}

// SAML returns the SAML provider of the application with that slug, and whether it
// has one.
func (a *Authentik) SAML(slug string) (SAML, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.base = a.seenAs(a.config.BaseURL)
	o := a.samlOf(slug)
	if o == nil {
		return SAML{}, false
	}
	said := func(name string) string { text, _ := o[name].(string); return text }
	p := SAML{
		Issuer: a.issuer(o), ACSURL: said("acs_url"), Audience: said("audience"), SLSURL: said("sls_url"), Algorithm: said("signature_algorithm"),
		Redirect: o["sp_binding"] == "redirect", Encrypt: o["encryption_kp"] != nil,
	}
	if pair := a.find(pathKeyPairs, o["signing_kp"]); pair != nil {
		p.Certificate, _ = certificateOf(pair)
		key, _ := pair["key_data"].(string)
		if private, err := privateOf(key); err == nil {
			p.Key = private
		}
	}
	signs := p.Certificate != nil && p.Key != nil
	p.SignAssertion, p.SignResponse = signs && o["sign_assertion"] == true, signs && o["sign_response"] == true
	if text, err := a.describe(o, ""); err == nil {
		p.Metadata = text
	}
	return p, true
}

func (a *Authentik) samlOf(slug string) Object {
	application := a.kinds[pathApplications].of(a, slug)
	if application == nil {
		return nil
	}
	return a.find(pathSAML, application["provider"])
}

// The reasons why nobody is told of somebody.
var (
	ErrDenied  = errors.New("the policies of the application deny access")
	ErrUnknown = errors.New("there is no such active user")
)

// Subject is what a provider tells of a user.
type Subject struct {
	NameID     string
	Attributes []Attribute // sorted by name
}

// Attribute is an attribute of an assertion.
type Attribute struct {
	Name   string
	Values []string
}

// Subject returns what the SAML provider of an application tells of a user:
// ErrUnknown for one who cannot log in, and ErrDenied for one who is kept out by the
// bindings of the application (authentik/providers/saml/processors/assertion.py).
func (a *Authentik) Subject(slug, username string) (Subject, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	provider, user := a.samlOf(slug), Object(nil)
	for _, u := range a.state.Objects[pathUsers] {
		if u["username"] == username && u["is_active"] == true {
			user = u
		}
	}
	if provider == nil || user == nil {
		return Subject{}, ErrUnknown
	}
	if passing, _ := a.judge(a.kinds[pathApplications].of(a, slug), user); !passing {
		return Subject{}, ErrDenied
	}
	told := Subject{NameID: a.nameID(provider, user)}
	for _, one := range a.attributes(provider, user) {
		values, _ := one["Value"].([]string)
		told.Attributes = append(told.Attributes, Attribute{fmt.Sprint(one["Name"]), values})
	}
	return told, nil
}
