package xmldsig_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

const (
	exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
	enveloped = `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>`
)

func transform(uri string) string { return `<ds:Transform Algorithm="` + uri + `"/>` }

// signed is a document with a signature over its element with the ID _a, whose
// digest is of the given octets. The private key signs the SignedInfo.
func signed(t *testing.T, key *rsa.PrivateKey, body, uri, transforms, digested string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(digested))
	info := `<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:CanonicalizationMethod Algorithm="` + exclusive + `"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>` +
		`<ds:Reference URI="` + uri + `"><ds:Transforms>` + transforms + `</ds:Transforms>` +
		`<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>` +
		`<ds:DigestValue>` + base64.StdEncoding.EncodeToString(sum[:]) + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	doc := etree.NewDocument()
	if err := doc.ReadFromString(info); err != nil {
		t.Fatal(err)
	}
	octets, err := dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("").Canonicalize(doc.Root())
	if err != nil {
		t.Fatal(err)
	}
	hashed := sha256.Sum256(octets)
	value, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, hashed[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` + info +
		`<ds:SignatureValue>` + base64.StdEncoding.EncodeToString(value) + `</ds:SignatureValue></ds:Signature>`
	return strings.Replace(body, "SIGNATURE", signature, 1)
}

func verify(t *testing.T, document string, key xmldsig.Key) error {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(document); err != nil {
		t.Fatal(err)
	}
	return xmldsig.Verify(doc.FindElement("//Signature"), key)
}

func keyOf(t *testing.T, public crypto.PublicKey) xmldsig.Key {
	t.Helper()
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	key, err := xmldsig.ParseKey(spki)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVerify(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	key := keyOf(t, private.Public())
	const (
		body      = `<r xmlns="urn:r" xmlns:n="urn:n" xml:lang="en"><a ID="_a">x<b n:c="1"/>SIGNATURE</a></r>`
		exclusion = `<a xmlns="urn:r" ID="_a">x<b xmlns:n="urn:n" n:c="1"></b></a>`
		inclusion = `<a xmlns="urn:r" xmlns:n="urn:n" ID="_a" xml:lang="en">x<b n:c="1"></b></a>`
		whole     = `<r xmlns="urn:r" xmlns:n="urn:n" xml:lang="en"><a ID="_a">x<b n:c="1"></b></a></r>`
	)
	alter := func(old, with string) func(string) string {
		return func(document string) string { return strings.Replace(document, old, with, 1) }
	}
	tests := map[string]struct {
		uri, transforms, digested string
		change                    func(string) string
		want                      string // in the error; empty: it holds
	}{
		"exclusive":                       {"#_a", enveloped + transform(exclusive), exclusion, nil, ""},
		"exclusive twice":                 {"#_a", enveloped + transform(exclusive) + transform(exclusive), exclusion, nil, ""},
		"inclusive inherits xml:lang":     {"#_a", enveloped + transform(inclusive), inclusion, nil, ""},
		"no canonicalization":             {"#_a", enveloped, inclusion, nil, ""},
		"the whole document":              {"", enveloped + transform(inclusive), whole, nil, ""},
		"blanks in the value":             {"#_a", enveloped + transform(exclusive), exclusion, alter("<ds:SignatureValue>", "<ds:SignatureValue> \n\t"), ""},
		"a blank that XML does not have":  {"#_a", enveloped + transform(exclusive), exclusion, alter("<ds:SignatureValue>", "<ds:SignatureValue>\u00a0"), "not base64"},
		"another ID":                      {"#_b", enveloped + transform(exclusive), exclusion, nil, `refers to "#_b", expected "#_a"`},
		"no URI":                          {"#_a", enveloped + transform(exclusive), exclusion, alter(` URI="#_a"`, ``), "no URI"},
		"no ID":                           {"#", enveloped + transform(exclusive), strings.Replace(exclusion, `ID="_a"`, `ID=""`, 1), alter(`ID="_a"`, `ID=""`), `refers to "#"`},
		"names of another namespace":      {"#_a", enveloped + transform(exclusive), exclusion, alter(`<ds:SignatureValue>`, `<SignedInfo/><SignatureValue/><ds:SignatureValue>`), ""},
		"changed":                         {"#_a", enveloped + transform(exclusive), exclusion, alter(">x<", ">y<"), "the digest differs"},
		"changed in a namespace":          {"#_a", enveloped + transform(exclusive), exclusion, alter(`xmlns:n="urn:n"`, `xmlns:n="urn:m"`), "the digest differs"},
		"a changed digest":                {"#_a", enveloped + transform(exclusive), "other", nil, "the digest differs"},
		"the signature counts":            {"#_a", transform(exclusive), exclusion, nil, "the digest differs"},
		"cut out too late":                {"#_a", transform(exclusive) + enveloped, exclusion, nil, "after a canonicalization"},
		"an unknown transform":            {"#_a", enveloped + transform("urn:x"), exclusion, nil, `"urn:x" is not supported`},
		"a changed SignedInfo":            {"#_a", enveloped + transform(exclusive), exclusion, alter("<ds:Transforms>", "<ds:Transforms> "), "not of this certificate's key"},
		"an Object":                       {"#_a", enveloped + transform(exclusive), exclusion, alter("</ds:SignatureValue>", "</ds:SignatureValue><ds:Object><x ID='_a'/></ds:Object>"), ""},
		"a Manifest":                      {"#_a", enveloped + transform(exclusive), exclusion, alter("</ds:SignatureValue>", "</ds:SignatureValue><ds:Object><ds:Manifest/></ds:Object>"), "Manifest"},
		"a namespace with an ampersand":   {"#_a", enveloped + transform(exclusive), exclusion, alter(`<r `, `<r xmlns:q="urn:a&amp;b" `), ""},
		"a used one with an ampersand":    {"#_a", enveloped + transform(exclusive), strings.Replace(exclusion, "urn:n", "urn:a&b", 1), alter(`urn:n`, `urn:a&amp;b`), ""}, // which libxml2 does not escape
		"a relative namespace":            {"#_a", enveloped + transform(exclusive), exclusion, alter(`<b `, `<b xmlns:z="z" `), "cannot be signed"},
		"two references":                  {"#_a", enveloped + transform(exclusive), exclusion, alter("<ds:Reference ", `<ds:Reference URI="#_a"/><ds:Reference `), "2 references"},
		"a list of too many transforms":   {"#_a", strings.Repeat(transform(exclusive), 9), exclusion, nil, "9 transforms"},
		"a signature method that is none": {"#_a", enveloped + transform(exclusive), exclusion, alter("#rsa-sha256", "#rsa-md4"), "not supported"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := signed(t, private, body, tt.uri, tt.transforms, tt.digested)
			if tt.change != nil {
				document = tt.change(document)
			}
			err := verify(t, document, key)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q\n%s", err, tt.want, document)
			}
		})
	}
}

// TestAnIDWithAPrefixIsNone signs an element that also has an ID in a namespace.
func TestAnIDWithAPrefixIsNone(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const body, octets = `<a x:ID="_b" xmlns:x="urn:x" ID="_a">SIGNATURE</a>`, `<a xmlns:x="urn:x" ID="_a" x:ID="_b"></a>`
	key := keyOf(t, private.Public())
	if err := verify(t, signed(t, private, body, "#_a", enveloped+transform(exclusive), octets), key); err != nil {
		t.Error(err)
	}
	if err := verify(t, signed(t, private, body, "#_b", enveloped+transform(exclusive), octets), key); err == nil || !strings.Contains(err.Error(), "refers to") {
		t.Errorf("a reference to an ID with a prefix: %v", err)
	}
}

// TestKeysOfAllKinds signs with keys that crypto/rsa refuses, and with one of
// another kind.
func TestKeysOfAllKinds(t *testing.T) {
	t.Parallel()
	const body, octets = `<a ID="_a">SIGNATURE</a>`, `<a ID="_a"></a>`
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	document := signed(t, private, body, "#_a", enveloped, octets)
	if err := verify(t, document, keyOf(t, curve.Public())); err == nil || !strings.Contains(err.Error(), "another kind of key") {
		t.Errorf("with a key on a curve: %v", err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if err := verify(t, document, keyOf(t, other.Public())); err == nil || !strings.Contains(err.Error(), "not of this certificate's key") {
		t.Errorf("with another key: %v", err)
	}
	if err := verify(t, document, koblitz(t)); err == nil || !strings.Contains(err.Error(), "another kind of key") {
		t.Errorf("RSA with a key on a curve that Go does not have: %v", err)
	}
	onCurve := strings.Replace(document, "#rsa-sha256", "#ecdsa-sha256", 1)
	if err := verify(t, onCurve, koblitz(t)); !errors.Is(err, xmldsig.ErrUnchecked) || !strings.Contains(err.Error(), "secp256k1") {
		t.Errorf("with a curve that Go does not have: %v", err)
	}
	changed := strings.Replace(onCurve, "<a ", `<a x="" `, 1)
	if err := verify(t, changed, koblitz(t)); err == nil || !strings.Contains(err.Error(), "the digest differs") {
		t.Errorf("changed, with a curve that Go does not have: %v", err)
	}
}

// TestANegativeModulusIsNone: OpenSSL reads the numbers of an RSA key without a
// sign, which some programs left out the byte for.
func TestANegativeModulusIsNone(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	negative := slices.Concat([]byte{0x30, 0x82, 0x01, 0x21}, spki[4:19], []byte{0x03, 0x82, 0x01, 0x0E, 0x00, 0x30, 0x82, 0x01, 0x09, 0x02, 0x82, 0x01, 0x00}, spki[33:])
	key, err := xmldsig.ParseKey(negative)
	if err != nil {
		t.Fatal(err)
	}
	document := signed(t, private, `<a ID="_a">SIGNATURE</a>`, "#_a", enveloped, `<a ID="_a"></a>`)
	if err := verify(t, document, key); err != nil || key.String() != "rsa 2048" || key.RSA() != 2048 {
		t.Errorf("%v, %s, %d bits", err, key, key.RSA())
	}
}

// koblitz is a key on secp256k1.
func koblitz(t *testing.T) xmldsig.Key {
	t.Helper()
	spki, err := base64.StdEncoding.DecodeString("MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEeb5mfvncu6xVoGKVzocLBwKb/NstzijZWfKBWxb4F5hIOtp3JqPEZV2k+/wOEQio/Re0SKaFVBmcR9CP+xDUuA==")
	if err != nil {
		t.Fatal(err)
	}
	key, err := xmldsig.ParseKey(spki)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestKeysThatOpenSSLRefuses are those that would keep the arithmetic busy.
func TestKeysThatOpenSSLRefuses(t *testing.T) {
	t.Parallel()
	huge := new(big.Int).Lsh(big.NewInt(1), 16384)
	spki, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: huge, E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := xmldsig.ParseKey(spki); err == nil || !strings.Contains(err.Error(), "16385 bits") {
		t.Errorf("a huge key: %v", err)
	}
	if _, err := xmldsig.ParseKey([]byte("x")); err == nil {
		t.Error("nothing is a key")
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, spki []byte) {
		key, err := xmldsig.ParseKey(spki)
		if err != nil {
			return
		}
		doc := etree.NewDocument()
		if err := doc.ReadFromString(`<a ID="_a"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></a>`); err != nil {
			t.Fatal(err)
		}
		if xmldsig.Verify(doc.FindElement("//Signature"), key) == nil {
			t.Error("an empty signature holds")
		}
	})
}
