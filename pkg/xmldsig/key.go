package xmldsig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// ErrUnchecked says that a key is of a kind that Go has no arithmetic for:
// libxmlsec may have it.
var ErrUnchecked = errors.New("the signature is not checked here")

// Key is a public key.
type Key struct {
	modulus, exponent *big.Int // RSA
	curve             *ecdsa.PublicKey
	other             string // the name of a kind that cannot be checked here
}

// RSA is the size of the modulus of an RSA key in bits, 0 for other kinds.
func (k Key) RSA() int {
	if k.modulus == nil {
		return 0
	}
	return k.modulus.BitLen()
}

const ecdsaName = "ecdsa "

// String names the kind and size, such as "rsa 2048" or "ecdsa secp256k1".
func (k Key) String() string {
	switch {
	case k.modulus != nil && k.exponent.BitLen() > 32:
		return fmt.Sprintf("rsa %d with an exponent of %d bits", k.modulus.BitLen(), k.exponent.BitLen())
	case k.modulus != nil:
		return fmt.Sprintf("rsa %d", k.modulus.BitLen())
	case k.curve != nil:
		return ecdsaName + k.curve.Params().Name
	}
	return k.other
}

// The limits of OpenSSL (openssl/rsa.h).
const (
	maxModulus       = 16384 // bits
	smallModulus     = 3072  // up to which the exponent is as long as the modulus
	maxLargeExponent = 64    // bits
)

// ParseKey reads a SubjectPublicKeyInfo (RFC 5280, 4.1) as OpenSSL does, which
// takes short RSA keys and exponents of any length. A curve that Go does not have
// is no error: Verify gives ErrUnchecked.
func ParseKey(spki []byte) (Key, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if rest, err := asn1.Unmarshal(spki, &info); err != nil || len(rest) > 0 {
		return Key{}, errors.New("the public key cannot be read")
	}
	switch info.Algorithm.Algorithm.String() {
	case "1.2.840.113549.1.1.1":
		return parseRSA(info.Key.RightAlign())
	case "1.2.840.10045.2.1":
		return parseCurve(spki, info.Algorithm.Parameters, info.Key.RightAlign())
	}
	if name := otherKinds()[info.Algorithm.Algorithm.String()]; name != "" {
		return Key{other: name}, nil
	}
	return Key{}, fmt.Errorf("the public key is of a kind that OpenSSL or libxmlsec does not have (%s)", info.Algorithm.Algorithm)
}

// otherKinds are those that libxmlsec may know of a certificate, and we do not
// verify with.
func otherKinds() map[string]string {
	return map[string]string{
		"1.2.840.10040.4.1": "dsa", "1.2.840.113549.1.1.10": "rsa-pss", "1.3.101.112": "ed25519", "1.3.101.113": "ed448",
		"1.2.643.2.2.19": "gost 2001", "1.2.643.7.1.1.1.1": "gost 2012", "1.2.643.7.1.1.1.2": "gost 2012",
	}
}

func parseRSA(der []byte) (Key, error) {
	var key struct{ N, E asn1.RawValue }
	if rest, err := asn1.Unmarshal(der, &key); err != nil || len(rest) > 0 || key.N.Tag != asn1.TagInteger || key.E.Tag != asn1.TagInteger {
		return Key{}, errors.New("the RSA key cannot be read")
	}
	n, e := new(big.Int).SetBytes(key.N.Bytes), new(big.Int).SetBytes(key.E.Bytes) // OpenSSL knows no sign here (crypto/asn1/x_bignum.c)
	if n.BitLen() > maxModulus || n.BitLen() > smallModulus && e.BitLen() > maxLargeExponent || e.Sign() == 0 || e.Cmp(n) >= 0 {
		return Key{}, fmt.Errorf("the RSA key has %d bits and an exponent of %d bits, which OpenSSL refuses", n.BitLen(), e.BitLen())
	}
	return Key{modulus: n, exponent: e}, nil
}

func parseCurve(spki []byte, parameters asn1.RawValue, point []byte) (Key, error) {
	public, err := x509.ParsePKIXPublicKey(spki)
	if key, ok := public.(*ecdsa.PublicKey); ok && err == nil {
		return Key{curve: key}, nil
	}
	var curve asn1.ObjectIdentifier
	if parameters.Tag == asn1.TagSequence && parameters.Class == asn1.ClassUniversal {
		return Key{other: ecdsaName + "on a curve without a name"}, nil
	}
	if _, wrong := asn1.Unmarshal(parameters.FullBytes, &curve); wrong != nil {
		return Key{}, errors.New("the curve of the public key cannot be read")
	}
	if name, known := curveName(curve); known {
		return Key{other: ecdsaName + name}, nil
	}
	return parsePoint(curve, point)
}

