package xmldsig_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

const (
	more   = "http://www.w3.org/2001/04/xmldsig-more#"
	newer  = "http://www.w3.org/2007/05/xmldsig-more#"
	newest = "http://www.w3.org/2021/04/xmldsig-more#"
)

// valued is a document whose signature, by some method, has the value that sign
// gives to the octets of the SignedInfo. A comment in it counts.
func valued(method string, sign func(octets []byte) []byte) string {
	sum := sha256.Sum256([]byte(`<a ID="_a"></a>`))
	info := `<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><!-- c --><ds:CanonicalizationMethod Algorithm="` + exclusive + `WithComments"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm="` + method + `"></ds:SignatureMethod><ds:Reference URI="#_a"><ds:Transforms>` +
		`<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>` +
		`<ds:DigestValue>` + base64.StdEncoding.EncodeToString(sum[:]) + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	return `<a ID="_a"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">` + info +
		`<ds:SignatureValue>` + base64.StdEncoding.EncodeToString(sign([]byte(info))) + `</ds:SignatureValue></ds:Signature></a>`
}

func hashed(hash crypto.Hash, octets []byte) []byte {
	sum := hash.New()
	sum.Write(octets)
	return sum.Sum(nil)
}

// TestMethods signs by every method, and changes the values.
func TestMethods(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := func(hash crypto.Hash, change func([]byte) []byte) func([]byte) []byte {
		return func(octets []byte) []byte {
			value, err := rsa.SignPKCS1v15(nil, private, hash, hashed(hash, octets))
			if err != nil {
				t.Error(err)
			}
			return change(value)
		}
	}
	pss := func(hash crypto.Hash, salt int) func([]byte) []byte {
		return func(octets []byte) []byte {
			value, err := rsa.SignPSS(rand.Reader, private, hash, hashed(hash, octets), &rsa.PSSOptions{SaltLength: salt})
			if err != nil {
				t.Error(err)
			}
			return value
		}
	}
	halves := func(hash crypto.Hash, size int) func([]byte) []byte {
		return func(octets []byte) []byte {
			r, s, err := ecdsa.Sign(rand.Reader, curve, hashed(hash, octets))
			if err != nil {
				t.Error(err)
			}
			return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...)
		}
	}
	same := func(value []byte) []byte { return value }
	const differs = "not of this certificate's key"
	for name, tt := range map[string]struct {
		method string
		sign   func([]byte) []byte
		want   string
	}{
		"RSA":                            {more + "rsa-sha512", pkcs1(crypto.SHA512, same), ""},
		"RSA, MD5":                       {more + "rsa-md5", pkcs1(crypto.MD5, same), ""},
		"RSA, another hash":              {more + "rsa-sha512", pkcs1(crypto.SHA256, same), differs},
		"RSA, a zero before":             {more + "rsa-sha256", pkcs1(crypto.SHA256, func(v []byte) []byte { return append([]byte{0}, v...) }), differs},
		"RSA, a byte less":               {more + "rsa-sha256", pkcs1(crypto.SHA256, func(v []byte) []byte { return v[1:] }), differs},
		"RSA-PSS":                        {newer + "sha256-rsa-MGF1", pss(crypto.SHA256, 32), ""},
		"RSA-PSS, SHA-3":                 {newer + "sha3-256-rsa-MGF1", pss(crypto.SHA3_256, 32), ""},
		"RSA-PSS, no salt":               {newer + "sha256-rsa-MGF1", pss(crypto.SHA256, 0), differs},
		"RSA-PSS as PKCS #1":             {more + "rsa-sha256", pss(crypto.SHA256, 32), differs},
		"ECDSA":                          {more + "ecdsa-sha1", halves(crypto.SHA1, 32), ""},
		"ECDSA, SHA-3":                   {newest + "ecdsa-sha3-256", halves(crypto.SHA3_256, 32), ""},
		"ECDSA, as many bytes as bits":   {more + "ecdsa-sha256", halves(crypto.SHA256, 256), ""},
		"ECDSA, more bytes than bits":    {more + "ecdsa-sha256", halves(crypto.SHA256, 257), "514 bytes, expected 64"},
		"ECDSA, another hash":            {more + "ecdsa-sha256", halves(crypto.SHA1, 32), differs},
		"ECDSA, nothing":                 {more + "ecdsa-sha256", func([]byte) []byte { return nil }, "0 bytes, expected 64"},
		"ECDSA, an odd number of bytes":  {more + "ecdsa-sha256", func(o []byte) []byte { return append(halves(crypto.SHA256, 32)(o), 0) }, "65 bytes"},
		"RSA-SHA-3 without PSS, not any": {newer + "rsa-sha3-256", pkcs1(crypto.SHA256, same), "not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, other := keyOf(t, private.Public()), keyOf(t, curve.Public())
			if strings.HasPrefix(name, "ECDSA") {
				key, other = other, key
			}
			document := valued(tt.method, tt.sign)
			err := verify(t, document, key)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err := verify(t, document, other); err == nil || tt.want == "" && !strings.Contains(err.Error(), "another kind of key") {
				t.Errorf("with the other key: %v", err)
			}
		})
	}
}

