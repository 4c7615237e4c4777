package filekind

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// samlProtocol is the namespace of SAML 2.0 messages (SAML core, 1.2).
const samlProtocol = "urn:oasis:names:tc:SAML:2.0:protocol"

// postPage is the hidden field of a page that posts a response.
var postPage = pattern.New(`(?is)<input\b[^>]*\bname\s*=\s*["']?SAMLResponse["'\s/>]`)

var doctypeHTML = pattern.New(`(?i)^<!doctype\s+html`)

// ofMarkup tells HTML and XML by the root element.
func ofMarkup(head []byte) Kind {
	if postPage().Match(head) {
		return Response
	}
	name, html := root(head)
	switch {
	case html, strings.EqualFold(name.Local, "html"), strings.EqualFold(name.Local, "head"), strings.EqualFold(name.Local, "body"):
		return WebPage
	case name.Local == "EntityDescriptor", name.Local == "EntitiesDescriptor":
		return Metadata
	case name.Local == "Response" && (name.Space == samlProtocol || strings.HasPrefix(name.Space, "saml")):
		return Response
	case name.Space == samlProtocol, name.Local == "Assertion":
		return SAMLMessage
	}
	return XML
}

// root is the name of the root element, as far as it can be read; its space is
// the prefix where that is not declared. html says that a DOCTYPE calls it HTML.
func root(head []byte) (name xml.Name, html bool) {
	decoder := xml.NewDecoder(bytes.NewReader(head))
	decoder.Strict = false
	for {
		start := decoder.InputOffset()
		token, err := decoder.Token()
		if err != nil {
			return firstTag(head), doctypeHTML().Match(head)
		}
		switch t := token.(type) {
		case xml.Directive:
			if doctypeHTML().Match(head[start:]) {
				return xml.Name{}, true
			}
		case xml.StartElement:
			return t.Name, false
		}
	}
}

var openingTag = pattern.New(`<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)`)

// firstTag finds the root element where the decoder gives up, such as at a
// declaration of another encoding.
func firstTag(head []byte) xml.Name {
	match := openingTag().FindSubmatch(head)
	if match == nil {
		return xml.Name{}
	}
	return xml.Name{Space: string(match[1]), Local: string(match[2])}
}
