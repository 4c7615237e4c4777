package samlresponse

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/beevik/etree"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// parse reads one XML document. What lxml refuses, as python3-saml sets it up,
// is an error.
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

func parseText(text []byte) (*node, error) {
	reader := xmltext.NewReader(text)
	b := &builder{}
	for {
		token, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return b.root, nil
		}
		if err == nil {
			err = b.add(token)
		}
		if errors.Is(err, errLimit) {
			return nil, tooMuch("the response is refused in line %d: %w", reader.Line(), err)
		}
		if err != nil {
			return nil, malformed(reader.Line(), err)
		}
	}
}

var errLimit = errors.New("limit")

func malformed(line int, err error) error {
	return notReadable("the response is not well-formed XML: line %d: %w", line, err)
}

// builder puts tokens together to a tree.
type builder struct{ root, open *node }

func (b *builder) add(token any) error {
	switch t := token.(type) {
	case *xmltext.Start:
		return b.start(t)
	case xmltext.End:
		b.open = b.open.parent
	case xmltext.Text:
		b.open.add(string(t))
	}
	return nil
}

func (b *builder) start(t *xmltext.Start) error {
	if len(t.Attrs) > maxAttributes {
		return fmt.Errorf("%w: an element has %d attributes, more than %d", errLimit, len(t.Attrs), maxAttributes)
	}
	n := &node{name: t.Name, parent: b.open, el: etree.NewElement(t.Written)}
	for _, attr := range t.Attrs {
		n.el.CreateAttr(attr.Written, attr.Value)
		if attr.Name.Space == xmltext.NamespaceXMLNS {
			n.spaces = append(n.spaces, space{attr.Name.Local, attr.Value})
			continue
		}
		n.attrs = append(n.attrs, xml.Attr{Name: attr.Name, Value: attr.Value})
	}
	inScope := 0
	for m := n; m != nil; m = m.parent {
		inScope += len(m.spaces)
	}
	if inScope > maxNamespaces {
		return fmt.Errorf("%w: more than %d namespaces are declared around one element", errLimit, maxNamespaces)
	}
	if b.open = n; n.parent == nil {
		b.root = n
		return nil
	}
	n.parent.children = append(n.parent.children, n)
	n.parent.el.AddChild(n.el)
	return nil
}
