package samlresponse

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// declaration is one line of schemaTable.
type declaration struct {
	global  bool
	attrs   map[string]attribute
	foreign bool // attributes of namespaces other than SAML's are allowed
	mixed   bool
	text    string // type of the text, for an element without children
	content string
	model   func() *regexp.Regexp // content, over the names of the children
}

type attribute struct {
	kind     string
	required bool
}

const anything = "anything" // the content of xs:anyType

// schema is schemaTable, read once.
var schema = sync.OnceValue(declarations) //nolint:gochecknoglobals // a constant that takes time

func declarations() map[string]declaration {
	table := map[string]declaration{}
	for line := range strings.Lines(schemaTable) {
		fields := strings.SplitN(strings.TrimSpace(line), ";", 3)
		if len(fields) < 3 {
			continue
		}
		name, local := strings.CutPrefix(fields[0], ".")
		d := declaration{global: !local, attrs: map[string]attribute{}, content: strings.TrimSpace(fields[2])}
		for word := range strings.FieldsSeq(fields[1]) {
			attr, kind, _ := strings.Cut(word, ":")
			attr, required := strings.CutSuffix(attr, "!")
			if attr == "other" {
				d.foreign = true
				continue
			}
			d.attrs[attr] = attribute{kind: kind, required: required}
		}
		d.content, d.mixed = strings.CutPrefix(d.content, "mixed ")
		if text, ok := strings.CutPrefix(d.content, "text:"); ok {
			d.text = text
		}
		d.model = sync.OnceValue(func() *regexp.Regexp { return compileModel(d.content) })
		table[name] = d
	}
	return table
}

// validator checks a document against the table.
type validator struct {
	table map[string]declaration
	ids   map[string]bool
}

// validate returns what the schema has against a response, or nil. As in
// libxml2, an ID may be used once in a document.
func validate(root *node) error {
	v := &validator{table: schema(), ids: map[string]bool{}}
	root.walk(func(n *node) { // libxml2 knows them before it validates
		for _, attr := range n.attrs {
			if attr.Name.Space == xmltext.NamespaceXML && attr.Name.Local == "id" {
				v.ids[strings.Trim(attr.Value, " ")] = true
			}
		}
	})
	d, ok := v.table[short(root)]
	if !ok || !d.global {
		return fmt.Errorf("%s is no element of the protocol", root.name.Local)
	}
	return v.element(root, d)
}

// short is a name with the usual prefix of its namespace, x for a namespace
// that is not SAML's, and - for none.
func short(n *node) string {
	prefix := "x"
	switch n.name.Space {
	case nsProtocol:
		prefix = "samlp"
	case nsAssertion:
		prefix = "saml"
	case nsSignature:
		prefix = "ds"
	case nsEncrypted:
		prefix = "xenc"
	case "":
		prefix = "-"
	}
	return prefix + ":" + n.name.Local
}

func (v *validator) element(n *node, d declaration) error {
	if d.content == anything {
		return v.anyType(n)
	}
	if err := v.attributes(n, d); err != nil {
		return err
	}
	if d.text != "" {
		return v.simple(n, d.text)
	}
	if !d.mixed && strings.Trim(n.content(), spaces) != "" {
		return fmt.Errorf("%s holds text", n.name.Local)
	}
	if !d.model().MatchString(childNames(n)) {
		return fmt.Errorf("the elements in %s are not the right ones in the right order", n.name.Local)
	}
	for _, child := range n.children {
		if err := v.child(child, d); err != nil {
			return err
		}
	}
	return nil
}

func childNames(n *node) string {
	var names strings.Builder
	for _, child := range n.children {
		names.WriteString(short(child) + " ")
	}
	return names.String()
}

// child checks an element where its parent's content allows it, by name or by
// a wildcard.
func (v *validator) child(n *node, parent declaration) error {
	d, known := v.table[short(n)]
	switch {
	case known && (d.global || named(parent.content, short(n))):
		return v.element(n, d)
	case strings.Contains(parent.content, "!"):
		return fmt.Errorf("%s is not declared, and has to be", n.name.Local)
	}
	return v.lax(n)
}

