package xmldsig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
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
	whole := slices.Concat([]byte{4}, x.FillBytes(make([]byte, size)), y.FillBytes(make([]byte, size)))
	key, err := ecdsa.ParseUncompressedPublicKey(curve, whole)
	return Key{curve: key}, err
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

func (k Key) verify(m method, digest, value []byte) error {
	switch {
	case k.other != "" && strings.HasPrefix(m.family, strings.ToUpper(strings.Fields(k.other)[0])): // RSA keys also make RSA-PSS
		return fmt.Errorf("%w: the key is %s", ErrUnchecked, k.other)
	case m.family == familyRSA && k.modulus != nil:
		return k.verifyRSA(m.hash, digest, value)
	case m.family == familyPSS && k.modulus != nil:
		return k.verifyPSS(m.hash, digest, value)
	case m.family == familyEC && k.curve != nil:
		return k.verifyCurve(digest, value)
	}
	return fmt.Errorf("it is an %s signature, and the certificate has another kind of key", m.family)
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
	want := slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, size-len(encoded)-3), []byte{0}, encoded)
	if !bytes.Equal(number.Exp(number, k.exponent, k.modulus).FillBytes(make([]byte, size)), want) {
		return errDiffers
	}
	return nil
}

var errDiffers = errors.New("its value is not of this certificate's key")

// digestInfo is what stands before a digest (RFC 8017, 9.2, notes).
func digestInfo(hash crypto.Hash) ([]byte, error) {
	info, known := map[crypto.Hash]string{
		crypto.MD5:    "\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\x05\x00\x04\x10",
		crypto.SHA1:   "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
		crypto.SHA224: "\x30\x2d\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1c",
		crypto.SHA256: "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
		crypto.SHA384: "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30",
		crypto.SHA512: "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
	}[hash]
	if !known {
		return nil, fmt.Errorf("the hash %s is not supported", hash)
	}
	return []byte(info), nil
}

// verifyPSS is RSASSA-PSS-VERIFY (RFC 8017, 8.1.2). The salt is as long as the
// hash (RFC 9231, 2.3.10), and libxmlsec takes no other. Keys that crypto/rsa
// refuses are not checked.
func (k Key) verifyPSS(hash crypto.Hash, digest, value []byte) error {
	if !k.exponent.IsInt64() || k.exponent.Int64() > math.MaxInt32 || k.modulus.BitLen() < 1024 {
		return fmt.Errorf("%w: it is RSA-PSS by a key of %d bits with an exponent of %d bits", ErrUnchecked, k.modulus.BitLen(), k.exponent.BitLen())
	}
	key := &rsa.PublicKey{N: k.modulus, E: int(k.exponent.Int64())}
	if rsa.VerifyPSS(key, hash, digest, value, &rsa.PSSOptions{SaltLength: hash.Size()}) != nil {
		return errDiffers
	}
	return nil
}

// verifyCurve checks r and s, which stand side by side (XML Signature 1.1,
// 6.4.3). libxmlsec takes halves of other lengths, too: Java cuts zeros off, and
// some releases of libxmlsec write as many bytes as the key has bits.
func (k Key) verifyCurve(digest, value []byte) error {
	half := len(value) / 2
	if len(value)%2 != 0 || half == 0 || half > k.curve.Params().BitSize {
		return fmt.Errorf("the ECDSA signature has %d bytes, expected %d", len(value), 2*((k.curve.Params().BitSize+7)/8))
	}
	r, s := new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])
	if !ecdsa.Verify(k.curve, digest, r, s) {
		return errDiffers
	}
	return nil
}
