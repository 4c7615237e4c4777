package xmltext

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// The namespaces that XML itself has.
const (
	NamespaceXML   = "http://www.w3.org/XML/1998/namespace"
	NamespaceXMLNS = "http://www.w3.org/2000/xmlns/" // of attributes that declare namespaces
)

// MaxDepth is how deep elements may be nested for libxml2 2.12 (parser.c,
// xmlParserMaxDepth; 2.14 takes one level less).
const MaxDepth = 257

// What a document may not have, found with errors.Is.
var (
	ErrDoctype = errors.New("a DOCTYPE is forbidden")
	ErrDeep    = fmt.Errorf("elements are nested more than %d deep", MaxDepth)
)

// Start is the start of an element. Names are expanded.
type Start struct {
	Name    xml.Name
	Written string // the name as it is written
	Attrs   []Attr // in their order; declarations have the namespace NamespaceXMLNS
}

// Attr is an attribute. Its value is the one that XML says it has.
type Attr struct {
	Name    xml.Name
	Written string
	Value   string
}

// End is the end of the element that is open.
type End struct{}

// Text is text in an element, up to a tag, a comment or a section of CDATA.
type Text string

// Reader reads one document as lxml does for python3-saml (xmlparser.py): what
// libxml2 does not take for well-formed, with namespaces, is an error, and so is
// a DOCTYPE.
type Reader struct {
	text    []byte
	decoder *xml.Decoder
	open    []openElement
	spaces  map[string][]string // namespaces by prefix, the innermost last
	ids     map[string]bool     // values of xml:id
	rooted  bool
	line    int
}

// openElement is an element that is open, with the prefixes that it declares.
type openElement struct {
	raw      xml.Name
	prefixes []string
}

// NewReader returns a reader of a document that UTF8 has returned.
func NewReader(text []byte) *Reader {
	return &Reader{
		text: text, decoder: xml.NewDecoder(bytes.NewReader(text)), line: 1,
		spaces: map[string][]string{"xml": {NamespaceXML}}, ids: map[string]bool{},
	}
}

// Line is the line, from 1, in which the token that was read last begins, or in
// which reading ended.
func (r *Reader) Line() int { return r.line }

// Next returns the next Start, End or Text. The error is io.EOF after the whole
// document.
func (r *Reader) Next() (any, error) {
	for {
		r.line, _ = r.decoder.InputPos() // where one token ends, the next begins
		start := r.decoder.InputOffset()
		token, err := r.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, r.end()
		}
		if err != nil {
			return nil, r.wrong(err)
		}
		written := r.text[start:r.decoder.InputOffset()]
		if err := check(token, written, len(r.open) == 0); err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			normalize(t.Attr, written)
			return r.start(t)
		case xml.EndElement:
			return End{}, r.close(t)
		case xml.CharData:
			if len(r.open) > 0 {
				return Text(t), nil
			}
		case xml.Directive:
			return nil, ErrDoctype
		}
	}
}

// wrong leaves out of an error what Line tells.
func (r *Reader) wrong(err error) error {
	r.line, _ = r.decoder.InputPos()
	if flaw, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return errors.New(flaw.Msg)
	}
	return err
}

func (r *Reader) end() error {
	switch {
	case !r.rooted:
		return errors.New("there is no XML in it")
	case len(r.open) > 0:
		return errors.New("it ends too early")
	}
	return io.EOF
}

func (r *Reader) close(t xml.EndElement) error {
	last := len(r.open) - 1
	if last < 0 || r.open[last].raw != t.Name {
		return fmt.Errorf("</%s> closes no element", asWritten(t.Name))
	}
	for _, prefix := range r.open[last].prefixes {
		stack := r.spaces[prefix]
		r.spaces[prefix] = stack[:len(stack)-1]
	}
	r.open = r.open[:last]
	return nil
}

func (r *Reader) start(t xml.StartElement) (*Start, error) {
	switch {
	case len(r.open) == MaxDepth:
		return nil, ErrDeep
	case len(r.open) == 0 && r.rooted:
		return nil, errors.New("there is more than one root element")
	}
	r.rooted = true
	prefixes, err := r.declare(t.Attr)
	if err != nil {
		return nil, err
	}
	r.open = append(r.open, openElement{t.Name, prefixes})
	name, err := r.expand(t.Name)
	if err != nil {
		return nil, err
	}
	found := &Start{Name: name, Written: asWritten(t.Name), Attrs: make([]Attr, len(t.Attr))}
	seen := make(map[xml.Name]bool, len(t.Attr))
	for i, attr := range t.Attr {
		name, err := r.expandAttr(attr.Name)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, errors.New("an element has the same attribute twice")
		}
		seen[name] = true
		if err := r.id(name, attr.Value); err != nil {
			return nil, err
		}
		found.Attrs[i] = Attr{name, asWritten(attr.Name), attr.Value}
	}
	return found, nil
}

// declare puts the namespaces in force that an element declares.
func (r *Reader) declare(attrs []xml.Attr) (prefixes []string, err error) {
	for _, attr := range attrs {
		prefix, declares := declared(attr.Name)
		if !declares {
			continue
		}
		switch {
		case reserved(prefix, attr.Value):
			return nil, fmt.Errorf("the prefix %q cannot stand for the namespace %q", prefix, attr.Value)
		case !IsURIReference(attr.Value):
			return nil, fmt.Errorf("the namespace %q is not a URI", attr.Value)
		}
		r.spaces[prefix] = append(r.spaces[prefix], attr.Value)
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// declared is the prefix that an attribute declares, and whether it does.
func declared(name xml.Name) (prefix string, declares bool) {
	switch {
	case name.Space == "xmlns":
		return name.Local, true
	case name.Space == "" && name.Local == "xmlns":
		return "", true
	}
	return "", false
}

// reserved are the declarations that Namespaces in XML, 3, forbids.
func reserved(prefix, uri string) bool {
	return prefix == "xmlns" || uri == NamespaceXMLNS || (prefix == "xml") != (uri == NamespaceXML) || prefix != "" && uri == ""
}

// expand finds the namespace of a name (Namespaces in XML, 4 and 6).
func (r *Reader) expand(name xml.Name) (xml.Name, error) {
	if !isQualified(name) {
		return xml.Name{}, fmt.Errorf("no element or attribute can be called %q", asWritten(name))
	}
	stack := r.spaces[name.Space]
	if len(stack) == 0 && name.Space != "" {
		return xml.Name{}, fmt.Errorf("the prefix %q is not declared", name.Space)
	}
	uri := ""
	if len(stack) > 0 {
		uri = stack[len(stack)-1]
	}
	return xml.Name{Space: uri, Local: name.Local}, nil
}

func (r *Reader) expandAttr(name xml.Name) (xml.Name, error) {
	if prefix, declares := declared(name); declares {
		if !isQualified(name) {
			return xml.Name{}, fmt.Errorf("no prefix can be called %q", prefix)
		}
		return xml.Name{Space: NamespaceXMLNS, Local: prefix}, nil
	}
	expanded, err := r.expand(name)
	if name.Space == "" {
		expanded.Space = "" // the default namespace is not that of attributes
	}
	return expanded, err
}

// id checks an xml:id, which lxml wants to be a name and unique (xml:id Version
// 1.0, 4).
func (r *Reader) id(name xml.Name, value string) error {
	if name.Space != NamespaceXML || name.Local != "id" {
		return nil
	}
	value = strings.Trim(value, " ")
	if !IsNCName(value) || r.ids[value] {
		return fmt.Errorf("the xml:id %q is not a name, or there twice", value)
	}
	r.ids[value] = true
	return nil
}

func asWritten(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}
