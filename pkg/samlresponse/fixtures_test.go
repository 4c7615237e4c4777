package samlresponse_test

import (
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// at is when the responses of the tests arrive.
func at() time.Time { return time.Date(2026, 9, 1, 12, 1, 0, 0, time.UTC) }

const idpEntity = "https://authentik.example.com/application/saml/sentry/metadata/"

// base is a response as authentik writes it, before it is signed.
const base = `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
	` Version="2.0" ID="_response" IssueInstant="2026-09-01T12:00:00Z" Destination="https://sentry.example.com/saml/acs/acme/" InResponseTo="ONELOGIN_ask">` +
	`<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">` + idpEntity + `</saml:Issuer>` +
	`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` +
	`<saml:Assertion Version="2.0" ID="_assertion" IssueInstant="2026-09-01T12:00:00Z">` +
	`<saml:Issuer>` + idpEntity + `</saml:Issuer>` +
	`<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">ada@acme.test</saml:NameID>` +
	`<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
	`<saml:SubjectConfirmationData InResponseTo="ONELOGIN_ask" NotOnOrAfter="2026-09-01T12:05:00Z" Recipient="https://sentry.example.com/saml/acs/acme/"/>` +
	`</saml:SubjectConfirmation></saml:Subject>` +
	`<saml:Conditions NotBefore="2026-09-01T11:55:00Z" NotOnOrAfter="2026-09-01T12:05:00Z">` +
	`<saml:AudienceRestriction><saml:Audience>https://sentry.example.com/saml/metadata/acme/</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
	`<saml:AuthnStatement AuthnInstant="2026-09-01T11:55:00Z" SessionIndex="_assertion" SessionNotOnOrAfter="2026-10-31T12:00:00Z">` +
	`<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
	`<saml:AttributeStatement>` +
	`<saml:Attribute Name="http://schemas.goauthentik.io/2021/02/saml/uid"><saml:AttributeValue>42</saml:AttributeValue></saml:Attribute>` +
	`<saml:Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"><saml:AttributeValue>ada@acme.test</saml:AttributeValue></saml:Attribute>` +
	`<saml:Attribute Name="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"><saml:AttributeValue>Ada Example</saml:AttributeValue></saml:Attribute>` +
	`<saml:Attribute Name="http://schemas.xmlsoap.org/claims/Group"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">engineering</saml:AttributeValue><saml:AttributeValue>data</saml:AttributeValue></saml:Attribute>` +
	`</saml:AttributeStatement></saml:Assertion></samlp:Response>`

// keys are the signers of the tests. Only idp's certificate is in Sentry.
type keys struct{ idp, p256, p384, expired, other *keypair.Pair }

func newKeys(tb testing.TB) keys {
	tb.Helper()
	generate := func(kind keypair.KeyType, now time.Time) *keypair.Pair {
		pair, err := keypair.Generate(keypair.Options{Type: kind, CommonName: "IdP", Days: 30, Now: now, Rand: rand.Reader})
		if err != nil {
			tb.Fatal(err)
		}
		return pair
	}
	return keys{
		idp:     generate("rsa2048", at()),
		other:   generate("rsa2048", at()),
		expired: generate("rsa2048", at().AddDate(-1, 0, 0)),
		p256:    generate("ecdsa-p256", at()),
		p384:    generate("ecdsa-p384", at()),
	}
}

// settingsFor are Sentry's for the organization acme, with the certificate of
// one signer.
func settingsFor(tb testing.TB, pair *keypair.Pair) samlresponse.Settings {
	tb.Helper()
	sentryBase, _, err := sentry.ParseBase("https://sentry.example.com")
	if err != nil {
		tb.Fatal(err)
	}
	return samlresponse.Settings{
		Provider: samlresponse.Provider{
			EntityID: idpEntity,
			SSOURL:   "https://authentik.example.com/application/saml/sentry/sso/binding/redirect/",
			SLOURL:   "https://authentik.example.com/application/saml/sentry/slo/binding/redirect/",
			X509Cert: base64.StdEncoding.EncodeToString(pair.Certificate.Raw),
		},
		SP: sentry.URLsOf(sentryBase, "acme"),
		At: at(),
	}
}
