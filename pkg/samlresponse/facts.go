package samlresponse

import (
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

// Facts are what a response says, believed or not. Texts that are not there
// are empty.
type Facts struct {
	Form          string   `json:"form"` // what the input was: xml, base64, form, html, har or request
	Deflated      bool     `json:"deflated"`
	ID            string   `json:"id"`
	IssueInstant  string   `json:"issue_instant"`
	Status        string   `json:"status"`
	StatusMessage string   `json:"status_message"`
	Issuers       []string `json:"issuers"` // of the Response and the Assertion, each once
	Destination   string   `json:"destination"`
	InResponseTo  string   `json:"in_response_to"` // empty: the identity provider began
	Audiences     []string `json:"audiences"`
	Recipients    []string `json:"recipients"`
	Encrypted     bool     `json:"encrypted"`

	NotBefore           string `json:"not_before"`
	NotOnOrAfter        string `json:"not_on_or_after"`
	ConfirmationEnd     string `json:"confirmation_not_on_or_after"`
	AuthnInstant        string `json:"authn_instant"`
	SessionNotOnOrAfter string `json:"session_not_on_or_after"`

	NameID       string              `json:"name_id"`
	NameIDFormat string              `json:"name_id_format"`
	Attributes   map[string][]string `json:"attributes"`
	Signatures   []Signature         `json:"signatures"`
}

var _ report.Document = (*Facts)(nil)

// Signature is what a signature says of itself.
type Signature struct {
	Of          string       `json:"of"` // the element that it stands in
	Reference   string       `json:"reference"`
	Method      string       `json:"method"`
	Digest      string       `json:"digest"`
	Supported   bool         `json:"supported"`   // the methods are ones that Sentry verifies
	Certificate *Certificate `json:"certificate"` // the one it brings along, which Sentry does not look at; or null
}

// Certificate tells a certificate from others.
type Certificate struct {
	Subject  string    `json:"subject"`
	SHA256   string    `json:"fingerprint_sha256"`
	NotAfter time.Time `json:"not_after"`
}

func newFacts() *Facts {
	return &Facts{Issuers: []string{}, Audiences: []string{}, Recipients: []string{}, Attributes: map[string][]string{}, Signatures: []Signature{}}
}

// Facts returns what the response says.
func (r *Response) Facts() *Facts {
	f := newFacts()
	f.Form, f.Deflated = r.Form, r.Deflated
	f.ID, f.IssueInstant = r.root.attr("ID"), r.root.attr("IssueInstant")
	f.Destination, f.InResponseTo = r.root.attr("Destination"), r.root.attr("InResponseTo")
	f.Encrypted = len(r.root.below(nsAssertion, "EncryptedAssertion")) > 0
	if code := first(path(r.response(), "samlp:Status", "samlp:StatusCode")); code != nil {
		f.Status = code.attr("Value")
	}
	if text := first(path(r.response(), "samlp:Status", "samlp:StatusMessage")); text != nil {
		f.StatusMessage = text.text()
	}
	f.Issuers = unique(texts(append(path(r.response(), "saml:Issuer"), r.in("saml:Issuer")...)))
	f.Audiences = unique(texts(r.in("saml:Conditions", "saml:AudienceRestriction", "saml:Audience")))
	f.Attributes, _ = r.attributes("Name") // the values are complete even where a name is repeated
	r.times(f)
	r.subject(f)
	for _, signature := range r.root.below(nsSignature, "Signature") {
		f.Signatures = append(f.Signatures, signatureFacts(signature))
	}
	return f
}

func (r *Response) times(f *Facts) {
	if c := first(r.in("saml:Conditions")); c != nil {
		f.NotBefore, f.NotOnOrAfter = c.attr("NotBefore"), c.attr("NotOnOrAfter")
	}
	if s := first(r.in("saml:AuthnStatement")); s != nil {
		f.AuthnInstant, f.SessionNotOnOrAfter = s.attr("AuthnInstant"), s.attr("SessionNotOnOrAfter")
	}
}

func (r *Response) subject(f *Facts) {
	if n := first(r.in("saml:Subject", "saml:NameID")); n != nil {
		f.NameID, f.NameIDFormat = n.text(), n.attr("Format")
	}
	for i, data := range r.in("saml:Subject", "saml:SubjectConfirmation", "saml:SubjectConfirmationData") {
		if recipient := data.attr("Recipient"); recipient != "" {
			f.Recipients = append(f.Recipients, recipient)
		}
		if i == 0 {
			f.ConfirmationEnd = data.attr("NotOnOrAfter")
		}
	}
	f.Recipients = unique(f.Recipients)
}

// unique drops repetitions and keeps the order.
func unique(words []string) []string {
	kept := []string{}
	for _, word := range words {
		if !slices.Contains(kept, word) {
			kept = append(kept, word)
		}
	}
	return kept
}

func signatureFacts(signature *node) Signature {
	s := Signature{}
	if signature.parent != nil {
		s.Of = signature.parent.name.Local
	}
	info := signature.child(nsSignature, "SignedInfo")
	if reference := first(path(info, "ds:Reference")); reference != nil {
		s.Reference = reference.attr("URI")
	}
	method, digest := algorithm(path(info, "ds:SignatureMethod")), algorithm(path(info, "ds:Reference", "ds:DigestMethod"))
	s.Method, s.Digest = fragment(method), fragment(digest)
	s.Supported = xmldsig.Supported(method, digest)
	if text := first(path([]*node{signature}, "ds:KeyInfo", "ds:X509Data", "ds:X509Certificate")); text != nil {
		if cert, err := keypair.ParseStored(strings.Join(strings.Fields(text.content()), "")); err == nil {
			s.Certificate = &Certificate{Subject: cert.Subject.String(), SHA256: keypair.FingerprintSHA256(cert), NotAfter: cert.NotAfter.UTC()}
		}
	}
	return s
}

func algorithm(nodes []*node) string {
	if n := first(nodes); n != nil {
		return n.attr("Algorithm")
	}
	return ""
}

// fragment is the short name of an algorithm's URI.
func fragment(uri string) string { return uri[strings.LastIndex(uri, "#")+1:] }
