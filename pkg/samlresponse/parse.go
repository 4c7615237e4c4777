package samlresponse

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
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
	b := &builder{literalSpace: !spaceReference.Match(data)}
	for {
		start := decoder.InputOffset()
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return b.done()
		}
		if err == nil {
			err = b.add(token, start, data[start:decoder.InputOffset()])
		}
		if err != nil {
			return nil, b.complain(decoder, err)
		}
	}
}

// spaceReference finds line breaks and tabs that are written as references.
// They stay what they are in attributes, where literal ones become spaces
// (XML 1.0, 3.3.3); encoding/xml does not tell which is which.
var spaceReference = regexp.MustCompile(`&#(x0*[9aAdD]|0*(9|10|13));`)

var (
	errLimit     = errors.New("limit")
	errReference = errors.New("a character reference is to a character that XML does not have")
)

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
	root         *node
	open         []*node
	raw          []xml.Name // names of the open elements as they are written
	literalSpace bool
}

func (b *builder) add(token xml.Token, offset int64, written []byte) error {
	switch t := token.(type) {
	case xml.StartElement:
		if !xmltext.Spaced(written) {
			return errors.New("two attributes have no space between them")
		}
		if !xmltext.ReferencesExist(written) {
			return errReference
		}
		return b.start(t)
	case xml.EndElement:
		return b.end(t)
	case xml.CharData:
		if !bytes.HasPrefix(written, []byte("<![CDATA[")) && !xmltext.ReferencesExist(written) {
			return errReference
		}
		return b.characters(t)
	case xml.ProcInst:
		if strings.EqualFold(t.Target, "xml") && (offset != 0 || t.Target != "xml") {
			return errors.New("an XML declaration has to come first")
		}
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
		value := b.normal(attr.Value)
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
		n.el.CreateAttr(written(attr.Name), value)
		if !isDeclaration(attr.Name) {
			n.attrs = append(n.attrs, xml.Attr{Name: full, Value: value})
		}
	}
	return nil
}

// qualified checks what Namespaces in XML, 4, asks of a name.
func qualified(name xml.Name) error {
	if !isNCName(name.Local) || name.Space != "" && !isNCName(name.Space) {
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

func (b *builder) normal(value string) string {
	if !b.literalSpace {
		return value
	}
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(value)
}

func (b *builder) end(t xml.EndElement) error {
	last := len(b.open) - 1
	if last < 0 || b.raw[last] != t.Name {
		return fmt.Errorf("</%s> closes no element", written(t.Name))
	}
	b.open, b.raw = b.open[:last], b.raw[:last]
	return nil
}

func (b *builder) characters(data xml.CharData) error {
	if len(b.open) == 0 {
		if len(bytes.Trim(data, " \t\r\n")) > 0 {
			return errors.New("there is text outside the root element")
		}
		return nil
	}
	n := b.open[len(b.open)-1]
	if len(n.children) == 0 {
		n.before.Write(data)
	}
	n.all.Write(data)
	n.el.CreateText(string(data))
	return nil
}

func (b *builder) done() (*node, error) {
	if b.root == nil || len(b.open) > 0 {
		return nil, notReadable("the response is not well-formed XML: it ends too early")
	}
	return b.root, nil
}
