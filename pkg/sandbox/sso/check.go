package sso

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// drift is what python3-saml forgives the clocks.
const drift = 300 * time.Second

// checker holds a response to what python3-saml wants of it with Sentry's
// settings: strict, at least one signature, no key to decrypt with, and the
// InResponseTo not compared with any request.
type checker struct {
	now      time.Time
	spEntity string
	acs      string // the address that the response came to
	idp      string // entity ID of the identity provider
	cert     *x509.Certificate

	response  *etree.Element
	assertion *etree.Element // nil where the response has none as a child
	signed    []*etree.Element
}

// read takes the response apart; what fails here is a server error at Sentry.
func (c *checker) read(message []byte) error {
	root, err := parse(message)
	if err != nil {
		return broken(err.Error(), "What was posted is no SAML response.", "Look at what the identity provider sends.")
	}
	c.response = root
	c.assertion = child(root, nsAssertion, "Assertion")
	if len(children(root, nsAssertion, "EncryptedAssertion")) > 0 {
		return broken("No private key available to decrypt the assertion, check settings",
			"The assertion is encrypted, and Sentry has no key of its own.",
			"Clear the encryption certificate of authentik's provider.")
	}
	return nil
}

// check runs python3-saml's checks in its order (response.py is_valid); the
// signature comes last. Of the schema it knows the parts that the other checks
// rely on.
func (c *checker) check() error {
	for _, step := range []func() error{
		c.version, c.status, c.single, c.signatures, c.schema, c.conditions, c.authn, c.attributes,
		c.destination, c.audience, c.issuer, c.session, c.subject, c.verify,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) version() error {
	if c.response.SelectAttrValue("Version", "") != "2.0" {
		return refused("Unsupported SAML version", "The response is not of SAML 2.0.", "Choose SAML 2.0 at the identity provider.")
	}
	if c.response.SelectAttr("ID") == nil {
		return refused("Missing ID attribute on SAML Response", "The response has no ID.", "Report it to the identity provider's makers.")
	}
	return nil
}

func (c *checker) status() error {
	status := child(c.response, nsProtocol, "Status")
	code := child(status, nsProtocol, "StatusCode")
	if code == nil {
		return refused("Missing Status on response", "The response does not say how it went.", "Report it to the identity provider's makers.")
	}
	value := code.SelectAttrValue("Value", "")
	if value == statusSuccess || value == "" {
		return nil
	}
	words := "The status code of the Response was not Success, was " + value[strings.LastIndex(value, ":")+1:]
	if message := text(child(status, nsProtocol, "StatusMessage")); message != "" {
		words += " -> " + message
	}
	return refused(words, "authentik did not let the person in, or took no request of Sentry's.",
		"Bind the person or a group of theirs to the application, and compare the ACS URL.")
}

func (c *checker) single() error {
	if n := len(descendants(c.response, nsAssertion, "Assertion")) + len(descendants(c.response, nsAssertion, "EncryptedAssertion")); n != 1 {
		return refused("SAML Response must contain 1 assertion", fmt.Sprintf("It has %d.", n), "Let authentik answer anew.")
	}
	return nil
}

// schema is a small part of saml-schema-protocol-2.0.xsd.
func (c *checker) schema() error {
	for _, el := range []*etree.Element{c.response, c.assertion} {
		if el == nil || el.SelectAttr("ID") == nil || el.SelectAttr("IssueInstant") == nil || el.SelectAttr("Version") == nil {
			return refused("Invalid SAML Response. Not match the saml-schema-protocol-2.0.xsd",
				"The response, or its assertion, lacks what the schema wants.", "Report it to the identity provider's makers.")
		}
	}
	return nil
}

func (c *checker) conditions() error {
	found := children(c.assertion, nsAssertion, "Conditions")
	if len(found) != 1 {
		return refused("The Assertion must include a Conditions element", "It has none, or several.", "Report it to the identity provider's makers.")
	}
	const clocks = "The clocks of authentik and Sentry are more than five minutes apart, or the response is old."
	begin, end, err := times(found[0], "NotBefore", "NotOnOrAfter")
	switch {
	case err != nil:
		return err
	case !begin.IsZero() && begin.After(c.now.Add(drift)):
		return refused("Could not validate timestamp: not yet valid. Check system clock.", clocks, "Set both by NTP.")
	case !end.IsZero() && !end.Add(drift).After(c.now):
		return refused("Could not validate timestamp: expired. Check system clock.", clocks, "Set both by NTP, and log in anew.")
	}
	return nil
}

func (c *checker) authn() error {
	if len(children(c.assertion, nsAssertion, "AuthnStatement")) != 1 {
		return refused("The Assertion must include an AuthnStatement element", "It has none, or several.", "Report it to the identity provider's makers.")
	}
	return nil
}

func (c *checker) attributes() error {
	statements := children(c.assertion, nsAssertion, "AttributeStatement")
	if len(statements) == 0 {
		return refused("There is no AttributeStatement on the Response", "authentik sent no attribute.",
			"Select the property mappings at authentik's provider.")
	}
	for _, statement := range statements {
		if len(children(statement, nsAssertion, "EncryptedAttribute")) > 0 {
			return refused("There is an EncryptedAttribute in the Response and this SP not support them", "An attribute is encrypted.", "Switch encryption off.")
		}
	}
	return nil
}

func (c *checker) destination() error {
	attr := c.response.SelectAttr("Destination")
	switch {
	case attr == nil:
		return nil
	case attr.Value == "":
		return refused("The response has an empty Destination value", "The ACS URL at authentik is empty.", "Set it to "+c.acs)
	case !strings.HasPrefix(normal(attr.Value), normal(c.acs)):
		return refused("The response was received at "+c.acs+" instead of "+attr.Value,
			"Sentry's system.url-prefix and the ACS URL at authentik differ in scheme, host, port or slug.",
			"Set the ACS URL to the first address, if that is Sentry's; otherwise set system.url-prefix.")
	}
	return nil
}

func (c *checker) audience() error {
	var found []string
	for _, restriction := range children(child(c.assertion, nsAssertion, "Conditions"), nsAssertion, "AudienceRestriction") {
		for _, el := range children(restriction, nsAssertion, "Audience") {
			if value := text(el); value != "" {
				found = append(found, value)
			}
		}
	}
	if len(found) == 0 || slices.Contains(found, c.spEntity) {
		return nil
	}
	return refused(c.spEntity+" is not a valid audience for this Response", "The response is for "+strings.Join(found, ", ")+".",
		"Set the audience of authentik's provider to "+c.spEntity+", with the last slash.")
}

func (c *checker) issuer() error {
	own, inner := children(c.response, nsAssertion, "Issuer"), children(c.assertion, nsAssertion, "Issuer")
	if len(own) > 1 {
		return refused("Issuer of the Response is multiple.", "The response names several issuers.", "Report it to the identity provider's makers.")
	}
	if len(inner) != 1 {
		return refused("Issuer of the Assertion not found or multiple.", "The assertion names none, or several.", "Report it to the identity provider's makers.")
	}
	for _, el := range append(own, inner...) {
		if value := text(el); value != "" && value != c.idp {
			return refused(fmt.Sprintf("Invalid issuer in the Assertion/Response (expected %s, got %s)", c.idp, value),
				"authentik's entity ID is not the one that Sentry read from its metadata.",
				"Give Sentry authentik's metadata anew, or set the issuer at authentik's provider to the first.")
		}
	}
	return nil
}

func (c *checker) session() error {
	_, end, err := times(child(c.assertion, nsAssertion, "AuthnStatement"), "", "SessionNotOnOrAfter")
	if err != nil {
		return err
	}
	if !end.IsZero() && !end.After(c.now) {
		return refused("The attributes have expired, based on the SessionNotOnOrAfter of the AttributeStatement of this Response",
			"The session at authentik is over.", "Lengthen the session of authentik's provider, and compare the clocks.")
	}
	return nil
}

func (c *checker) subject() error {
	for _, confirmation := range children(child(c.assertion, nsAssertion, "Subject"), nsAssertion, "SubjectConfirmation") {
		ok, err := c.confirms(confirmation)
		if ok || err != nil {
			return err
		}
	}
	return refused("A valid SubjectConfirmation was not found on this Response",
		"The Recipient is not Sentry's ACS, its time is over, or it answers another request than the response.",
		"Set the ACS URL of authentik's provider to "+c.acs)
}

func (c *checker) confirms(confirmation *etree.Element) (bool, error) {
	data := child(confirmation, nsAssertion, "SubjectConfirmationData")
	if method := confirmation.SelectAttrValue("Method", ""); data == nil || (method != "" && method != subjectMethod) {
		return false, nil
	}
	own, inner := c.response.SelectAttrValue("InResponseTo", ""), data.SelectAttrValue("InResponseTo", "")
	if own != "" && inner != "" && own != inner {
		return false, nil
	}
	if recipient := data.SelectAttrValue("Recipient", ""); recipient != "" && !strings.Contains(recipient, c.acs) {
		return false, nil
	}
	begin, end, err := times(data, "NotBefore", "NotOnOrAfter")
	late := !end.IsZero() && !end.After(c.now)
	early := !begin.IsZero() && begin.After(c.now)
	return err == nil && !late && !early, err
}

// times reads two attributes; one that is absent is the zero time.
func times(el *etree.Element, first, second string) (begin, end time.Time, err error) {
	read := func(name string) time.Time {
		value := ""
		if el != nil && name != "" {
			value = el.SelectAttrValue(name, "")
		}
		if value == "" || err != nil {
			return time.Time{}
		}
		at, failed := time.Parse(timeFormat, value) // which takes fractions of a second, too
		if failed != nil {
			err = refused(fmt.Sprintf(`time data %s does not match format yyyy-mm-ddThh:mm:ss(\.s+)?Z`, value),
				"A time is not written as SAML wants it.", "Report it to the identity provider's makers.")
		}
		return at.Truncate(time.Second)
	}
	begin, end = read(first), read(second)
	return begin, end, err
}

// normal is an address with scheme and host in lower case.
func normal(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return u.String()
}