// TestRSAKeys has modulus and exponent by their bits, and what is said of them.
func TestRSAKeys(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		modulus, exponent uint
		want              string
	}{
		"ordinary":                         {2048, 17, ""},
		"a long exponent":                  {3072, 3000, ""},
		"an exponent as long as a modulus": {1024, 1025, "OpenSSL refuses"},
		"large":                            {16384, 64, ""},
		"large, with a long exponent":      {3073, 65, "OpenSSL refuses"},
		"too large":                        {16385, 17, "OpenSSL refuses"},
	} {
		number := func(bits uint) *big.Int {
			n := new(big.Int).Lsh(big.NewInt(1), bits-1)
			return n.SetBit(n, 0, 1)
		}
		_, err := xmldsig.ParseKey(spkiOf(t, number(tt.modulus), number(tt.exponent)))
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// spkiOf is a SubjectPublicKeyInfo with an exponent of any length, which
// rsa.PublicKey does not have.
func spkiOf(t *testing.T, modulus, exponent *big.Int) []byte {
	t.Helper()
	ordinary, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: modulus, E: 65537})
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(ordinary, &info); err != nil {
		t.Fatal(err)
	}
	key, err := asn1.Marshal(struct{ N, E *big.Int }{modulus, exponent})
	if err != nil {
		t.Fatal(err)
	}
	info.Key = asn1.BitString{Bytes: key, BitLength: 8 * len(key)}
	spki, err := asn1.Marshal(info)
	if err != nil {
		t.Fatal(err)
	}
	return spki
}

// TestValuesThatAreTooLarge has values for a modulus of 512 bits with an exponent
// of one, which give back what they are: one is right, one the same and the
// modulus more, and one too long for the modulus.
func TestValuesThatAreTooLarge(t *testing.T) {
	t.Parallel()
	modulus := new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 511), 0, 1)
	key, err := xmldsig.ParseKey(spkiOf(t, modulus, big.NewInt(1)))
	if err != nil {
		t.Fatal(err)
	}
	value := func(hash crypto.Hash, prefix string, add *big.Int) func([]byte) []byte {
		return func(octets []byte) []byte {
			tail := append([]byte(prefix), hashed(hash, octets)...)
			padding := bytes.Repeat([]byte{0xFF}, max(0, 61-len(tail)))
			encoded := append(append([]byte{0, 1}, append(padding, 0)...), tail...)
			return new(big.Int).Add(new(big.Int).SetBytes(encoded[:64]), add).FillBytes(make([]byte, 64))
		}
	}
	const sha256Prefix, sha512Prefix = "010\r\x06\t`\x86H\x01e\x03\x04\x02\x01\x05\x00\x04 ", "0Q0\r\x06\t`\x86H\x01e\x03\x04\x02\x03\x05\x00\x04@"
	if err := verify(t, valued(more+"rsa-sha256", value(crypto.SHA256, sha256Prefix, new(big.Int))), key); err != nil {
		t.Errorf("the value: %v", err)
	}
	if err := verify(t, valued(more+"rsa-sha256", value(crypto.SHA256, sha256Prefix, modulus)), key); err == nil {
		t.Error("a value of more than the modulus holds")
	}
	if err := verify(t, valued(more+"rsa-sha512", value(crypto.SHA512, sha512Prefix, new(big.Int))), key); err == nil {
		t.Error("a hash that is too long for the modulus holds")
	}
}

// TestShortKeysOfPSS are not checked, which is said.
func TestShortKeysOfPSS(t *testing.T) {
	t.Parallel()
	for name, exponent := range map[string]*big.Int{"short": big.NewInt(65537), "long exponent": new(big.Int).SetBit(new(big.Int).Lsh(big.NewInt(1), 40), 0, 1)} {
		bits := uint(2047)
		if name == "short" {
			bits = 767
		}
		modulus := new(big.Int).Lsh(big.NewInt(1), bits)
		key, err := xmldsig.ParseKey(spkiOf(t, modulus.SetBit(modulus, 0, 1), exponent))
		if err != nil {
			t.Fatal(err)
		}
		document := valued(newer+"sha256-rsa-MGF1", func([]byte) []byte { return make([]byte, (bits+1)/8) })
		if err := verify(t, document, key); err == nil || !strings.Contains(err.Error(), xmldsig.ErrUnchecked.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
