package xmldsig

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"math/big"
)

// ErrUnchecked says that a key is of a kind that Go has no arithmetic for:
// libxmlsec may have it.
var ErrUnchecked = errors.New("the signature is not checked here")

// Key is a public key.
type Key struct {
	modulus, exponent *big.Int // RSA
	curve             *ecdsa.PublicKey
	other             string // a kind that cannot be checked here
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
		return parseCurve(spki, info.Algorithm.Parameters)
	}
	return Key{other: "a key of the kind " + info.Algorithm.Algorithm.String()}, nil
}

func parseRSA(der []byte) (Key, error) {
	var key struct{ N, E *big.Int }
	if rest, err := asn1.Unmarshal(der, &key); err != nil || len(rest) > 0 || key.N.Sign() <= 0 || key.E.Sign() <= 0 {
		return Key{}, errors.New("the RSA key cannot be read")
	}
	if key.N.BitLen() > maxModulus || key.N.BitLen() > smallModulus && key.E.BitLen() > maxLargeExponent || key.E.Cmp(key.N) >= 0 {
		return Key{}, fmt.Errorf("the RSA key has %d bits and an exponent of %d bits, which OpenSSL refuses", key.N.BitLen(), key.E.BitLen())
	}
	return Key{modulus: key.N, exponent: key.E}, nil
}

func parseCurve(spki []byte, parameters asn1.RawValue) (Key, error) {
	public, err := x509.ParsePKIXPublicKey(spki)
	if key, ok := public.(*ecdsa.PublicKey); ok && err == nil {
		return Key{curve: key}, nil
	}
	var curve asn1.ObjectIdentifier
	if _, wrong := asn1.Unmarshal(parameters.FullBytes, &curve); wrong != nil {
		return Key{other: "a key on a curve without a name"}, nil
	}
	if name, known := CurveName(curve); known {
		return Key{other: "a key on " + name}, nil
	}
	return Key{}, fmt.Errorf("the key on the curve %s cannot be read", curve)
}

// CurveName is the usual name of an elliptic curve that OpenSSL has and Go does
// not (RFC 5639; SEC 2), and whether it is such.
func CurveName(curve asn1.ObjectIdentifier) (name string, known bool) {
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
	case k.other != "":
		return fmt.Errorf("%w: it is by %s", ErrUnchecked, k.other)
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
	encoded := append(prefix, digest...)
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
	oid, known := map[crypto.Hash][]byte{
		crypto.MD5:    {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05},
		crypto.SHA1:   {0x2b, 0x0e, 0x03, 0x02, 0x1a},
		crypto.SHA224: {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04},
		crypto.SHA256: {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01},
		crypto.SHA384: {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02},
		crypto.SHA512: {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03},
	}[hash]
	if !known {
		return nil, fmt.Errorf("the hash %s is not supported", hash)
	}
	algorithm := append([]byte{0x06, byte(len(oid))}, append(oid, 0x05, 0x00)...)
	info := append([]byte{0x30, byte(len(algorithm))}, algorithm...)
	info = append(info, 0x04, byte(hash.Size()))
	return append([]byte{0x30, byte(len(info) + hash.Size())}, info...), nil
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
