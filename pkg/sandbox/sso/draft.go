package sso

import (
	"crypto/x509"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
)

// The attributes of authentik's managed property mappings
// (blueprints/system/providers-saml.yaml).
const (
	attrUPN      = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
	attrName     = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
	attrEmail    = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
	attrUsername = "http://schemas.goauthentik.io/2021/02/saml/username"
	attrUID      = "http://schemas.goauthentik.io/2021/02/saml/uid"
	attrGroups   = "http://schemas.xmlsoap.org/claims/Group"
	attrWindows  = "http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname"
)

// draft is a response before it is written down, for faults to spoil.
type draft struct {
	nameID       string
	now          time.Time
	issuer       string
	audience     string
	destination  string
	recipient    string
	inResponseTo string // empty: the login began at the identity provider
	status       string
	attributes   []Attribute

	signer                      *signer
	reader                      *x509.Certificate // the reader of an encrypted assertion
	signAssertion, signResponse bool
	encrypted                   bool
}

// attributesOf are what authentik says of a person. Where it has no value, it
// leaves the attribute out.
func attributesOf(p Person) []Attribute {
	all := []Attribute{
		{attrUPN, []string{p.Email}},
		{attrName, []string{p.Name}},
		{attrEmail, []string{p.Email}},
		{attrUsername, []string{p.Username}},
		{attrUID, []string{strconv.Itoa(p.ID)}},
		{attrGroups, p.Groups},
		{attrWindows, []string{p.Username}},
	}
	return slices.DeleteFunc(all, func(a Attribute) bool { return len(a.Values) == 0 || a.Values[0] == "" })
}

// build writes the response down as authentik does
// (authentik/providers/saml/processors/assertion.py).
func (d *draft) build(newID func(prefix string) (string, error)) (*etree.Element, error) {
	responseID, err := newID("_")
	if err != nil {
		return nil, err
	}
	assertionID, err := newID("_")
	if err != nil {
		return nil, err
	}
	response := d.response(responseID)
	assertion := d.assertion(assertionID)
	if d.status == statusSuccess {
		response.AddChild(assertion)
	}
	// The response first: so the assertion's signature breaks that of the response.
	if d.signResponse {
		if err := d.signer.sign(response, 1); err != nil {
			return nil, err
		}
	}
	if d.signAssertion {
		if err := d.signer.sign(assertion, 1); err != nil {
			return nil, err
		}
	}
	if d.encrypted {
		return response, d.encrypt(response, assertion)
	}
	return response, nil
}

func (d *draft) response(id string) *etree.Element {
	el := etree.NewElement("samlp:Response")
	el.CreateAttr("xmlns:samlp", nsProtocol)
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("Version", "2.0")
	el.CreateAttr("ID", id)
	el.CreateAttr("IssueInstant", d.now.Format(timeFormat))
	el.CreateAttr("Destination", d.destination)
	if d.inResponseTo != "" {
		el.CreateAttr("InResponseTo", d.inResponseTo)
	}
	el.CreateElement("saml:Issuer").SetText(d.issuer)
	status := el.CreateElement("samlp:Status")
	status.CreateElement("samlp:StatusCode").CreateAttr("Value", d.status)
	if d.status != statusSuccess {
		status.CreateElement("samlp:StatusMessage").SetText("Request denied by policy")
	}
	return el
}

// validity is how long before and after now an assertion of authentik is valid.
const validity = 5 * time.Minute

func (d *draft) assertion(id string) *etree.Element {
	begin, end := d.now.Add(-validity).Format(timeFormat), d.now.Add(validity).Format(timeFormat)
	el := etree.NewElement("saml:Assertion")
	el.CreateAttr("xmlns:saml", nsAssertion)
	el.CreateAttr("Version", "2.0")
	el.CreateAttr("ID", id)
	el.CreateAttr("IssueInstant", d.now.Format(timeFormat))
	el.CreateElement("saml:Issuer").SetText(d.issuer)
	d.subject(el, end)
	conditions := el.CreateElement("saml:Conditions")
	conditions.CreateAttr("NotBefore", begin)
	conditions.CreateAttr("NotOnOrAfter", end)
	if d.audience != "" {
		conditions.CreateElement("saml:AudienceRestriction").CreateElement("saml:Audience").SetText(d.audience)
	}
	authn := el.CreateElement("saml:AuthnStatement")
	authn.CreateAttr("AuthnInstant", begin)
	authn.CreateAttr("SessionIndex", id)
	authn.CreateAttr("SessionNotOnOrAfter", d.now.Add(60*24*time.Hour).Format(timeFormat))
	authn.CreateElement("saml:AuthnContext").CreateElement("saml:AuthnContextClassRef").SetText("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
	d.statement(el)
	return el
}

func (d *draft) subject(assertion *etree.Element, end string) {
	subject := assertion.CreateElement("saml:Subject")
	nameID := subject.CreateElement("saml:NameID")
	nameID.CreateAttr("Format", formatUnspecified)
	nameID.SetText(d.nameID)
	confirmation := subject.CreateElement("saml:SubjectConfirmation")
	confirmation.CreateAttr("Method", subjectMethod)
	data := confirmation.CreateElement("saml:SubjectConfirmationData")
	if d.inResponseTo != "" {
		data.CreateAttr("InResponseTo", d.inResponseTo)
	}
	data.CreateAttr("NotOnOrAfter", end)
	data.CreateAttr("Recipient", d.recipient)
}

func (d *draft) statement(assertion *etree.Element) {
	if len(d.attributes) == 0 {
		return
	}
	statement := assertion.CreateElement("saml:AttributeStatement")
	slices.SortStableFunc(d.attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range d.attributes {
		el := statement.CreateElement("saml:Attribute")
		el.CreateAttr("Name", a.Name)
		for _, value := range a.Values {
			el.CreateElement("saml:AttributeValue").SetText(value)
		}
	}
}

// encrypt replaces the assertion by an encrypted one. Whose key it is does not
// matter, because Sentry has none.
func (d *draft) encrypt(response, assertion *etree.Element) error {
	plain, err := write(assertion.Copy())
	if err != nil {
		return err
	}
	cipher := xmlenc.OAEP()
	cipher.DigestMethod = xmlenc.SHA1
	data, err := cipher.Encrypt(d.reader, plain, nil)
	if err != nil {
		return err
	}
	data.CreateAttr("Type", "http://www.w3.org/2001/04/xmlenc#Element")
	response.RemoveChild(assertion)
	response.CreateElement("saml:EncryptedAssertion").AddChild(data)
	return nil
}
