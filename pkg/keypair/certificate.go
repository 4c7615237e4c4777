package keypair

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/xmldsig"
)

// ParseCertificate reads a certificate in DER as OpenSSL does, which Sentry uses.
// OpenSSL looks less closely than crypto/x509, which refuses negative serial
// numbers, malformed texts, times and extensions, and keys on curves that Go does
// not have; in places it looks more closely. Of a certificate that only OpenSSL
// reads, the fields are set that a person or a signature needs: the raw parts,
// names, serial number, dates, key, signature algorithm and IsCA. Dates that cannot
// be read are zero and the end of the year 9999. See [Strict].
func ParseCertificate(der []byte) (*x509.Certificate, error) {
	parts, err := dissect(der)
	if err != nil {
		return nil, fmt.Errorf("this cannot be read as a certificate: %w", err)
	}
	certificate, strict := x509.ParseCertificate(parts.raw)
	if strict != nil {
		certificate = parts.certificate()
	}
	if key, ok := certificate.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSA {
		return nil, fmt.Errorf("%w of %d bits, more than %d", errHuge, key.N.BitLen(), maxRSA)
	}
	if certificate.PublicKey == nil {
		certificate.PublicKey = otherKey(certificate.RawSubjectPublicKeyInfo)
	}
	return certificate, nil
}

// ParseStored reads a certificate as Sentry stores it: base64 with or without
// blanks, line breaks and the lines of PEM (python3-saml, utils.py, format_cert).
func ParseStored(text string) (*x509.Certificate, error) {
	text = strings.NewReplacer("-----BEGIN CERTIFICATE-----", "", "-----END CERTIFICATE-----", "", "\r", "", "\n", "", " ", "").Replace(text)
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the certificate is not base64: %w", err)
	}
	return ParseCertificate(der)
}

// errHuge is about a key whose arithmetic would take minutes.
var errHuge = errors.New("the certificate has an RSA key")

// Strict is why crypto/x509 refuses a certificate that ParseCertificate read, or
// nil. Other strict programs may refuse it too; OpenSSL and Sentry do not.
func Strict(c *x509.Certificate) error {
	if c.SerialNumber.Sign() < 0 { // which this program allows (go.mod, godebug)
		return errors.New("x509: negative serial number")
	}
	_, err := x509.ParseCertificate(c.Raw)
	return err
}

// OtherKey is a public key that Go has no type for.
type OtherKey struct {
	Kind   string // such as "ecdsa secp256k1"
	RSA    int    // bits of the modulus of an RSA key, or 0
	Broken error  // why OpenSSL cannot read it either, or nil
}

// String names the kind.
func (k OtherKey) String() string { return k.Kind }

func otherKey(spki []byte) OtherKey {
	key, err := xmldsig.ParseKey(spki)
	if err != nil {
		return OtherKey{Kind: "unknown", Broken: err}
	}
	return OtherKey{Kind: key.String(), RSA: key.RSA()}
}
