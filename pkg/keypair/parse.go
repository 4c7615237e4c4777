package keypair

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The bounds of what is read. Keys beyond maxRSA would keep the arithmetic busy
// for minutes; maxKeyBytes has room for one of that size.
const (
	MaxBytes    = 1 << 20
	maxBlocks   = 100
	maxRSA      = 16384
	maxKeyBytes = 16 << 10
)

// Format is the form in which keys and certificates were found.
type Format string

// The formats. TLS is for the certificates that a server showed.
const (
	PEM    Format = "pem"
	DER    Format = "der"
	PKCS12 Format = "pkcs12"
	PKCS7  Format = "pkcs7"
	TLS    Format = "tls"
)

// Contents is what a file of keys and certificates holds, in its order. In
// PKCS#12 the certificate of the key comes first.
type Contents struct {
	Format       Format
	Certificates []*x509.Certificate
	Keys         []crypto.Signer
}

// Parse reads PEM (certificates, PKCS#7 and keys in any order, in lines or not, also
// UTF-16), DER (one certificate or key), PKCS#7 or PKCS#12, and the base64 of
// these. passphrase is asked only where PKCS#12 needs one; a wrong one and an
// encrypted PEM are fault.Credential. No error shows what was read.
func Parse(data []byte, passphrase func() (string, error)) (*Contents, error) {
	if len(data) > MaxBytes {
		return nil, fault.New(fault.Failed, "the input is larger than %d KiB, too large for a key or certificate", MaxBytes>>10)
	}
	return parse(data, passphrase)
}

func parse(data []byte, passphrase func() (string, error)) (*Contents, error) {
	data = bom.Text(data)
	switch {
	case bytes.Contains(data, []byte(pemBegin)):
		return parsePEM(data)
	case isPKCS12(data):
		return parsePKCS12(data, passphrase)
	}
	if contents, err := parseDER(data); contents != nil || err != nil {
		return contents, err
	}
	if der := bareBase64(data); der != nil {
		return parse(der, passphrase)
	}
	return nil, fault.Hint(fault.New(fault.Failed, "found no PEM, DER, PKCS#7 or PKCS#12"),
		"a certificate in PEM begins with -----BEGIN CERTIFICATE-----")
}

// parseDER returns nil for what is neither a certificate nor a key. An error is
// about one that is refused.
func parseDER(data []byte) (*Contents, error) {
	certificate, err := ParseCertificate(data)
	if err == nil {
		return &Contents{Format: DER, Certificates: []*x509.Certificate{certificate}}, nil
	}
	if errors.Is(err, errHuge) {
		return nil, err
	}
	if certificates, err := parsePKCS7(data); err == nil {
		return &Contents{Format: PKCS7, Certificates: certificates}, nil
	}
	if key, err := parseKey(data); err == nil {
		return &Contents{Format: DER, Keys: []crypto.Signer{key}}, nil
	}
	return nil, nil //nolint:nilnil // it is something else
}

// parseKey reads PKCS#8, PKCS#1 or SEC 1, whatever a label says.
func parseKey(der []byte) (crypto.Signer, error) {
	if len(der) > maxKeyBytes {
		return nil, fmt.Errorf("a private key of %d bytes, more than %d", len(der), maxKeyBytes)
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("damaged, or no RSA, ECDSA or Ed25519 key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of the kind %T cannot sign", key)
	}
	return signer, nil
}
