package xmldsig

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// The transforms of SAML (core, 5.4.4), and what libxmlsec takes beside them.
const (
	enveloped     = Namespace + "enveloped-signature"
	inclusive     = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	inclusive11   = "http://www.w3.org/2006/12/xml-c14n11"
	exclusive     = "http://www.w3.org/2001/10/xml-exc-c14n#"
	withComments  = "WithComments"
	maxTransforms = 8
)

// comments says what becomes of comments in a canonicalization that keeps them.
type comments bool

const (
	keepComments comments = true
	dropComments comments = false // a reference to an ID has none (XML Signature, 4.4.3.3)
)

// transformed returns the octets that a reference stands for. Without a
// canonicalization as the last transform, that is Canonical XML 1.0 (XML
// Signature, 4.4.3.2).
func transformed(target, signature, reference *etree.Element) ([]byte, error) {
	var steps []*etree.Element
	for _, list := range childrenOf(reference, "Transforms") {
		steps = append(steps, childrenOf(list, "Transform")...)
	}
	if len(steps) > maxTransforms {
		return nil, fmt.Errorf("it has %d transforms, the maximum is %d", len(steps), maxTransforms)
	}
	set := &nodeSet{apex: target}
	for _, step := range steps {
		if step.SelectAttrValue("Algorithm", "") == enveloped {
			if set.apex != target {
				return nil, errors.New("the signature is to be cut out after a canonicalization")
			}
			set.without = signature
			continue
		}
		octets, err := set.canonical(step, dropComments)
		if err != nil {
			return nil, err
		}
		if step == steps[len(steps)-1] {
			return octets, nil
		}
		if set, err = parsed(octets); err != nil {
			return nil, err
		}
	}
	return set.canonical(nil, dropComments)
}

// nodeSet is an element with all below it, but for one.
type nodeSet struct{ apex, without *etree.Element }

// parsed reads the result of a canonicalization.
func parsed(octets []byte) (*nodeSet, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(octets); err != nil {
		return nil, err
	}
	if doc.Root() == nil {
		return nil, errors.New("nothing is left after a canonicalization")
	}
	return &nodeSet{apex: doc.Root()}, nil
}

// canonical is the canonical form of an element and all below it.
func canonical(el, method *etree.Element, keep comments) ([]byte, error) {
	return (&nodeSet{apex: el}).canonical(method, keep)
}

// canonical returns the canonical form by a method, which is an element with an
// Algorithm, or by Canonical XML 1.0 without one.
func (s *nodeSet) canonical(method *etree.Element, keep comments) ([]byte, error) {
	name, prefixes := inclusive, ""
	if method != nil {
		name = method.SelectAttrValue("Algorithm", "")
		for _, list := range method.ChildElements() {
			if list.Tag == "InclusiveNamespaces" && list.NamespaceURI() == exclusive {
				prefixes = list.SelectAttrValue("PrefixList", "")
			}
		}
	}
	base := strings.TrimSuffix(strings.TrimSuffix(name, withComments), "#")
	if base+"#" == exclusive {
		base = exclusive
	}
	kept := strings.HasSuffix(name, withComments) && keep == keepComments
	form, err := canonicalizer(name, base, prefixes, kept)
	if err != nil {
		return nil, err
	}
	copied := s.detached(base)
	if err := canonicalNamespaces(copied, base == exclusive, prefixes); err != nil {
		return nil, err
	}
	return form.Canonicalize(copied)
}

// IsTransform reports whether a transform, by its Algorithm, is one that Verify
// knows.
func IsTransform(name string) bool {
	return slices.Contains([]string{
		enveloped, exclusive, exclusive + withComments, inclusive, inclusive + "#" + withComments, inclusive11, inclusive11 + "#" + withComments,
	}, name)
}

