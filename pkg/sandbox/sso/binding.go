package sso

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/beevik/etree"
)

// Namespaces, bindings and formats of SAML 2.0.
const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"

	bindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	bindingPOST     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

	formatUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	subjectMethod     = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
	statusSuccess     = "urn:oasis:names:tc:SAML:2.0:status:Success"

	timeFormat = "2006-01-02T15:04:05Z"
)

const (
	messageLimit = 256 << 10 // bytes of a message's XML
	depthLimit   = 64        // elements in each other
)

// deflate is a message as a query carries it (SAML 2.0 bindings, 3.4.4.1).
func deflate(message []byte) (string, error) {
	var out bytes.Buffer
	writer, err := flate.NewWriter(&out, flate.DefaultCompression)
	if err != nil {
		return "", err
	}
	if _, err := writer.Write(message); err != nil {
		return "", err
	}
	if err := writer.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// inflate undoes deflate.
func inflate(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("wanted base64: %w", err)
	}
	message, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(raw)), messageLimit+1))
	if err != nil {
		return nil, fmt.Errorf("wanted a deflated message: %w", err)
	}
	return message, nil
}

// decodePost is a message as a form carries it (SAML 2.0 bindings, 3.5.4).
func decodePost(text string) ([]byte, error) {
	message, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fmt.Errorf("wanted base64: %w", err)
	}
	return message, nil
}

// parse reads a message. Like python3-saml it takes no document type, and it
// takes nothing large or deep.
func parse(message []byte) (*etree.Element, error) {
	if len(message) > messageLimit {
		return nil, fmt.Errorf("wanted at most %d KiB of XML, found more", messageLimit>>10)
	}
	if err := checkTokens(xml.NewDecoder(bytes.NewReader(message))); err != nil { //nolint:gosec // it is the guard: size and depth are bounded
		return nil, err
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(message); err != nil {
		return nil, fmt.Errorf("wanted XML: %w", err)
	}
	if doc.Root() == nil {
		return nil, errors.New("wanted XML, found no element")
	}
	return doc.Root(), nil
}

func checkTokens(decoder *xml.Decoder) error {
	for depth := 0; ; {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("wanted XML: %w", err)
		}
		switch token.(type) {
		case xml.Directive:
			return errors.New("wanted XML without a document type, found one")
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		if depth > depthLimit {
			return fmt.Errorf("wanted at most %d elements in each other, found more", depthLimit)
		}
	}
}

// write is the text of an element.
func write(el *etree.Element) ([]byte, error) {
	doc := etree.NewDocument()
	doc.SetRoot(el)
	return doc.WriteToBytes()
}

// redirectURL is an address that carries a message by the Redirect binding.
func redirectURL(location, parameter string, message *etree.Element, relayState string) (string, error) {
	text, err := write(message)
	if err != nil {
		return "", err
	}
	packed, err := deflate(text)
	if err != nil {
		return "", err
	}
	query := url.Values{parameter: {packed}}
	if relayState != "" {
		query.Set("RelayState", relayState)
	}
	return location + "?" + query.Encode(), nil
}

// children are the children of el that have a name.
func children(el *etree.Element, namespace, tag string) []*etree.Element {
	var found []*etree.Element
	if el == nil {
		return nil
	}
	for _, child := range el.ChildElements() {
		if child.Tag == tag && child.NamespaceURI() == namespace {
			found = append(found, child)
		}
	}
	return found
}

// child is the first of children, or nil.
func child(el *etree.Element, namespace, tag string) *etree.Element {
	if found := children(el, namespace, tag); len(found) > 0 {
		return found[0]
	}
	return nil
}

// text is what an element says, without comments.
func text(el *etree.Element) string {
	if el == nil {
		return ""
	}
	var out strings.Builder
	for _, token := range el.Child {
		switch token := token.(type) {
		case *etree.CharData:
			out.WriteString(token.Data)
		case *etree.Element:
			out.WriteString(text(token))
		}
	}
	return out.String()
}
