// Package xmldsig verifies XML signatures (XML Signature 1.1) as libxmlsec does
// for python3-saml: with one public key that is known beforehand. Certificates in
// a signature, and the dates of any, count for nothing.
package xmldsig

import (
	"bytes"
	"crypto"
	_ "crypto/sha1" //nolint:gosec // identity providers still sign with it, and Sentry accepts it
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/beevik/etree"
)

// Namespace is that of XML Signature.
const Namespace = "http://www.w3.org/2000/09/xmldsig#"

const (
	more   = "http://www.w3.org/2001/04/xmldsig-more#"
	xmlenc = "http://www.w3.org/2001/04/xmlenc#"
)

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
	if len(childrenOf(signature, "Object")) > 0 {
		return errors.New("it contains an Object")
	}
	references := childrenOf(infos[0], "Reference")
	if len(references) != 1 {
		return fmt.Errorf("it has %d references, expected 1", len(references))
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
	uri := reference.SelectAttr("URI")
	id := parent.SelectAttrValue("ID", "")
	switch {
	case uri == nil:
		return nil, errors.New("its reference has no URI")
	case uri.Value == "":
		root := parent
		for root.Parent() != nil && root.Parent().Tag != "" { // a document is an element without a name
			root = root.Parent()
		}
		return root, nil
	case id == "" || uri.Value != "#"+id:
		return nil, fmt.Errorf("it refers to %q, expected %q", uri.Value, "#"+id)
	}
	return parent, nil
}

// checkValue checks the signature's value over its SignedInfo.
func checkValue(info, signature *etree.Element, key Key) error {
	form := childrenOf(info, "CanonicalizationMethod")
	if len(form) != 1 {
		return errors.New("it has no canonicalization")
	}
	octets, err := canonical(info, form[0], keepComments)
	if err != nil {
		return err
	}
	value, err := decoded(signature, "SignatureValue")
	if err != nil {
		return err
	}
	method := algorithm(info, "SignatureMethod")
	family, hash, err := signatureMethod(method)
	if err != nil {
		return err
	}
	sum := hash.New()
	_, _ = sum.Write(octets) // a hash never fails
	return key.verify(family, hash, sum.Sum(nil), value)
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
		return child.SelectAttrValue("Algorithm", "")
	}
	return ""
}

func digestMethod(uri string) (crypto.Hash, error) {
	hash, known := map[string]crypto.Hash{
		Namespace + "sha1": crypto.SHA1,
		more + "sha224":    crypto.SHA224,
		xmlenc + "sha256":  crypto.SHA256,
		more + "sha384":    crypto.SHA384,
		xmlenc + "sha512":  crypto.SHA512,
	}[uri]
	if !known {
		return 0, fmt.Errorf("the digest method %q is not supported", uri)
	}
	return hash, nil
}

// The families of signature methods.
const (
	familyRSA = "rsa"
	familyEC  = "ecdsa"
)

func signatureMethod(uri string) (family string, hash crypto.Hash, err error) {
	if uri == Namespace+"rsa-sha1" {
		return familyRSA, crypto.SHA1, nil
	}
	hashes := map[string]crypto.Hash{
		"sha1": crypto.SHA1, "sha224": crypto.SHA224, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512,
	}
	family, name, _ := strings.Cut(strings.TrimPrefix(uri, more), "-")
	hash, known := hashes[name]
	if !strings.HasPrefix(uri, more) || !known || family != familyEC && (family != familyRSA || name == "sha1") {
		return "", 0, fmt.Errorf("the signature method %q is not supported", uri)
	}
	return family, hash, nil
}

// Supported reports whether a signature with these methods can be checked.
func Supported(signature, digest string) bool {
	_, _, err := signatureMethod(signature)
	_, wrong := digestMethod(digest)
	return err == nil && wrong == nil
}
