package metadata

import "slices"

// Severity is how bad a finding is.
type Severity string

// The severities, the worst first. An error keeps Sentry from storing the
// metadata or from letting people in, or means that somebody changed it. A
// warning works today, or may not. Information is good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Severities lists the severities, the worst first.
func Severities() []Severity { return []Severity{Error, Warning, Info} }

// AtLeast reports whether s is as bad as least, or worse.
func (s Severity) AtLeast(least Severity) bool {
	return slices.Index(Severities(), s) <= slices.Index(Severities(), least)
}

// Rule is one thing that is looked for: what it is, what Sentry does with it,
// and what helps.
type Rule struct {
	Code     string
	Severity Severity
	Title    string
	Sentry   string
	Fix      string
}

// codeEmptyCertificate is the one code of syntax that is not of XML itself.
const codeEmptyCertificate = "empty-certificate"

const (
	parseFails  = `answers "Failed to parse provided SAML2 metadata"`
	unsignedFix = "download the metadata again from the identity provider itself"
	renewFix    = "make a new pair (sentryidp saml cert generate), and change it in the IdP and in Sentry together"
	ignoresIt   = "does not look at it when it reads metadata"
)

// Rules returns all that Judge and Reach look for, in the order of the
// documentation. What Sentry does is a predicate without its subject.
func Rules() []Rule {
	return slices.Concat(documentRules(), entityRules(), endpointRules(), certificateRules(), signatureRules(), reachRules())
}

func documentRules() []Rule {
	return []Rule{
		{codeMalformed, Error, "The document is not well-formed XML", parseFails, "copy or download the file again, whole"},
		{codeDoctype, Error, "The document has a DOCTYPE", parseFails, "remove the DOCTYPE and all that it declares"},
		{codeDeep, Error, "Elements are nested too deep", parseFails, "give the metadata of one identity provider"},
		{
			codeLarge, Error, "The document is too large to be judged", "is not asked: nothing was read",
			"give the metadata of one identity provider, not of a federation",
		},
		{codeEmptyCertificate, Error, "An X509Certificate is empty", parseFails, "give it a certificate, or remove it"},
	}
}

func entityRules() []Rule {
	return []Rule{
		{
			"no-entity", Error, "There is no EntityDescriptor of SAML 2.0", "finds nothing and calls every field required",
			"give the IdP's SAML 2.0 metadata, not its OpenID configuration or a web page",
		},
		{
			"not-an-idp", Error, "The first entity is no identity provider", "reads no other entity and calls every field required",
			"cut the file down to the EntityDescriptor of the IdP",
		},
		{
			"several-entities", Warning, "There are several entities", "reads the first EntityDescriptor alone",
			"give Sentry a file with the one EntityDescriptor that is meant",
		},
		{"several-roles", Warning, "The entity has several IDPSSODescriptors", "reads the first alone", "leave one IDPSSODescriptor"},
		{"no-entity-id", Error, "There is no entity ID", "refuses it: entity_id is required", "set the IdP's issuer (entity ID)"},
		{
			"entity-id-differs", Warning, "The entity ID is another address than the metadata's",
			"stores the entity ID as it stands, and refuses responses of any other issuer",
			"fetch the metadata under the address that people log in at, or set the provider's issuer to a fixed value",
		},
		{
			"entity-id-shared", Info, "The entity ID is authentik's old default", "stores it; every provider of that authentik has the same",
			"expect another one from authentik 2026.5 on, and give Sentry the new metadata then",
		},
		{
			"entity-id-no-url", Info, "The entity ID is not a URL", "stores it; another identity provider may have the same",
			"use a URL that is the IdP's own, such as that of its metadata",
		},
		{
			"wants-signed-requests", Warning, "The IdP wants signed requests", "never signs requests; an IdP that insists refuses every login",
			"do not require signed requests for Sentry (authentik: no verification certificate; Keycloak: client signature required off)",
		},
		{"metadata-expired", Warning, "validUntil has passed", ignoresIt, unsignedFix},
		{"valid-until", Warning, "validUntil is no time", ignoresIt, "write an instant such as 2027-01-31T12:00:00Z"},
		{"duplicate-id", Warning, "An ID is used twice", ignoresIt, "give every element an ID of its own: signatures refer to them"},
	}
}

