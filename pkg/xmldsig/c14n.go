package xmldsig

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

const nsXML = "http://www.w3.org/XML/1998/namespace"

// form is a canonicalization: Canonical XML 1.0 or 1.1, or Exclusive XML
// Canonicalization 1.0.
type form struct {
	base     string   // inclusive, inclusive11 or exclusive
	comments bool     // they stay
	listed   []string // prefixes that an exclusive one treats as an inclusive one does; empty: the default namespace
}

// scope has namespaces by prefix. That without a prefix is the default one, and
// no namespace the empty text.
type scope map[string]string

// set changes a scope, and returns how to change it back.
func (s scope) set(changes scope) (undo func()) {
	if len(changes) == 0 {
		return func() {}
	}
	before, fresh := scope{}, []string{}
	for prefix, uri := range changes {
		if old, known := s[prefix]; known {
			before[prefix] = old
		} else {
			fresh = append(fresh, prefix)
		}
		s[prefix] = uri
	}
	return func() {
		maps.Copy(s, before)
		for _, prefix := range fresh {
			delete(s, prefix)
		}
	}
}

// canonicalizer writes one element and all below it, as libxml2 does.
type canonicalizer struct {
	form
	apex    *etree.Element
	without *etree.Element // is left out, with all below it
	around  scope          // the namespaces that are in force where it is
	written scope          // those of them that the canonical form has declared
	out     bytes.Buffer

	inText, inValue *strings.Replacer // escape characters (Canonical XML 1.0, 2.3)
}

// canonicalize returns the canonical form of an element that stands in its
// document, without one element.
func canonicalize(f form, el, without *etree.Element) ([]byte, error) {
	c := &canonicalizer{
		form: f, apex: el, without: without, around: scope{}, written: scope{},
		inText:  strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;"),
		inValue: strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;"),
	}
	for above := el.Parent(); above != nil; above = above.Parent() {
		for prefix, uri := range declarations(above) {
			if _, nearer := c.around[prefix]; !nearer {
				c.around[prefix] = uri
			}
		}
	}
	inherited, err := c.inherited()
	if err != nil {
		return nil, err
	}
	c.element(el, inherited)
	return c.out.Bytes(), nil
}

// inherited are the attributes of the namespace xml that an apex has from the
// elements around it (Canonical XML 1.0, 2.4; 1.1, 2.4).
func (c *canonicalizer) inherited() ([]etree.Attr, error) {
	if c.base == exclusive {
		return nil, nil
	}
	seen := map[string]bool{}
	for _, attr := range c.apex.Attr {
		seen[attr.FullKey()] = true
	}
	var found []etree.Attr
	for above := c.apex.Parent(); above != nil; above = above.Parent() {
		for _, attr := range above.Attr {
			if attr.Space != "xml" || c.base == inclusive11 && attr.Key != "lang" && attr.Key != "space" && attr.Key != "base" {
				continue
			}
			if c.base == inclusive11 && attr.Key == "base" {
				return nil, errors.New("an xml:base around it is not joined here")
			}
			if !seen[attr.FullKey()] {
				seen[attr.FullKey()] = true
				found = append(found, attr)
			}
		}
	}
	return found, nil
}

// declarations are the namespaces that an element declares.
func declarations(el *etree.Element) scope {
	found := scope{}
	for _, attr := range el.Attr {
		switch {
		case attr.Space == "xmlns":
			found[attr.Key] = attr.Value
		case attr.Space == "" && attr.Key == "xmlns":
			found[""] = attr.Value
		}
	}
	return found
}

