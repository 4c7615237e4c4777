package samlresponse

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

var errNoCertificate = errors.New("there is no certificate to check it with")

// parseCertificate reads a certificate as Sentry has it: base64 with or without
// the lines of PEM and blanks (python3-saml, utils.py, format_cert).
func parseCertificate(text string) (*x509.Certificate, error) {
	text = strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "", "\r", "", "\n", "", " ", "").Replace(text)
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the certificate is not base64: %w", err)
	}
	return x509.ParseCertificate(der)
}

// verify checks the signature of an element: that its one reference means this
// element and nothing else, that its transforms are those of SAML, and that it
// was made with the certificate's key. Neither the certificate's own dates nor
// a KeyInfo matter to Sentry (python3-saml, utils.py, validate_node_sign).
func verify(signed *node, cert *x509.Certificate) error {
	signature := signed.child(nsSignature, "Signature")
	if len(signature) != 1 {
		return fmt.Errorf("%d signatures", len(signature))
	}
	if err := plainSignature(signed, signature[0]); err != nil {
		return err
	}
	if err := canonical(signed); err != nil {
		return err
	}
	detached := detach(signed)
	if err := prepare(detached, signature[0], cert); err != nil {
		return err
	}
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
	context.IdAttribute = "ID"
	context.Clock = dsig.NewFakeClockAt(cert.NotBefore)
	_, err := context.Validate(detached)
	return err
}

// plainSignature refuses what XML Signature allows and SAML does not (SAML
// core, 5.4): other references than the one to the parent, other transforms
// than enveloped-signature and a canonicalization, and objects inside.
func plainSignature(signed, signature *node) error {
	references := signature.below(nsSignature, "Reference")
	switch {
	case len(references) != 1 || len(path([]*node{signature}, "ds:SignedInfo", "ds:Reference")) != 1:
		return fmt.Errorf("the signature has %d references, want 1", len(references))
	case references[0].attr("URI") != "#"+signed.attr("ID"):
		return fmt.Errorf("the signature refers to %q, want %q", references[0].attr("URI"), "#"+signed.attr("ID"))
	case len(signature.child(nsSignature, "Object")) > 0:
		return errors.New("the signature holds an Object")
	}
	var transforms []string
	for _, transform := range path(references, "ds:Transforms", "ds:Transform") {
		transforms = append(transforms, transform.attr("Algorithm"))
	}
	if len(transforms) == 2 && transforms[0] == dsig.EnvelopedSignatureAltorithmId.String() && slices.Contains(canonicalizations(), transforms[1]) {
		return nil
	}
	return fmt.Errorf("the signature's transforms are %s, want enveloped-signature and a canonicalization", strings.Join(transforms, ", "))
}

// canonical refuses namespaces on which canonicalizations differ, anywhere in
// the document: relative ones, which canonical XML refuses (Canonical XML 1.0,
// 1.3), and those with an ampersand, which libxml2 writes as it is.
func canonical(n *node) (err error) {
	for n.parent != nil {
		n = n.parent
	}
	n.walk(func(m *node) {
		for _, s := range m.spaces {
			if s.uri != "" && !scheme.MatchString(s.uri) || strings.Contains(s.uri, "&") {
				err = fmt.Errorf("the namespace %q cannot be signed", s.uri)
			}
		}
	})
	return err
}

func canonicalizations() []string {
	return []string{
		dsig.CanonicalXML10ExclusiveAlgorithmId.String(), dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId.String(),
		dsig.CanonicalXML10RecAlgorithmId.String(), dsig.CanonicalXML10WithCommentsAlgorithmId.String(),
		dsig.CanonicalXML11AlgorithmId.String(), dsig.CanonicalXML11WithCommentsAlgorithmId.String(),
	}
}

// detach copies an element with the namespaces that it inherits. goxmldsig's own
// would stop at a thousand elements, which somebody with many groups has.
func detach(n *node) *etree.Element {
	copied := n.el.Copy()
	seen := map[string]bool{}
	for m := n; m != nil; m = m.parent {
		for _, s := range m.spaces {
			if !seen[s.prefix] && m != n && s.uri != "" {
				copied.CreateAttr(strings.TrimSuffix(xmlns+":"+s.prefix, ":"), s.uri)
			}
			seen[s.prefix] = true
		}
	}
	return copied
}

// prepare makes a copy fit for goxmldsig: without the KeyInfo, whose
// certificate would be compared, and with ECDSA values in ASN.1 instead of
// XML Signature's two plain numbers (RFC 4050, 3.3). Neither is under the
// signature.
func prepare(detached *etree.Element, original *node, cert *x509.Certificate) error {
	signature, ok := detached.Child[original.el.Index()].(*etree.Element)
	if !ok {
		return errors.New("the signature moved")
	}
	for _, child := range original.children {
		copied, ok := signature.Child[child.el.Index()].(*etree.Element)
		if !ok {
			return errors.New("the signature moved")
		}
		if child.is(nsSignature, "SignatureValue") {
			value, err := signatureValue(child.content(), cert)
			if err != nil {
				return err
			}
			copied.SetText(value)
		}
	}
	for _, child := range slices.Backward(original.children) {
		if child.is(nsSignature, "KeyInfo") {
			signature.RemoveChildAt(child.el.Index())
		}
	}
	return nil
}

func signatureValue(text string, cert *x509.Certificate) (string, error) {
	text = strings.Join(strings.Fields(text), "")
	public, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return text, nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", err
	}
	half := (public.Params().BitSize + 7) / 8
	if len(raw) != 2*half {
		return "", fault.New(fault.Failed, "the ECDSA signature has %d bytes, want %d", len(raw), 2*half)
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
	return base64.StdEncoding.EncodeToString(der), err
}
