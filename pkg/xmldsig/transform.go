package xmldsig

import (
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// The transforms of SAML (core, 5.4.4), and what libxmlsec takes beside them.
const (
	enveloped     = Namespace + "enveloped-signature"
	inclusive     = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	inclusive11   = "http://www.w3.org/2006/12/xml-c14n11"
	exclusive     = "http://www.w3.org/2001/10/xml-exc-c14n#"
	maxTransforms = 8
)

// IsTransform reports whether a transform, by its Algorithm, is one that Verify
// knows.
func IsTransform(name string) bool {
	_, canonical := formNamed(name)
	return canonical || name == enveloped
}

// formNamed is the canonicalization with an Algorithm, and whether there is one.
func formNamed(name string) (f form, known bool) {
	for _, base := range []string{inclusive, inclusive11, exclusive} {
		switch name {
		case base:
			return form{base: base}, true
		case strings.TrimSuffix(base, "#") + "#WithComments":
			return form{base: base, comments: true}, true
		}
	}
	return form{}, false
}

// formOf reads a Transform or CanonicalizationMethod.
func formOf(method *etree.Element) (form, error) {
	name := plain(method, "Algorithm")
	f, known := formNamed(name)
	if !known {
		return form{}, fmt.Errorf("the transform %q is not supported", name)
	}
	if f.base != exclusive {
		return f, nil
	}
	// One list of prefixes may stand in it and nothing else (libxmlsec, c14n.c,
	// xmlSecTransformExclC14NNodeRead).
	for i, child := range method.ChildElements() {
		list := attribute(child, "PrefixList")
		if i > 0 || child.Tag != "InclusiveNamespaces" || child.NamespaceURI() != exclusive || list == nil {
			return form{}, fmt.Errorf("the transform %q has parameters that are not its own", name)
		}
		for prefix := range strings.FieldsSeq(list.Value) {
			f.listed = append(f.listed, strings.TrimPrefix(prefix, "#default"))
		}
	}
	return f, nil
}

// transformed returns the octets that a reference stands for. Without a
// canonicalization as the last transform, that is Canonical XML 1.0 (XML
// Signature, 4.4.3.2). What a reference means has no comments (4.4.3.3).
func transformed(target, signature, reference *etree.Element) ([]byte, error) {
	var steps []*etree.Element
	for _, list := range childrenOf(reference, "Transforms") {
		steps = append(steps, childrenOf(list, "Transform")...)
	}
	if len(steps) > maxTransforms {
		return nil, fmt.Errorf("it has %d transforms, the maximum is %d", len(steps), maxTransforms)
	}
	apex, without := target, (*etree.Element)(nil)
	for i, step := range steps {
		if plain(step, "Algorithm") == enveloped {
			if apex != target {
				return nil, errors.New("the signature is to be cut out after a canonicalization")
			}
			without = signature
			continue
		}
		f, err := formOf(step)
		if err != nil {
			return nil, err
		}
		f.comments = false
		octets, err := canonicalize(f, apex, without)
		if err != nil || i == len(steps)-1 {
			return octets, err
		}
		if apex, err = parsed(octets); err != nil {
			return nil, err
		}
		without = nil
	}
	return canonicalize(form{base: inclusive}, apex, without)
}

// parsed reads the result of a canonicalization.
func parsed(octets []byte) (*etree.Element, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(octets); err != nil {
		return nil, err
	}
	if doc.Root() == nil {
		return nil, errors.New("nothing is left after a canonicalization")
	}
	return doc.Root(), nil
}