// parsePoint reads a point in the forms that OpenSSL takes and crypto/x509 does
// not: compressed and hybrid (SEC 1, 2.3.4).
func parsePoint(id asn1.ObjectIdentifier, point []byte) (Key, error) {
	curve := map[string]elliptic.Curve{
		"1.3.132.0.33": elliptic.P224(), "1.2.840.10045.3.1.7": elliptic.P256(), "1.3.132.0.34": elliptic.P384(), "1.3.132.0.35": elliptic.P521(),
	}[id.String()]
	if curve == nil {
		return Key{}, fmt.Errorf("the public key is on a curve that OpenSSL does not have (%s)", id)
	}
	size := (curve.Params().BitSize + 7) / 8
	if len(point) == 1+2*size && (point[0] == 6 || point[0] == 7) && point[0]&1 == point[2*size]&1 {
		point = append([]byte{point[0] - 4}, point[1:1+size]...)
	}
	x, y := elliptic.UnmarshalCompressed(curve, point)
	if x == nil {
		return Key{}, errors.New("the public key is not a point of its curve")
	}
	plain := slices.Concat([]byte{4}, x.FillBytes(make([]byte, size)), y.FillBytes(make([]byte, size)))
	public, err := ecdsa.ParseUncompressedPublicKey(curve, plain)
	return Key{curve: public}, err
}

// curveName is the usual name of an elliptic curve that OpenSSL has and Go does
// not (RFC 5639; SEC 2), and whether it is such.
func curveName(curve asn1.ObjectIdentifier) (name string, known bool) {
	name, known = map[string]string{
		"1.3.132.0.10": "secp256k1", "1.3.132.0.31": "secp192k1", "1.3.132.0.32": "secp224k1", "1.2.840.10045.3.1.1": "prime192v1",
		"1.3.36.3.3.2.8.1.1.1": "brainpoolP160r1", "1.3.36.3.3.2.8.1.1.3": "brainpoolP192r1", "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1",
		"1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
		"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
	}[curve.String()]
	return name, known
}

func (k Key) verify(family string, hash crypto.Hash, digest, value []byte) error {
	switch {
	case k.other != "" && strings.HasPrefix(k.other, family):
		return fmt.Errorf("%w: the key is %s", ErrUnchecked, k.other)
	case family == familyRSA && k.modulus != nil:
		return k.verifyRSA(hash, digest, value)
	case family == familyEC && k.curve != nil:
		return k.verifyCurve(digest, value)
	}
	return fmt.Errorf("it is an %s signature, and the certificate has another kind of key", family)
}

// verifyRSA is RSASSA-PKCS1-V1_5-VERIFY (RFC 8017, 8.2.2). crypto/rsa refuses
// short keys and long exponents.
func (k Key) verifyRSA(hash crypto.Hash, digest, value []byte) error {
	size := (k.modulus.BitLen() + 7) / 8
	prefix, err := digestInfo(hash)
	if err != nil {
		return err
	}
	encoded := slices.Concat(prefix, digest)
	number := new(big.Int).SetBytes(value)
	if len(value) != size || number.Cmp(k.modulus) >= 0 || size < len(encoded)+11 {
		return errDiffers
	}
	want := append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, size-len(encoded)-3)...)
	want = append(append(want, 0), encoded...)
	if !bytes.Equal(number.Exp(number, k.exponent, k.modulus).FillBytes(make([]byte, size)), want) {
		return errDiffers
	}
	return nil
}

var errDiffers = errors.New("its value is not of this certificate's key")

// digestInfo is what stands before a digest (RFC 8017, 9.2, notes).
func digestInfo(hash crypto.Hash) ([]byte, error) {
	sha2 := func(kind, size byte) []byte {
		return []byte{0x30, 0x11 + size, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, kind, 0x05, 0x00, 0x04, size}
	}
	switch hash { //nolint:exhaustive // those of XML Signature
	case crypto.SHA1:
		return []byte{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}, nil
	case crypto.SHA224:
		return sha2(4, 28), nil
	case crypto.SHA256:
		return sha2(1, 32), nil
	case crypto.SHA384:
		return sha2(2, 48), nil
	case crypto.SHA512:
		return sha2(3, 64), nil
	}
	return nil, fmt.Errorf("the hash %s is not supported", hash)
}

// verifyCurve checks r and s, which stand side by side (XML Signature 1.1,
// 6.4.3).
func (k Key) verifyCurve(digest, value []byte) error {
	half := (k.curve.Params().BitSize + 7) / 8
	if len(value) != 2*half {
		return fmt.Errorf("the ECDSA signature has %d bytes, expected %d", len(value), 2*half)
	}
	r, s := new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])
	if !ecdsa.Verify(k.curve, digest, r, s) {
		return errDiffers
	}
	return nil
}