func endpointRules() []Rule {
	return []Rule{
		{
			"no-redirect-sso", Error, "There is no SingleSignOnService for HTTP-Redirect", "uses no other binding and refuses it: sso_url is required",
			"switch the HTTP-Redirect binding on at the IdP",
		},
		{"several-redirect-sso", Info, "There are several SingleSignOnServices for HTTP-Redirect", "takes the first", "put the one that is meant first"},
		{
			"no-redirect-slo", Info, "There is no SingleLogoutService for HTTP-Redirect", "keeps no logout URL",
			"add the HTTP-Redirect binding, if people shall be logged out of the IdP too",
		},
		{
			"invalid-url", Error, "A Location is no URL that Sentry takes", `answers "Enter a valid URL."`,
			"use an absolute https URL whose host has a dot",
		},
		{
			"refused-url", Error, "A Location is refused by Sentry's SAML library", "stores it, and answers HTTP 500 to every login",
			"use a host of ASCII letters, digits, dots and dashes; write other alphabets as xn--",
		},
		{"http-location", Warning, "A Location is plain http", "sends people there; logins can be read and changed on the way", "serve the IdP by https"},
	}
}

func certificateRules() []Rule {
	return []Rule{
		{
			"no-certificate", Error, "There is no certificate", "cannot check who signed a response and refuses it: x509cert is required",
			"choose a signing certificate at the IdP",
		},
		{
			"encryption-only", Error, "There are several certificates for encryption and none for signing", "takes none and refuses it: x509cert is required",
			"choose a signing certificate at the IdP",
		},
		{
			"encryption-certificate", Warning, "The only certificate is for encryption", "checks signatures with it, which fails unless the same key signs",
			"choose a signing certificate at the IdP",
		},
		{
			"several-certificates", Warning, "There are several signing certificates", "trusts the first alone: responses signed with another are refused",
			"let the first be the one that signs; at a roll-over, change Sentry's field when the IdP changes",
		},
		{
			"unreadable-certificate", Error, "A certificate cannot be read", "stores the text, and every login ends in an error",
			"write the base64 of the certificate, without BEGIN and END lines",
		},
		{"expired", Warning, "The certificate has expired", "does not look at the dates; the IdP may stop signing with it", renewFix},
		{"expires-soon", Warning, "The certificate ends soon", "does not look at the dates, and never reads metadata again by itself", renewFix},
		{"not-yet-valid", Warning, "The certificate is not valid yet", "does not look at the dates", "set the clock right, or wait"},
		{"weak-signature", Warning, "The certificate is signed with a broken hash", "trusts the certificate itself, whatever its signature", renewFix},
		{"short-rsa", Warning, "The RSA key is short", "accepts it, and so may an attacker who has computed the key", renewFix},
		{"unsupported-key", Error, "The key is of a kind that signs no XML", "stores it and can verify nothing with it", "use an RSA or ECDSA key"},
		{
			"unusual-key", Warning, "The key is of a kind that few programs have", "stores it, and its library may be able to verify with it",
			"use an RSA key of 2048 bits or more",
		},
		{
			"not-strict", Warning, "Strict programs refuse the certificate", "reads it, as OpenSSL does",
			renewFix,
		},
		{"ecdsa-default", Info, "The key is ECDSA", "verifies it", "set authentik's signature algorithm to an ecdsa one: its default is rsa-sha256"},
		{"ca-certificate", Info, "The certificate is a CA", "trusts this certificate alone, nothing that it signed", "use a self-signed certificate made for SAML alone"},
	}
}

func signatureRules() []Rule {
	return []Rule{
		{"broken-signature", Error, "The signature does not fit the document", "checks no signature on metadata and would store what somebody changed", unsignedFix},
		{
			"misplaced-signature", Error, "A signature signs another element than the one it stands in",
			"checks no signature on metadata and would store what nobody signed", unsignedFix,
		},
		{"unknown-signature", Info, "The signature cannot be checked", "checks no signature on metadata", "compare the fingerprint of the certificate by another way"},
		{
			"foreign-signature", Info, "The signature is by another key than the metadata's own", "checks no signature on metadata",
			"make sure that you know the signer, such as a federation",
		},
		{"sha1-signature", Info, "The metadata is signed with SHA-1", "checks no signature on metadata", "sign it with SHA-256"},
	}
}

// ruleOf returns the rule of that code. A code without a rule is a mistake in
// the program, and an error without advice.
func ruleOf(code string) Rule {
	rules := Rules()
	if i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code }); i >= 0 {
		return rules[i]
	}
	return Rule{Code: code, Severity: Error}
}
