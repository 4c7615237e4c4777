package sso

import (
	"crypto/x509"
	"slices"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// signatures finds what is signed, without believing it yet (response.py
// process_signed_elements).
func (c *checker) signatures() error {
	var ids []string
	for _, signature := range descendants(c.response, nsSignature, "Signature") {
		signed := signature.Parent()
		if signed != c.response && (signed.Tag != "Assertion" || signed.NamespaceURI() != nsAssertion) {
			return oddlySigned("Invalid Signature Element {" + signed.NamespaceURI() + "}" + signed.Tag + " SAML Response rejected")
		}
		id := signed.SelectAttrValue("ID", "")
		if id == "" {
			return oddlySigned("Signed Element must contain an ID. SAML Response rejected")
		}
		if slices.Contains(ids, id) {
			return oddlySigned("Duplicated ID. SAML Response rejected")
		}
		ids = append(ids, id)
		if references := descendants(signature, nsSignature, "Reference"); len(references) > 0 {
			if uri := references[0].SelectAttrValue("URI", ""); uri != "" && uri[1:] != id {
				return oddlySigned("Found an invalid Signed Element. SAML Response rejected")
			}
		}
		c.signed = append(c.signed, signed)
	}
	for _, el := range c.signed {
		if el != c.response && el != c.assertion {
			return oddlySigned("Found an unexpected Signature Element. SAML Response rejected")
		}
	}
	return nil
}

func oddlySigned(words string) error {
	return refused(words, "Something else is signed than the response or its assertion.", "Sign the assertion, and nothing else.")
}

// verify checks the signatures against the one certificate that Sentry keeps.
func (c *checker) verify() error {
	if len(c.signed) == 0 {
		return refused("No Signature found. SAML Response rejected", "Neither the response nor the assertion is signed.",
			"Choose a signing certificate at authentik's provider, and sign assertions.")
	}
	for _, el := range c.signed {
		if err := verifyElement(el, c.cert); err != nil {
			return refused("Signature validation failed. SAML Response rejected",
				"authentik signed with another certificate than the one Sentry was given, or signed both the response and the assertion and broke one of the two.",
				"Compare the fingerprints, give Sentry authentik's metadata anew, and sign assertions only.")
		}
	}
	return nil
}

func verifyElement(el *etree.Element, cert *x509.Certificate) error {
	outer, err := etreeutils.NSBuildParentContext(el)
	if err != nil {
		return err
	}
	inner, err := outer.SubContext(el)
	if err != nil {
		return err
	}
	detached, err := etreeutils.NSDetatch(inner, el)
	if err != nil {
		return err
	}
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
	// python3-saml looks at the key alone: a certificate that has expired is fine.
	context.Clock = dsig.NewFakeClockAt(cert.NotBefore)
	_, err = context.Validate(detached)
	return err
}
