package samlresponse

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/beevik/etree"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// parse reads one XML document. What lxml refuses, as python3-saml sets it up,
// is an error: a DOCTYPE, more than one root, undeclared prefixes, repeated
// attributes, all that is not well formed.
func parse(data []byte) (*node, error) {
	if len(data) > MaxXML {
		return nil, tooMuch("the response has %d bytes, the limit is %d", len(data), MaxXML)
	}
	text, line, err := xmltext.UTF8(data)
	if errors.Is(err, xmltext.ErrUnread) {
		return nil, tooMuch("the response is refused in line %d: %w", line, err)
	}
	if err != nil {
		return nil, malformed(line, err)
	}
	return parseText(text)
}

func parseText(data []byte) (*node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	b := &builder{ids: map[string]bool{}}
	for {
		start := decoder.InputOffset()
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return b.done()
		}
		if err == nil {
			err = b.add(token, data[start:decoder.InputOffset()])
		}
		if err != nil {
			return nil, b.complain(decoder, err)
		}
	}
}

var errLimit = errors.New("limit")

func (b *builder) complain(decoder *xml.Decoder, err error) error {
	line, _ := decoder.InputPos()
	if errors.Is(err, errLimit) {
		return tooMuch("the response is refused in line %d: %w", line, err)
	}
	return malformed(line, err)
}

func malformed(line int, err error) error {
	return notReadable("the response is not well-formed XML: line %d: %w", line, err)
}

// builder puts tokens together to a tree.
type builder struct {
	root *node
	open []*node
	raw  []xml.Name      // names of the open elements as they are written
	ids  map[string]bool // values of xml:id
}

func (b *builder) add(token xml.Token, written []byte) error {
	if err := xmltext.Check(token, written, len(b.open) == 0); err != nil {
		return err
	}
	switch t := token.(type) {
	case xml.StartElement:
		xmltext.Normalize(t.Attr, written)
		return b.start(t)
	case xml.EndElement:
		return b.end(t)
	case xml.CharData:
		b.characters(t)
	case xml.Directive:
		return errors.New("a DOCTYPE is forbidden")
	}
	return nil
}

func (b *builder) start(t xml.StartElement) error {
	switch {
	case len(b.open) == xmltext.MaxDepth:
		return fmt.Errorf("elements are nested more than %d deep", xmltext.MaxDepth)
	case len(t.Attr) > maxAttributes:
		return fmt.Errorf("%w: an element has %d attributes, more than %d", errLimit, len(t.Attr), maxAttributes)
	case len(b.open) == 0 && b.root != nil:
		return errors.New("there is more than one root element")
	}
	n := &node{}
	if len(b.open) > 0 {
		n.parent = b.open[len(b.open)-1]
	}
	if err := b.name(n, t); err != nil {
		return err
	}
	if n.parent == nil {
		b.root = n
	} else {
		n.parent.children = append(n.parent.children, n)
		n.parent.el.AddChild(n.el)
	}
	b.open, b.raw = append(b.open, n), append(b.raw, t.Name)
	return nil
}

// name expands the names of an element and its attributes.
func (b *builder) name(n *node, t xml.StartElement) error {
	if err := declare(n, t.Attr); err != nil {
		return err
	}
	for _, attr := range t.Attr {
		if err := qualified(attr.Name); err != nil {
			return err
		}
	}
	if err := qualified(t.Name); err != nil {
		return err
	}
	var ok bool
	if n.name.Space, ok = n.resolve(t.Name.Space); !ok {
		return fmt.Errorf("the prefix %q is not declared", t.Name.Space)
	}
	n.name.Local = t.Name.Local
	n.el = etree.NewElement(written(t.Name))
	seen := map[xml.Name]bool{}
	for _, attr := range t.Attr {
		full := attr.Name
		if attr.Name.Space != "" && attr.Name.Space != xmlns {
			if full.Space, ok = n.resolve(attr.Name.Space); !ok {
				return fmt.Errorf("the prefix %q is not declared", attr.Name.Space)
			}
		}
		if seen[full] {
			return fmt.Errorf("the attribute %s is there twice", attr.Name.Local)
		}
		seen[full] = true
		n.el.CreateAttr(written(attr.Name), attr.Value)
		if !isDeclaration(attr.Name) {
			n.attrs = append(n.attrs, xml.Attr{Name: full, Value: attr.Value})
		}
		if err := b.id(full, attr.Value); err != nil {
			return err
		}
	}
	return nil
}

// qualified checks what Namespaces in XML, 4, asks of a name.
func qualified(name xml.Name) error {
	if len(name.Local) > maxName || !isNCName(name.Local) || name.Space != "" && !isNCName(name.Space) {
		return fmt.Errorf("%q is no qualified name", written(name))
	}
	return nil
}

func isDeclaration(name xml.Name) bool {
	return name.Space == xmlns || name.Space == "" && name.Local == xmlns
}

// declare adds the namespaces that an element declares.
func declare(n *node, attrs []xml.Attr) error {
	for _, attr := range attrs {
		if !isDeclaration(attr.Name) {
			continue
		}
		prefix := ""
		if attr.Name.Space == xmlns {
			prefix = attr.Name.Local
		}
		switch {
		case forbidden(prefix, attr.Value):
			return fmt.Errorf("the namespace declaration of %q is not allowed", prefix)
		case !isReference(attr.Value):
			return fmt.Errorf("the namespace %q is no URI", attr.Value)
		}
		n.spaces = append(n.spaces, space{prefix, attr.Value})
	}
	inScope := 0
	for m := n; m != nil; m = m.parent {
		inScope += len(m.spaces)
	}
	if inScope > maxNamespaces {
		return fmt.Errorf("%w: more than %d namespaces are declared around one element", errLimit, maxNamespaces)
	}
	return nil
}

// forbidden are the declarations of Namespaces in XML, 3.
func forbidden(prefix, uri string) bool {
	return prefix == xmlns || uri == nsXMLNS || (prefix == "xml") != (uri == nsXML) || prefix != "" && uri == ""
}

func written(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// id checks an xml:id, which lxml wants to be a name and unique (xml:id Version
// 1.0, 4).
func (b *builder) id(name xml.Name, value string) error {
	if name.Space != nsXML || name.Local != "id" {
		return nil
	}
	value = strings.Join(strings.Fields(value), " ")
	if !isNCName(value) || b.ids[value] {
		return fmt.Errorf("the xml:id %q is no name, or there twice", value)
	}
	b.ids[value] = true
	return nil
}

func (b *builder) end(t xml.EndElement) error {
	last := len(b.open) - 1
	if last < 0 || b.raw[last] != t.Name {
		return fmt.Errorf("</%s> closes no element", written(t.Name))
	}
	b.open, b.raw = b.open[:last], b.raw[:last]
	return nil
}

func (b *builder) characters(data xml.CharData) {
	if len(b.open) == 0 {
		return
	}
	n := b.open[len(b.open)-1]
	if len(n.children) == 0 {
		n.before.Write(data)
	}
	n.all.Write(data)
	n.el.CreateText(string(data))
}

func (b *builder) done() (*node, error) {
	if b.root == nil || len(b.open) > 0 {
		return nil, notReadable("the response is not well-formed XML: it ends too early")
	}
	return b.root, nil
}
