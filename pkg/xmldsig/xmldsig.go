// Package xmldsig verifies XML signatures (XML Signature 1.1) as libxmlsec does
// for python3-saml: with one public key that is known beforehand. Certificates in
// a signature, and the dates of any, count for nothing.
package xmldsig

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// Namespace is that of XML Signature.
const Namespace = "http://www.w3.org/2000/09/xmldsig#"

// Verify checks one signature of a document: that its only reference is its
// parent (SAML core, 5.4.2) or the whole document, that the digest is that of
// the referenced element, and that the value was made with the private key of
// key. Both the signature and its parent have to stand in their document, whose
// namespaces count. An error that is ErrUnchecked says that the key is of a kind
// that Go has no arithmetic for.
func Verify(signature *etree.Element, key Key) error {
	infos := childrenOf(signature, "SignedInfo")
	if len(infos) != 1 {
		return fmt.Errorf("it has %d SignedInfo elements, expected 1", len(infos))
	}
	for _, object := range childrenOf(signature, "Object") {
		if len(childrenOf(object, "Manifest")) > 0 {
			return errors.New("it contains a Manifest") // whose references libxmlsec would follow
		}
	}
	references := childrenOf(infos[0], "Reference")
	if len(references) != 1 {
		return fmt.Errorf("it has %d references, expected 1", len(references))
	}
	if err := absolute(rootOf(signature)); err != nil {
		return err
	}
	if err := checkDigest(references[0], signature); err != nil {
		return err
	}
	return checkValue(infos[0], signature, key)
}

// checkDigest compares the digest of the referenced element.
func checkDigest(reference, signature *etree.Element) error {
	target, err := targetOf(reference, signature)
	if err != nil {
		return err
	}
	octets, err := transformed(target, signature, reference)
	if err != nil {
		return err
	}
	hash, err := digestMethod(algorithm(reference, "DigestMethod"))
	if err != nil {
		return err
	}
	want, err := decoded(reference, "DigestValue")
	if err != nil {
		return err
	}
	sum := hash.New()
	_, _ = sum.Write(octets) // a hash never fails
	if !bytes.Equal(sum.Sum(nil), want) {
		return errors.New("the digest differs: the element was changed after it was signed")
	}
	return nil
}

// targetOf returns the element that a reference means.
func targetOf(reference, signature *etree.Element) (*etree.Element, error) {
	parent := signature.Parent()
	if parent == nil {
		return nil, errors.New("it stands in no element")
	}
	uri := attribute(reference, "URI")
	id := plain(parent, "ID")
	switch {
	case uri == nil:
		return nil, errors.New("its reference has no URI")
	case uri.Value == "":
		return rootOf(parent), nil
	case id == "" || uri.Value != "#"+id:
		return nil, fmt.Errorf("it refers to %q, expected %q", uri.Value, "#"+id)
	}
	return parent, nil
}

// rootOf is the outermost element around one. A document is an element without
// a name.
func rootOf(el *etree.Element) *etree.Element {
	for el.Parent() != nil && el.Parent().Tag != "" {
		el = el.Parent()
	}
	return el
}

// checkValue checks the signature's value over its SignedInfo.
func checkValue(info, signature *etree.Element, key Key) error {
	methods := childrenOf(info, "CanonicalizationMethod")
	if len(methods) != 1 {
		return errors.New("it has no canonicalization")
	}
	f, err := formOf(methods[0])
	if err != nil {
		return err
	}
	octets, err := canonicalize(f, info, nil)
	if err != nil {
		return err
	}
	value, err := decoded(signature, "SignatureValue")
	if err != nil {
		return err
	}
	m, err := signatureMethod(algorithm(info, "SignatureMethod"))
	if err != nil {
		return err
	}
	sum := m.hash.New()
	_, _ = sum.Write(octets) // a hash never fails
	return key.verify(m, sum.Sum(nil), value)
}

// decoded is the base64 in the only child of that name. The blanks of XML may
// stand in it and no others, as libxmlsec has it.
func decoded(parent *etree.Element, name string) ([]byte, error) {
	found := childrenOf(parent, name)
	if len(found) != 1 {
		return nil, fmt.Errorf("it has %d %s elements, expected 1", len(found), name)
	}
	var text strings.Builder
	for _, child := range found[0].Child {
		if data, ok := child.(*etree.CharData); ok {
			text.WriteString(data.Data)
		}
	}
	blanks := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
	value, err := base64.StdEncoding.DecodeString(blanks.Replace(text.String()))
	if err != nil {
		return nil, fmt.Errorf("its %s is not base64", name)
	}
	return value, nil
}

func childrenOf(el *etree.Element, name string) []*etree.Element {
	var found []*etree.Element
	for _, child := range el.ChildElements() {
		if child.Tag == name && child.NamespaceURI() == Namespace {
			found = append(found, child)
		}
	}
	return found
}

func algorithm(el *etree.Element, name string) string {
	for _, child := range childrenOf(el, name) {
		return plain(child, "Algorithm")
	}
	return ""
}

// attribute is the attribute of that name without a prefix, or nil: etree's own
// search takes any prefix for none.
func attribute(el *etree.Element, name string) *etree.Attr {
	for i := range el.Attr {
		if el.Attr[i].Space == "" && el.Attr[i].Key == name {
			return &el.Attr[i]
		}
	}
	return nil
}

func plain(el *etree.Element, name string) string {
	if attr := attribute(el, name); attr != nil {
		return attr.Value
	}
	return ""
}
