package metadata

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

const maxSize = 1 << 20 // bytes of a metadata file; authentik's have about 5,000

// The kinds of syntax, which are codes of findings.
const (
	codeLarge     = "too-large"
	codeDeep      = "too-deep"
	codeDoctype   = "doctype"
	codeMalformed = "malformed"
)

// syntax is why a document cannot be read, and where.
type syntax struct {
	code string
	line int
	err  error
}

// Error returns the place and the reason.
func (s *syntax) Error() string { return fmt.Sprintf("line %d: %s", s.line, s.err.Error()) }

// Unwrap returns the reason.
func (s *syntax) Unwrap() error { return s.err }

// readTree reads one XML document. What Sentry's parser refuses is an error:
// a DOCTYPE, entities, more than one root, repeated attributes, and all that is
// not well formed (python3-saml, xmlparser.py, over lxml).
func readTree(data []byte) (*element, error) {
	if len(data) > maxSize {
		large := &syntax{codeLarge, 1, fmt.Errorf("the metadata has %d bytes, the limit is %d", len(data), maxSize)}
		return nil, fault.Hint(large, "give the metadata of one identity provider, not of a federation")
	}
	text, line, err := xmltext.UTF8(data)
	if err != nil {
		return nil, notMetadata(&syntax{codeMalformed, line, err})
	}
	reader := xmltext.NewReader(text)
	b := builder{}
	for {
		token, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return b.root, nil
		}
		if err != nil {
			return nil, notMetadata(wrong(reader.Line(), err))
		}
		b.add(token, reader.Line())
	}
}

func notMetadata(reason error) error {
	return fault.Hint(fault.New(fault.Failed, "this is not metadata that Sentry can parse: %w", reason),
		"Sentry would answer \"Failed to parse provided SAML2 metadata\"")
}

var (
	errDoctype = errors.New("a DOCTYPE is not allowed in metadata")
	errDeep    = errors.New("elements are nested too deep")
)

// wrong says what kind of mistake ended the reading.
func wrong(line int, err error) *syntax {
	switch {
	case errors.Is(err, xmltext.ErrDoctype):
		return &syntax{codeDoctype, line, errDoctype}
	case errors.Is(err, xmltext.ErrDeep):
		return &syntax{codeDeep, line, errDeep}
	}
	return &syntax{codeMalformed, line, err}
}

// builder puts tokens together to a tree.
type builder struct {
	root *element
	open []*element
}

// add takes a token and the line in which it begins.
func (b *builder) add(token any, line int) {
	switch t := token.(type) {
	case *xmltext.Start:
		b.start(t, line)
	case xmltext.End:
		b.open = b.open[:len(b.open)-1]
	case xmltext.Text:
		if el := b.open[len(b.open)-1]; len(el.children) == 0 {
			el.text = append(el.text, t...)
		}
	}
}

func (b *builder) start(t *xmltext.Start, line int) {
	el := &element{name: t.Name, line: line}
	for _, attr := range t.Attrs {
		el.attrs = append(el.attrs, xml.Attr{Name: attr.Name, Value: attr.Value})
	}
	if len(b.open) > 0 {
		parent := b.open[len(b.open)-1]
		parent.children = append(parent.children, el)
	} else {
		b.root = el
	}
	b.open = append(b.open, el)
}
