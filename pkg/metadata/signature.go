package metadata

import (
	"crypto/x509"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/xmldsig"
	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// The bounds of checking signatures: each certificate costs a walk through the
// whole document.
const (
	maxSignatures = 4
	maxSigners    = 8
)

// checkedSignature is what is wrong with one signature. The code is empty where
// nothing is.
type checkedSignature struct {
	code  string
	words string
	sha1  bool
}

// checkSignatures checks the enveloped signatures of a document that readTree
// has read, in document order. own are the certificates that the metadata
// itself names.
func checkSignatures(metadata []byte, own []*x509.Certificate) []checkedSignature {
	text, _, wrong := xmltext.UTF8(metadata)
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil || wrong != nil || doc.Root() == nil {
		return []checkedSignature{{code: "unknown-signature", words: "the signature cannot be read"}}
	}
	var checked []checkedSignature
	for _, signature := range signaturesOf(doc.Root()) {
		if len(checked) == maxSignatures {
			break
		}
		checked = append(checked, checkSignature(signature, own))
	}
	return checked
}

func signaturesOf(el *etree.Element) []*etree.Element {
	if el.Tag == dsig.SignatureTag && el.NamespaceURI() == nsSignature {
		return []*etree.Element{el}
	}
	var found []*etree.Element
	for _, child := range el.ChildElements() {
		found = append(found, signaturesOf(child)...)
	}
	return found
}

func checkSignature(signature *etree.Element, own []*x509.Certificate) checkedSignature {
	method := algorithms(signature, dsig.SignatureMethodTag)
	digest := algorithms(signature, "DigestMethod")
	c := checkedSignature{sha1: strings.Contains(strings.Join(append(method, digest...), " "), "sha1")}
	switch parent := signature.Parent(); {
	case parent == nil || parent.Parent() == nil || !signs(signature, parent):
		c.code, c.words = "misplaced-signature", "the signature does not refer to the element that it stands in"
	case !known(signature):
		c.code, c.words = "unknown-signature", "it uses an algorithm or a transform that SAML metadata does not"
	default:
		c.code, c.words = verifySignature(signature, own)
	}
	return c
}

// signs reports whether the one reference of the signature is its parent (SAML
// core, 5.4.2). The empty reference is the whole document.
func signs(signature, parent *etree.Element) bool {
	references := below(signature, "Reference")
	if len(references) != 1 {
		return false
	}
	uri := references[0].SelectAttrValue("URI", "\x00")
	if uri == "" {
		return parent.Parent() != nil && parent.Parent().Parent() == nil
	}
	id := parent.SelectAttrValue("ID", "")
	return id != "" && uri == "#"+id
}

// known reports whether all algorithms are such as can be checked here.
func known(signature *etree.Element) bool {
	method, digest := algorithms(signature, dsig.SignatureMethodTag), algorithms(signature, "DigestMethod")
	transforms := append(algorithms(signature, dsig.CanonicalizationMethodTag), algorithms(signature, "Transform")...)
	return len(method) == 1 && len(digest) == 1 && xmldsig.Supported(method[0], digest[0]) &&
		!slices.ContainsFunc(transforms, func(name string) bool { return !xmldsig.IsTransform(name) })
}

func algorithms(signature *etree.Element, tag string) []string {
	var found []string
	for _, el := range below(signature, tag) {
		found = append(found, el.SelectAttrValue(dsig.AlgorithmAttr, ""))
	}
	return found
}

// below returns the elements of that name in the SignedInfo of a signature.
func below(signature *etree.Element, tag string) []*etree.Element {
	var found []*etree.Element
	for _, info := range signature.SelectElements(dsig.SignedInfoTag) {
		found = append(found, info.FindElements(".//"+tag)...)
	}
	return found
}

// verifySignature tries the certificate that the signature names, or else those
// of the metadata.
func verifySignature(signature *etree.Element, own []*x509.Certificate) (code, words string) {
	signers := own
	if named := signerOf(signature); named != nil {
		signers = []*x509.Certificate{named}
	}
	if len(signers) == 0 {
		return "unknown-signature", "there is no certificate to check it with"
	}
	for _, signer := range signers[:min(len(signers), maxSigners)] {
		if verifies(signature, signer) {
			if !slices.ContainsFunc(own, signer.Equal) {
				return "foreign-signature", "it is by " + name(signer)
			}
			return "", ""
		}
	}
	return "broken-signature", "the signature does not fit the document: one of them was changed"
}

func signerOf(signature *etree.Element) *x509.Certificate {
	for _, info := range signature.SelectElements(dsig.KeyInfoTag) {
		for _, cert := range info.FindElements(".//" + dsig.X509CertificateTag) {
			return parseCertificate(strings.Join(strings.Fields(cert.Text()), ""))
		}
	}
	return nil
}

// verifies checks one signature by one certificate, whatever its dates: those
// are judged apart.
func verifies(signature *etree.Element, signer *x509.Certificate) bool {
	key, err := xmldsig.ParseKey(signer.RawSubjectPublicKeyInfo)
	return err == nil && xmldsig.Verify(signature, key) == nil
}
