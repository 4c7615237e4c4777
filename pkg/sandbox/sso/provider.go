package sso

import (
	"crypto"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
)

// Provider is authentik's SAML provider as it is now.
type Provider struct {
	// Metadata is what Sentry is given: it reads it anew for each login.
	Metadata []byte

	Issuer, ACSURL, Audience, SLSURL string

	// Redirect is true where the response goes by the Redirect binding, which
	// Sentry does not take.
	Redirect bool
	// Certificate and Key sign; Algorithm is the URI of the signature's, which has to
	// go with the key.
	Certificate *x509.Certificate
	Key         crypto.Signer
	Algorithm   string

	SignAssertion, SignResponse, Encrypt bool

	// Subject is what it tells of a person, or an error for people to read.
	Subject func(username string) (Subject, error)
}

// Subject is what an assertion says of a person.
type Subject struct {
	NameID     string
	Attributes []Attribute
}

// provider is the provider of authentik's application, and whether it has one. A
// Rehearsal that was given none has one of its own, with all mappings and for
// everybody.
func (i *idp) provider() (Provider, bool) {
	if i.config.Provider != nil {
		return i.config.Provider()
	}
	metadata, err := i.describe()
	if err != nil {
		return Provider{}, false
	}
	return Provider{
		Metadata: metadata, Issuer: i.MetadataURL(), ACSURL: i.config.acsURL(), Audience: i.config.spEntityID(), SLSURL: i.config.slsURL(),
		Certificate: i.keys.current.cert, Key: i.keys.current.key, SignAssertion: true,
		Subject: func(username string) (Subject, error) {
			person, ok := i.person(username)
			if !ok {
				return Subject{}, errors.New("there is no such person")
			}
			return Subject{NameID: strconv.Itoa(person.ID), Attributes: attributesOf(person)}, nil
		},
	}, true
}

// draft is the response for a subject, before any fault spoils it.
func (i *idp) draft(p Provider, subject Subject, inResponseTo string) *draft {
	return &draft{
		nameID: subject.NameID, now: i.config.Now().UTC(), issuer: p.Issuer, audience: p.Audience,
		destination: p.ACSURL, recipient: p.ACSURL, inResponseTo: inResponseTo, status: statusSuccess,
		attributes: subject.Attributes, signer: &signer{key: p.Key, cert: p.Certificate, method: p.Algorithm},
		signAssertion: p.SignAssertion, signResponse: p.SignResponse, encrypted: p.Encrypt, reader: i.keys.current.cert,
	}
}

// unconfigured is why nobody can log in where authentik has no provider.
const (
	unconfigured    = "authentik has no SAML provider for the application sentry, so that Sentry has no metadata of it."
	configureByTool = "Run 'sentryidp authentik apply' with the variables that 'sentryidp sandbox -o env' prints."
)

// missing is authentik's page for an address that leads nowhere.
func (i *idp) missing(w http.ResponseWriter) {
	i.pages.show(w, http.StatusNotFound, "refused", page{Title: "Not Found", IDP: true, Body: unconfigured + " " + configureByTool})
}