func named(content, name string) bool {
	return strings.Contains(" "+strings.NewReplacer("(", " ", ")", " ", "|", " ", "?", " ", "*", " ", "+", " ").Replace(content)+" ", " "+name+" ")
}

// lax checks an element that may be anything. What has one of SAML's
// namespaces and is not in the table is refused, though the schema might know
// it.
func (v *validator) lax(n *node) error {
	name := short(n)
	if d, known := v.table[name]; known && d.global {
		return v.element(n, d)
	}
	if prefix, _, _ := strings.Cut(name, ":"); prefix != "x" && prefix != "-" {
		return fmt.Errorf("%s does not belong here", n.name.Local)
	}
	return v.anyType(n)
}

func (v *validator) attributes(n *node, d declaration) error {
	for name, want := range d.attrs {
		if _, ok := n.lookup(name); want.required && !ok {
			return fmt.Errorf("%s has no %s", n.name.Local, name)
		}
	}
	for _, attr := range n.attrs {
		want, declared := d.attrs[attr.Name.Local]
		switch {
		case attr.Name.Space == "" && declared:
			if err := v.value(want.kind, attr.Value); err != nil {
				return fmt.Errorf("%s of %s: %w", attr.Name.Local, n.name.Local, err)
			}
		case attr.Name.Space == nsInstance && (attr.Name.Local == "schemaLocation" || attr.Name.Local == "noNamespaceSchemaLocation"):
		case d.foreign && attr.Name.Space != "" && attr.Name.Space != nsInstance && attr.Name.Space != nsAssertion:
		default:
			return fmt.Errorf("%s may not have the attribute %s", n.name.Local, attr.Name.Local)
		}
	}
	return nil
}

// simple checks an element that holds text alone.
func (v *validator) simple(n *node, kind string) error {
	if len(n.children) > 0 {
		return fmt.Errorf("%s holds elements", n.name.Local)
	}
	if err := v.value(kind, n.content()); err != nil {
		return fmt.Errorf("%s: %w", n.name.Local, err)
	}
	return nil
}

// anyType checks an element that may hold anything, unless xsi:type or xsi:nil
// say what it holds.
func (v *validator) anyType(n *node) error {
	for _, attr := range n.attrs {
		switch {
		case attr.Name.Space != nsInstance:
		case attr.Name.Local == "type":
			return v.typed(n, attr.Value)
		case attr.Name.Local == "nil":
			if err := v.null(n, attr.Value); err != nil {
				return err
			}
		}
	}
	for _, child := range n.children {
		if err := v.lax(child); err != nil {
			return err
		}
	}
	return nil
}

// null checks an AttributeValue with xsi:nil, the only element that may have it.
func (v *validator) null(n *node, value string) error {
	if err := v.value("boolean", value); err != nil {
		return err
	}
	yes := strings.Trim(value, spaces) == "true" || strings.Trim(value, spaces) == "1"
	if !n.is(nsAssertion, "AttributeValue") || yes && (len(n.children) > 0 || n.content() != "") {
		return fmt.Errorf("%s cannot be nil", n.name.Local)
	}
	return nil
}

// typed checks an element against the type that its xsi:type names. White space
// around the name may only stand before it: libxml2 takes what follows for a part
// of the name (xmlschemas.c, xmlSchemaVExpandQName).
func (v *validator) typed(n *node, name string) error {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		prefix, local = "", prefix
	}
	uri, declared := n.resolve(prefix)
	if !declared || uri != nsSchema {
		return fmt.Errorf("the type %s of %s is unknown", name, n.name.Local)
	}
	if local == "anyType" {
		for _, child := range n.children {
			if err := v.lax(child); err != nil {
				return err
			}
		}
		return nil
	}
	for _, attr := range n.attrs {
		if attr.Name.Space != nsInstance {
			return fmt.Errorf("%s may not have the attribute %s", n.name.Local, attr.Name.Local)
		}
		if attr.Name.Local == "nil" {
			return v.null(n, attr.Value)
		}
	}
	return v.simple(n, local)
}