func canonicalizer(name, base, prefixes string, kept bool) (dsig.Canonicalizer, error) {
	if !IsTransform(name) || name == enveloped {
		return nil, fmt.Errorf("the transform %q is not supported", name)
	}
	switch {
	case base == exclusive && kept:
		return dsig.MakeC14N10ExclusiveWithCommentsCanonicalizerWithPrefixList(prefixes), nil
	case base == exclusive:
		return dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(prefixes), nil
	case base == inclusive && kept:
		return dsig.MakeC14N10WithCommentsCanonicalizer(), nil
	case base == inclusive:
		return dsig.MakeC14N10RecCanonicalizer(), nil
	case kept:
		return dsig.MakeC14N11WithCommentsCanonicalizer(), nil
	}
	return dsig.MakeC14N11Canonicalizer(), nil
}

// detached copies the set, with the namespaces that its apex inherits and, where
// the canonicalization asks for them, the attributes of xml (Canonical XML 1.0,
// 2.4; in 1.1 without xml:id).
func (s *nodeSet) detached(form string) *etree.Element {
	copied := s.apex.Copy()
	if s.without != nil {
		removeAt(copied, pathTo(s.apex, s.without))
	}
	declared := map[string]bool{}
	for _, attr := range s.apex.Attr {
		declared[attr.FullKey()] = true
	}
	for above := s.apex.Parent(); above != nil; above = above.Parent() {
		for _, attr := range above.Attr {
			key := attr.FullKey()
			inherited := isDeclaration(attr) || attr.Space == "xml" && form != exclusive && (form != inclusive11 || attr.Key != "id")
			if !inherited || declared[key] {
				continue
			}
			declared[key] = true
			if attr.Value != "" || attr.Space == "xml" {
				copied.CreateAttr(key, attr.Value)
			}
		}
	}
	return copied
}

func isDeclaration(attr etree.Attr) bool {
	return attr.Space == "xmlns" || attr.Space == "" && attr.Key == "xmlns"
}

// pathTo is where an element stands below another one, as indexes of children
// from top to bottom, or nil.
func pathTo(top, el *etree.Element) []int {
	var path []int
	for ; el != nil && el != top; el = el.Parent() {
		path = append(path, el.Index())
	}
	if el == nil {
		return nil
	}
	slices.Reverse(path)
	return path
}

func removeAt(top *etree.Element, path []int) {
	for i, index := range path {
		if i == len(path)-1 {
			top.RemoveChildAt(index)
			return
		}
		next, ok := top.Child[index].(*etree.Element)
		if !ok {
			return
		}
		top = next
	}
}

var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:`)

// canonicalNamespaces refuses namespaces that cannot be in a canonical form:
// relative ones (Canonical XML 1.0, 1.3), and those with an ampersand, which
// libxml2 writes as it is, where they would be written.
func canonicalNamespaces(el *etree.Element, onlyUsed bool, prefixes string) error {
	return checkNamespaces(el, onlyUsed, strings.Fields(prefixes))
}

func checkNamespaces(el *etree.Element, onlyUsed bool, listed []string) error {
	for _, attr := range el.Attr {
		if !isDeclaration(attr) || attr.Value == "" {
			continue
		}
		prefix := attr.Key
		if attr.Space == "" {
			prefix = ""
		}
		writes := func() bool { return !onlyUsed || slices.Contains(listed, prefix) || uses(el, prefix) }
		if strings.Contains(attr.Value, "&") && writes() || !scheme.MatchString(attr.Value) {
			return fmt.Errorf("the namespace %q cannot be signed", attr.Value)
		}
	}
	for _, child := range el.ChildElements() {
		if err := checkNamespaces(child, onlyUsed, listed); err != nil {
			return err
		}
	}
	return nil
}

// uses reports whether an element, an attribute, or one below, has the prefix.
func uses(el *etree.Element, prefix string) bool {
	if el.Space == prefix {
		return true
	}
	for _, attr := range el.Attr {
		if attr.Space == prefix && prefix != "" {
			return true
		}
	}
	return slices.ContainsFunc(el.ChildElements(), func(child *etree.Element) bool { return uses(child, prefix) })
}
