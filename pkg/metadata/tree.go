package metadata

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

const (
	maxSize = 1 << 20 // bytes of a metadata file; authentik's have about 5,000
	nsXML   = "http://www.w3.org/XML/1998/namespace"
)

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
// not well formed (python3-saml, xmlparser.py, over lxml). encoding/xml forgives
// a few slips that lxml does not: those are looked for here.
func readTree(data []byte) (*element, error) {
	if len(data) > maxSize {
		large := &syntax{codeLarge, 1, fmt.Errorf("the metadata has %d bytes, the limit is %d", len(data), maxSize)}
		return nil, fault.Hint(large, "give the metadata of one identity provider, not of a federation")
	}
	text, line, err := xmltext.UTF8(data)
	if err != nil {
		return nil, notMetadata(&syntax{codeMalformed, line, err})
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	b := builder{declared: map[string]bool{"": true, nsXML: true}}
	for {
		b.line, _ = decoder.InputPos() // where one token ends, the next begins
		start := decoder.InputOffset()
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return b.done()
		}
		if err == nil {
			err = b.add(token, text[start:decoder.InputOffset()])
		} else {
			b.line, _ = decoder.InputPos()
		}
		if err != nil {
			return nil, notMetadata(b.wrong(err))
		}
	}
}

func notMetadata(reason error) error {
	return fault.Hint(fault.New(fault.Failed, "this is not metadata that Sentry can parse: %w", reason),
		"Sentry would answer \"Failed to parse provided SAML2 metadata\"")
}

// builder puts tokens together to a tree.
type builder struct {
	root     *element
	open     []*element
	declared map[string]bool // namespaces met so far
	line     int             // of the token at hand
}

var (
	errDoctype = errors.New("a DOCTYPE is not allowed in metadata")
	errDeep    = errors.New("elements are nested too deep")
	// encoding/xml replaces such a reference without a word.
)

// wrong says where the reading ended and what kind of mistake ended it.
func (b *builder) wrong(err error) *syntax {
	code := codeMalformed
	switch {
	case errors.Is(err, errDoctype):
		code = codeDoctype
	case errors.Is(err, errDeep):
		code = codeDeep
	}
	if flaw, ok := errors.AsType[*xml.SyntaxError](err); ok {
		err = errors.New(flaw.Msg) // the line is told already
	}
	return &syntax{code, b.line, err}
}

// add takes a token and the text that it stands for.
func (b *builder) add(token xml.Token, text []byte) error {
	if err := xmltext.Check(token, text, len(b.open) == 0); err != nil {
		return err
	}
	switch t := token.(type) {
	case xml.StartElement:
		xmltext.Normalize(t.Attr, text)
		return b.start(t)
	case xml.EndElement:
		b.open = b.open[:len(b.open)-1]
	case xml.CharData:
		b.characters(t)
	case xml.Directive:
		return errDoctype
	}
	return nil
}

func (b *builder) start(t xml.StartElement) error {
	if len(b.open) == xmltext.MaxDepth {
		return errDeep
	}
	if err := b.names(t); err != nil {
		return err
	}
	el := &element{name: t.Name, attrs: append([]xml.Attr(nil), t.Attr...), line: b.line}
	switch {
	case len(b.open) > 0:
		parent := b.open[len(b.open)-1]
		parent.children = append(parent.children, el)
	case b.root != nil:
		return errors.New("there is more than one root element")
	default:
		b.root = el
	}
	b.open = append(b.open, el)
	return nil
}

// names checks what encoding/xml lets pass: attributes that are repeated,
// namespaces that are no URIs, and prefixes that stand for nothing, which it
// gives back as if they were namespaces.
func (b *builder) names(t xml.StartElement) error {
	seen := make(map[xml.Name]bool, len(t.Attr))
	for _, attr := range t.Attr {
		if seen[attr.Name] {
			return errors.New("an element has the same attribute twice")
		}
		seen[attr.Name] = true
		if attr.Name.Space != xmlns && attr.Name.Local != xmlns {
			continue
		}
		if !isNamespace(attr.Value) || attr.Value == "" && attr.Name.Space == xmlns {
			return fmt.Errorf("the namespace %q is not a URI", attr.Value)
		}
		b.declared[attr.Value] = true
	}
	if !isLocalName(t.Name.Local) {
		return fmt.Errorf("no element can be called %q", t.Name.Local)
	}
	if !b.declared[t.Name.Space] {
		return fmt.Errorf("the prefix %q is not declared", t.Name.Space)
	}
	for name := range seen {
		if !isLocalName(name.Local) {
			return fmt.Errorf("no attribute can be called %q", name.Local)
		}
		if name.Space != xmlns && !b.declared[name.Space] {
			return fmt.Errorf("the prefix %q is not declared", name.Space)
		}
	}
	return nil
}

// isLocalName looks at what encoding/xml does not, once a prefix is cut off
// (Namespaces in XML, NCName): no colon is left, and it begins as a name does.
func isLocalName(name string) bool {
	return !strings.Contains(name, ":") && strings.IndexAny(name, "-.0123456789") != 0
}

// namespaceForm has the characters of a URI reference (RFC 3986, appendix A).
var namespaceForm = regexp.MustCompile(`^(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$`)

// isNamespace reports whether libxml2 takes text for a URI reference. It reads
// an ampersand as the reference &#38;, whose # begins the fragment.
func isNamespace(text string) bool {
	u, err := url.Parse(text)
	fragments := strings.Count(text, "#") + strings.Count(text, "&")
	return err == nil && namespaceForm.MatchString(text) && !strings.HasSuffix(u.Host, ":") && fragments <= 1
}

func (b *builder) characters(data xml.CharData) {
	if len(b.open) == 0 {
		return
	}
	if el := b.open[len(b.open)-1]; len(el.children) == 0 {
		el.text = append(el.text, data...)
	}
}

func (b *builder) done() (*element, error) {
	if b.root == nil {
		return nil, notMetadata(b.wrong(errors.New("there is no XML in it")))
	}
	return b.root, nil
}
