package keypair

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 5280 4.2.1.2 names SHA-1 for key identifiers
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Bounds of what is generated. MaxCommonName is ub-common-name of X.520.
const (
	DefaultDays   = 1095
	MaxDays       = 7300
	MaxCommonName = 64
	serialBits    = 128
)

// clockSkew puts the start of a certificate into the past, so that a server
// whose clock is behind accepts it at once.
const clockSkew = 5 * time.Minute

// Options say what to generate. Rand is for the serial number and signature; the
// standard library takes keys from the system's randomness.
type Options struct {
	Type       KeyType
	CommonName string
	Days       int // of validity, from Now: 1 to MaxDays
	Now        time.Time
	Rand       io.Reader
}

// Pair is a private key and its self-signed certificate.
type Pair struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Type        KeyType
}

// Generate makes a key and a self-signed certificate for signing: SHA-256, a
// random serial of 128 bits, key usage digitalSignature, no CA, valid from five
// minutes before Now. Impossible options are fault.Usage.
func Generate(o Options) (*Pair, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	key, err := o.Type.generate(o.Rand)
	if err != nil {
		return nil, fmt.Errorf("generate a key: %w", err)
	}
	template, err := o.template(key.Public())
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(o.Rand, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("sign the certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate back: %w", err)
	}
	return &Pair{Key: key, Certificate: certificate, Type: o.Type}, nil
}

func (o Options) check() error {
	switch n := utf8.RuneCountInString(o.CommonName); {
	case n == 0 || !utf8.ValidString(o.CommonName) || strings.ContainsFunc(o.CommonName, unicode.IsControl):
		return fault.Usagef("the common name is empty, has control characters or is not UTF-8")
	case n > MaxCommonName:
		return fault.Hint(fault.Usagef("the common name has %d characters, X.520 allows %d", n, MaxCommonName), "pass a shorter --common-name")
	case o.Days < 1 || o.Days > MaxDays:
		return fault.Usagef("want a validity of 1 to %d days, found %d", MaxDays, o.Days)
	}
	_, err := ParseKeyType(string(o.Type))
	return err
}

func (o Options) template(public crypto.PublicKey) (*x509.Certificate, error) {
	serial, err := rand.Int(o.Rand, new(big.Int).Lsh(big.NewInt(1), serialBits))
	if err != nil {
		return nil, fmt.Errorf("draw a serial number: %w", err)
	}
	identifier, err := keyIdentifier(public)
	if err != nil {
		return nil, err
	}
	now := o.Now.UTC().Truncate(time.Second)
	algorithm := x509.SHA256WithRSA
	if o.Type.IsECDSA() {
		algorithm = x509.ECDSAWithSHA256
	}
	return &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)), // RFC 5280 4.1.2.2: positive
		Subject:      pkix.Name{CommonName: o.CommonName},
		NotBefore:    now.Add(-clockSkew), NotAfter: now.AddDate(0, 0, o.Days),
		SignatureAlgorithm: algorithm, KeyUsage: x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true, SubjectKeyId: identifier,
	}, nil
}

// keyIdentifier is the hash of the public key's bits (RFC 5280 4.2.1.2, method 1).
func keyIdentifier(public crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	sum := sha1.Sum(info.Key.Bytes) //nolint:gosec // an identifier, no signature
	return sum[:], nil
}

// KeyPEM returns the private key as PKCS#8.
func (p *Pair) KeyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.Key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// CertificatePEM returns the certificate.
func (p *Pair) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate.Raw})
}
