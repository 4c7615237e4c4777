package xmldsig

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"
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

// canonicalizer writes one element and all below it, as libxml2 does.
type canonicalizer struct {
	form
	without *etree.Element // is left out, with all below it
	out     bytes.Buffer

	inText, inValue *strings.Replacer // escape characters (Canonical XML 1.0, 2.3)
}

// canonicalize returns the canonical form of an element that stands in its
// document, without one element.
func canonicalize(f form, el, without *etree.Element) ([]byte, error) {
	c := &canonicalizer{
		form: f, without: without,
		inText:  strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;"),
		inValue: strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;", "\t", "&#x9;", "\n", "&#xA;", "\r", "&#xD;"),
	}
	declared := scope{}
	for above := el.Parent(); above != nil; above = above.Parent() {
		for prefix, uri := range declarations(above) {
			if _, nearer := declared[prefix]; !nearer {
				declared[prefix] = uri
			}
		}
	}
	inherited, err := c.inherited(el)
	if err != nil {
		return nil, err
	}
	c.element(el, inherited, declared, scope{})
	return c.out.Bytes(), nil
}

// inherited are the attributes of the namespace xml that an apex has from the
// elements around it (Canonical XML 1.0, 2.4; 1.1, 2.4).
func (c *canonicalizer) inherited(apex *etree.Element) ([]etree.Attr, error) {
	if c.base == exclusive {
		return nil, nil
	}
	seen := map[string]bool{}
	for _, attr := range apex.Attr {
		seen[attr.FullKey()] = true
	}
	var found []etree.Attr
	for above := apex.Parent(); above != nil; above = above.Parent() {
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

// element writes an element. around are the namespaces in force around it, and
// written those that the canonical form has around it.
func (c *canonicalizer) element(el *etree.Element, more []etree.Attr, around, written scope) {
	own := declarations(el)
	if len(own) > 0 {
		around = maps.Clone(around)
		maps.Copy(around, own)
	}
	name := el.FullTag()
	c.text("<", name)
	written = c.namespaces(el, around, written)
	c.attributes(el, more, around)
	c.text(">")
	for _, child := range el.Child {
		switch t := child.(type) {
		case *etree.Element:
			if t != c.without {
				c.element(t, nil, around, written)
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
// around it do not have, by prefix. It returns what is declared then.
func (c *canonicalizer) namespaces(el *etree.Element, around, written scope) scope {
	prefixes := slices.Sorted(maps.Keys(around))
	if c.base == exclusive {
		prefixes = append(usedPrefixes(el), c.listed...)
		slices.Sort(prefixes)
		prefixes = slices.Compact(prefixes)
	}
	changed := scope{}
	for _, prefix := range prefixes {
		uri, declared := around[prefix]
		if prefix == "xml" || uri == written[prefix] || !declared && prefix != "" {
			continue
		}
		changed[prefix] = uri
		c.text(" ", strings.TrimSuffix("xmlns:"+prefix, ":"), "=", quoted(uri))
	}
	if len(changed) == 0 {
		return written
	}
	written = maps.Clone(written)
	maps.Copy(written, changed)
	return written
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
func (c *canonicalizer) attributes(el *etree.Element, more []etree.Attr, around scope) {
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
		return around[attr.Space]
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

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// absolute refuses a document in which a namespace is relative, wherever it
// stands and whether it is used or not (Canonical XML 1.0, 1.3; libxml2's c14n.c,
// xmlC14NHasRelNamespaces, which looks at the whole document).
func absolute(el *etree.Element) error {
	for _, uri := range declarations(el) {
		if uri != "" && !scheme.MatchString(uri) {
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
