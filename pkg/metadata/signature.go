package metadata

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
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
	text, wrong := toUTF8(metadata)
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
	methods := []string{
		dsig.RSASHA1SignatureMethod, dsig.RSASHA256SignatureMethod, dsig.RSASHA384SignatureMethod, dsig.RSASHA512SignatureMethod,
		dsig.ECDSASHA1SignatureMethod, dsig.ECDSASHA256SignatureMethod, dsig.ECDSASHA384SignatureMethod, dsig.ECDSASHA512SignatureMethod,
	}
	digests := []string{
		"http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha256",
		"http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2001/04/xmlenc#sha512",
	}
	exclusive := dsig.CanonicalXML10ExclusiveAlgorithmId.String()
	inclusive := dsig.CanonicalXML10RecAlgorithmId.String()
	forms := []string{exclusive, inclusive, exclusive + "WithComments", inclusive + "#WithComments", dsig.CanonicalXML11AlgorithmId.String()}
	transforms := append([]string{dsig.EnvelopedSignatureAltorithmId.String()}, forms...)
	return all(algorithms(signature, dsig.SignatureMethodTag), methods) && all(algorithms(signature, "DigestMethod"), digests) &&
		all(algorithms(signature, dsig.CanonicalizationMethodTag), forms) && all(algorithms(signature, "Transform"), transforms)
}

func all(found, allowed []string) bool {
	odd := func(name string) bool { return !slices.Contains(allowed, name) }
	return len(found) > 0 && !slices.ContainsFunc(found, odd)
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
	around, err := etreeutils.NSBuildParentContext(signature.Parent())
	if err != nil {
		return false
	}
	signed, err := etreeutils.NSDetatch(around, signature.Parent())
	if err != nil {
		return false
	}
	copied, ok := signed.Child[signature.Index()].(*etree.Element)
	if !ok {
		return false
	}
	for _, info := range copied.SelectElements(dsig.KeyInfoTag) {
		copied.RemoveChild(info) // it names the signer, which is known
	}
	rewriteValue(copied)
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{signer}})
	context.Clock = dsig.NewFakeClockAt(signer.NotBefore)
	_, err = context.Validate(signed)
	return err == nil
}

// rewriteValue brings the signature's value into the form that the library
// reads: base64 without spaces and, for ECDSA, ASN.1 in place of r and s side by
// side (RFC 4050, 3.3).
func rewriteValue(signature *etree.Element) {
	for _, value := range signature.SelectElements("SignatureValue") {
		text := strings.Join(strings.Fields(value.Text()), "")
		raw, err := base64.StdEncoding.DecodeString(text)
		method := algorithms(signature, dsig.SignatureMethodTag)
		if err == nil && len(method) > 0 && strings.Contains(method[0], "#ecdsa-") {
			raw = toASN1(raw)
			text = base64.StdEncoding.EncodeToString(raw)
		}
		value.SetText(text)
	}
}

func toASN1(raw []byte) []byte {
	half := len(raw) / 2
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
	if err != nil {
		return raw
	}
	return der
}
