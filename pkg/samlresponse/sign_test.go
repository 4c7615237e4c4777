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
func (s signer) sign(tb testing.TB, document, id string) string {
	tb.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(document); err != nil {
		tb.Fatalf("sign: %v\n%s", err, document)
	}
	element := doc.FindElement("//*[@ID='" + id + "']")
	if element == nil {
		return document // the mutation took it away
	}
	digest := s.digestHash.New()
	digest.Write(s.canonicalize(tb, detached(tb, element), s.prefixes))
	info := s.signedInfo(id, base64.StdEncoding.EncodeToString(digest.Sum(nil)))
	signature := etree.NewDocument()
	if err := signature.ReadFromString(`<ds:Signature xmlns:ds="` + xmlSig + `">` + info + `<ds:SignatureValue/>` + s.keyInfo() + `</ds:Signature>`); err != nil {
		tb.Fatal(err)
	}
	place := 0
	if issuer := element.SelectElement("Issuer"); issuer != nil {
		place = issuer.Index() + 1
	}
	root := signature.Root()
	element.InsertChildAt(place, root)
	canonical := s.canonicalize(tb, detached(tb, root.SelectElement("SignedInfo")), "")
	root.SelectElement("SignatureValue").SetText(base64.StdEncoding.EncodeToString(s.value(tb, canonical)))
	out, err := doc.WriteToString()
	if err != nil {
		tb.Fatal(err)
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
func detached(tb testing.TB, element *etree.Element) *etree.Element {
	tb.Helper()
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

func (s signer) canonicalize(tb testing.TB, element *etree.Element, prefixes string) []byte {
	tb.Helper()
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
		tb.Fatal(err)
	}
	return out
}

func (s signer) value(tb testing.TB, data []byte) []byte {
	tb.Helper()
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
		tb.Fatalf("a key of type %T", key)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// how says which elements are signed, by the letters a and r, innermost first.
func (s signer) signAll(tb testing.TB, document, how string) string {
	tb.Helper()
	if strings.Contains(how, "a") {
		document = s.sign(tb, document, "_assertion")
	}
	if strings.Contains(how, "r") {
		document = s.sign(tb, document, "_response")
	}
	return document
}

// signers are ways to sign, by name.
func signers(k keys) map[string]signer {
	with := func(change func(*signer)) signer {
		s := rsa256(k.idp)
		change(&s)
		return s
	}
	hashes := func(method string, hash crypto.Hash, digest string, digestHash crypto.Hash) func(*signer) {
		return func(s *signer) { s.method, s.hash, s.digest, s.digestHash = method, hash, digest, digestHash }
	}
	ec := func(pair *signer, method string, hash crypto.Hash) signer {
		pair.method, pair.hash = method, hash
		return *pair
	}
	p256, p384 := rsa256(k.p256), rsa256(k.p384)
	return map[string]signer{
		"rsa-sha256":           rsa256(k.idp),
		"rsa-sha1":             with(hashes(xmlSig+"rsa-sha1", crypto.SHA1, xmlSig+"sha1", crypto.SHA1)),
		"rsa-sha384":           with(hashes(more+"rsa-sha384", crypto.SHA384, more+"sha384", crypto.SHA384)),
		"rsa-sha512":           with(hashes(more+"rsa-sha512", crypto.SHA512, xmlEnc+"sha512", crypto.SHA512)),
		"rsa-sha256 with sha1": with(hashes(more+"rsa-sha256", crypto.SHA256, xmlSig+"sha1", crypto.SHA1)),
		"rsa-sha224":           with(hashes(more+"rsa-sha224", crypto.SHA224, more+"sha224", crypto.SHA224)),
		"rsa-pss":              with(func(s *signer) { s.method, s.pss = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", true }),
		"ecdsa-sha256":         ec(&p256, more+"ecdsa-sha256", crypto.SHA256),
		"ecdsa-sha384":         ec(&p384, more+"ecdsa-sha384", crypto.SHA384),
		"wrong key":            rsa256(k.other),
		"wrong method":         with(func(s *signer) { s.method = more + "ecdsa-sha256" }),
		"expired certificate":  rsa256(k.expired),
		"no KeyInfo":           with(func(s *signer) { s.noKeyInfo = true }),
		"inclusive":            with(func(s *signer) { s.canonical = string(dsig.CanonicalXML10RecAlgorithmId) }),
		"inclusive 1.1":        with(func(s *signer) { s.canonical = string(dsig.CanonicalXML11AlgorithmId) }),
		"with comments":        with(func(s *signer) { s.canonical = string(dsig.CanonicalXML10ExclusiveWithCommentsAlgorithmId) }),
		"prefix list":          with(func(s *signer) { s.prefixes = "xs saml" }),
	}
}