// element writes an element with more attributes than it has itself.
func (c *canonicalizer) element(el *etree.Element, more []etree.Attr) {
	own := declarations(el)
	defer c.around.set(own)()
	name := el.FullTag()
	c.text("<", name)
	defer c.namespaces(el, own)()
	c.attributes(el, more)
	c.text(">")
	for _, child := range el.Child {
		switch t := child.(type) {
		case *etree.Element:
			if t != c.without {
				c.element(t, nil)
			}
		case *etree.CharData:
			c.text(c.inText.Replace(t.Data))
		case *etree.Comment:
			if c.comments {
				c.text("<!--", t.Data, "-->")
			}
		case *etree.ProcInst:
			c.text("<?", strings.TrimSpace(t.Target+" "+t.Inst), "?>")
		}
	}
	c.text("</", name, ">")
}

// namespaces writes the declarations that an element needs and the elements
// around it do not have, by prefix. It returns how to forget them.
func (c *canonicalizer) namespaces(el *etree.Element, own scope) (undo func()) {
	var prefixes []string
	switch {
	case c.base == exclusive:
		prefixes = append(usedPrefixes(el), slices.DeleteFunc(slices.Clone(c.listed), func(prefix string) bool {
			_, declared := own[prefix]
			return !declared && el != c.apex
		})...)
	case el == c.apex:
		prefixes = slices.Collect(maps.Keys(c.around))
	default:
		prefixes = slices.Collect(maps.Keys(own))
	}
	slices.Sort(prefixes)
	changes := scope{}
	for _, prefix := range slices.Compact(prefixes) {
		uri, declared := c.around[prefix]
		if prefix == "xml" || uri == c.written[prefix] || !declared && prefix != "" {
			continue
		}
		changes[prefix] = uri
		c.text(" ", strings.TrimSuffix("xmlns:"+prefix, ":"), "=", quoted(uri))
	}
	return c.written.set(changes)
}

// usedPrefixes are those that the names of an element and its attributes have.
func usedPrefixes(el *etree.Element) []string {
	used := []string{el.Space}
	for _, attr := range el.Attr {
		if attr.Space != "" && attr.Space != "xmlns" {
			used = append(used, attr.Space)
		}
	}
	return used
}

// attributes writes attributes in the order of their namespaces and names.
func (c *canonicalizer) attributes(el *etree.Element, more []etree.Attr) {
	var attrs []etree.Attr
	for _, attr := range slices.Concat(el.Attr, more) {
		if attr.Space != "xmlns" && attr.FullKey() != "xmlns" {
			attrs = append(attrs, attr)
		}
	}
	uri := func(attr etree.Attr) string {
		switch attr.Space {
		case "":
			return ""
		case "xml":
			return nsXML
		}
		return c.around[attr.Space]
	}
	slices.SortStableFunc(attrs, func(a, b etree.Attr) int {
		return cmp.Or(cmp.Compare(uri(a), uri(b)), cmp.Compare(a.Key, b.Key))
	})
	for _, attr := range attrs {
		c.text(" ", attr.FullKey(), `="`, c.inValue.Replace(attr.Value), `"`)
	}
}

func (c *canonicalizer) text(parts ...string) {
	for _, part := range parts {
		c.out.WriteString(part)
	}
}

// quoted is a namespace in quotes. libxml2 escapes nothing in it but a quote
// (c14n.c, xmlC14NPrintNamespaces).
func quoted(uri string) string {
	switch {
	case !strings.Contains(uri, `"`):
		return `"` + uri + `"`
	case !strings.Contains(uri, `'`):
		return `'` + uri + `'`
	}
	return `"` + strings.ReplaceAll(uri, `"`, "&quot;") + `"`
}

var scheme = pattern.New(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// absolute refuses a document in which a namespace is relative, wherever it
// stands and whether it is used or not (Canonical XML 1.0, 1.3; libxml2's c14n.c,
// xmlC14NHasRelNamespaces, which looks at the whole document).
func absolute(el *etree.Element) error {
	for _, uri := range declarations(el) {
		if uri != "" && !scheme().MatchString(uri) {
			return fmt.Errorf("the namespace %q is relative, and a document with such a one cannot be signed", uri)
		}
	}
	for _, child := range el.ChildElements() {
		if err := absolute(child); err != nil {
			return err
		}
	}
	return nil
}
