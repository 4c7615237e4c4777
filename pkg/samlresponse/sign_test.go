package samlresponse_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // registers the hash
	_ "crypto/sha512"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

const (
	more   = "http://www.w3.org/2001/04/xmldsig-more#"
	xmlEnc = "http://www.w3.org/2001/04/xmlenc#"
	xmlSig = "http://www.w3.org/2000/09/xmldsig#"
)

// signer makes a signature in one of many ways.
type signer struct {
	pair       *keypair.Pair
	method     string      // URI
	hash       crypto.Hash // of the method
	digest     string      // URI
	digestHash crypto.Hash
	canonical  string // URI of both canonicalizations; empty: exclusive
	prefixes   string // InclusiveNamespaces of the transform
	noKeyInfo  bool
	pss        bool
}

func rsa256(pair *keypair.Pair) signer {
	return signer{pair: pair, method: more + "rsa-sha256", hash: crypto.SHA256, digest: xmlEnc + "sha256", digestHash: crypto.SHA256}
}

// sign puts a signature after the Issuer of the element with this ID.
func (s signer) sign(t testing.TB, document, id string) string {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(document); err != nil {
		t.Fatalf("sign: %v\n%s", err, document)
	}
	element := doc.FindElement("//*[@ID='" + id + "']")
	if element == nil {
		return document // the mutation took it away
	}
	digest := s.digestHash.New()
	digest.Write(s.canonicalize(t, detached(t, element), s.prefixes))
	info := s.signedInfo(id, base64.StdEncoding.EncodeToString(digest.Sum(nil)))
	signature := etree.NewDocument()
	if err := signature.ReadFromString(`<ds:Signature xmlns:ds="` + xmlSig + `">` + info + `<ds:SignatureValue/>` + s.keyInfo() + `</ds:Signature>`); err != nil {
		t.Fatal(err)
	}
	place := 0
	if issuer := element.SelectElement("Issuer"); issuer != nil {
		place = issuer.Index() + 1
	}
	root := signature.Root()
	element.InsertChildAt(place, root)
	canonical := s.canonicalize(t, detached(t, root.SelectElement("SignedInfo")), "")
	root.SelectElement("SignatureValue").SetText(base64.StdEncoding.EncodeToString(s.value(t, canonical)))
	out, err := doc.WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s signer) algorithm() string {
	if s.canonical == "" {
		return string(dsig.CanonicalXML10ExclusiveAlgorithmId)
	}
	return s.canonical
}

func (s signer) signedInfo(id, digest string) string {
	inclusive := ""
	if s.prefixes != "" {
		inclusive = `<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="` + s.prefixes + `"/>`
	}
	return `<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="` + s.algorithm() + `"/><ds:SignatureMethod Algorithm="` + s.method + `"/>` +
		`<ds:Reference URI="#` + id + `"><ds:Transforms><ds:Transform Algorithm="` + xmlSig + `enveloped-signature"/>` +
		`<ds:Transform Algorithm="` + s.algorithm() + `">` + inclusive + `</ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="` + s.digest + `"/><ds:DigestValue>` + digest + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
}

func (s signer) keyInfo() string {
	if s.noKeyInfo {
		return ""
	}
	return `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(s.pair.Certificate.Raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
}

// detached is a copy with the namespaces that the element inherits.
func detached(t testing.TB, element *etree.Element) *etree.Element {
	t.Helper()
	copied := element.Copy()
	for ancestor := element.Parent(); ancestor != nil; ancestor = ancestor.Parent() {
		for _, attr := range ancestor.Attr {
			if (attr.Space == "xmlns" || attr.FullKey() == "xmlns") && copied.SelectAttr(attr.FullKey()) == nil {
				copied.CreateAttr(attr.FullKey(), attr.Value)
			}
		}
	}
	return copied
}

func (s signer) canonicalize(t testing.TB, element *etree.Element, prefixes string) []byte {
	t.Helper()
	var c dsig.Canonicalizer
	switch dsig.AlgorithmID(s.algorithm()) {
	case dsig.CanonicalXML10RecAlgorithmId:
		c = dsig.MakeC14N10RecCanonicalizer()
	case dsig.CanonicalXML11AlgorithmId:
		c = dsig.MakeC14N11Canonicalizer()
	case dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId:
		c = dsig.MakeC14N10ExclusiveWithCommentsCanonicalizerWithPrefixList(prefixes)
	default:
		c = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList(prefixes)
	}
	out, err := c.Canonicalize(element)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s signer) value(t testing.TB, data []byte) []byte {
	t.Helper()
	h := s.hash.New()
	h.Write(data)
	var out []byte
	var err error
	switch key := s.pair.Key.(type) {
	case *rsa.PrivateKey:
		if s.pss {
			out, err = rsa.SignPSS(rand.Reader, key, s.hash, h.Sum(nil), nil)
		} else {
			out, err = rsa.SignPKCS1v15(rand.Reader, key, s.hash, h.Sum(nil))
		}
	case *ecdsa.PrivateKey:
		r, n, signErr := ecdsa.Sign(rand.Reader, key, h.Sum(nil))
		half := (key.Params().BitSize + 7) / 8
		out, err = append(r.FillBytes(make([]byte, half)), n.FillBytes(make([]byte, half))...), signErr
	default:
		t.Fatalf("a key of type %T", key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// how says which elements are signed, by the letters a and r, innermost first.
func (s signer) signAll(t testing.TB, document, how string) string {
	t.Helper()
	if strings.Contains(how, "a") {
		document = s.sign(t, document, "_assertion")
	}
	if strings.Contains(how, "r") {
		document = s.sign(t, document, "_response")
	}
	return document
}
