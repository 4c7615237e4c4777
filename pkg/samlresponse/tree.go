package samlresponse

import (
	"encoding/xml"
	"strings"

	"github.com/beevik/etree"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// The namespaces of a response.
const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
	nsEncrypted = "http://www.w3.org/2001/04/xmlenc#"
	nsSchema    = "http://www.w3.org/2001/XMLSchema"
	nsInstance  = "http://www.w3.org/2001/XMLSchema-instance"
)

// node is an XML element as python3-saml sees it: names expanded, comments and
// processing instructions gone and the text around them joined (python3-saml,
// xmlparser.py over lxml).
type node struct {
	name     xml.Name
	attrs    []xml.Attr // names expanded, without namespace declarations
	spaces   []space    // declared here
	before   strings.Builder
	all      strings.Builder
	parent   *node
	children []*node
	el       *etree.Element // the same element, for signatures
}

// space is a namespace declaration.
type space struct{ prefix, uri string }

// resolve returns the namespace that a prefix stands for, and whether it was
// declared. No prefix stands for no namespace until it is declared.
func (n *node) resolve(prefix string) (string, bool) {
	if prefix == "xml" {
		return xmltext.NamespaceXML, true
	}
	for m := n; m != nil; m = m.parent {
		for _, s := range m.spaces {
			if s.prefix == prefix {
				return s.uri, true
			}
		}
	}
	return "", prefix == ""
}

// add adds text to an element.
func (n *node) add(text string) {
	if len(n.children) == 0 {
		n.before.WriteString(text)
	}
	n.all.WriteString(text)
	n.el.CreateText(text)
}

// text is the text up to the first child, as lxml's node.text.
func (n *node) text() string { return n.before.String() }

// content is all text that stands directly in n.
func (n *node) content() string { return n.all.String() }

func (n *node) is(space, local string) bool { return n.name.Space == space && n.name.Local == local }

// clark is the name as lxml writes it.
func (n *node) clark() string {
	if n.name.Space == "" {
		return n.name.Local
	}
	return "{" + n.name.Space + "}" + n.name.Local
}

// lookup returns an attribute without namespace, and whether it is there.
func (n *node) lookup(local string) (string, bool) {
	for _, attr := range n.attrs {
		if attr.Name.Space == "" && attr.Name.Local == local {
			return attr.Value, true
		}
	}
	return "", false
}

func (n *node) attr(local string) string {
	value, _ := n.lookup(local)
	return value
}

// child returns the children of that name.
func (n *node) child(space, local string) []*node {
	var found []*node
	for _, c := range n.children {
		if c.is(space, local) {
			found = append(found, c)
		}
	}
	return found
}

// below returns the descendants of that name in document order, n included.
func (n *node) below(space, local string) []*node {
	var found []*node
	n.walk(func(m *node) {
		if m.is(space, local) {
			found = append(found, m)
		}
	})
	return found
}

func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		c.walk(visit)
	}
}

// path follows child names, each written as prefix:Name, from several nodes.
func path(from []*node, names ...string) []*node {
	for _, name := range names {
		var next []*node
		for _, n := range from {
			next = append(next, n.child(expand(name))...)
		}
		from = next
	}
	return from
}

// expand turns the usual prefixes of SAML into namespaces.
func expand(name string) (space, local string) {
	prefix, local, _ := strings.Cut(name, ":")
	switch prefix {
	case "samlp":
		return nsProtocol, local
	case "saml":
		return nsAssertion, local
	case "ds":
		return nsSignature, local
	case "xenc":
		return nsEncrypted, local
	}
	return prefix, local
}
