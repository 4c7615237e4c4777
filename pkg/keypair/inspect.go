package keypair

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // a fingerprint people compare, no signature
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"time"
)

// Inspection is what is worth knowing of keys and certificates. Lists keep the
// order of the input.
type Inspection struct {
	Format       Format            `json:"format"`
	Certificates []CertificateInfo `json:"certificates"`
	Keys         []KeyInfo         `json:"keys"`
	Findings     []Finding         `json:"findings"`
}

// CertificateInfo describes a certificate. Fingerprints are of its DER, in
// upper case hexadecimal with colons; times are UTC; DaysLeft is rounded down
// and negative once the certificate has expired. SelfSigned is about the
// signature: the self-signed certificates of authentik name another issuer.
type CertificateInfo struct {
	Subject            string    `json:"subject"`
	Issuer             string    `json:"issuer"`
	Serial             string    `json:"serial"`
	NotBefore          time.Time `json:"not_before"`
	NotAfter           time.Time `json:"not_after"`
	DaysLeft           int       `json:"days_left"`
	KeyType            string    `json:"key_type"`
	SignatureAlgorithm string    `json:"signature_algorithm"`
	IsCA               bool      `json:"is_ca"`
	SelfSigned         bool      `json:"self_signed"`
	FingerprintSHA256  string    `json:"fingerprint_sha256"`
	FingerprintSHA1    string    `json:"fingerprint_sha1"`
}

// KeyInfo describes a private key. Certificate is the number, from 1, of the
// certificate that it belongs to, or 0.
type KeyInfo struct {
	KeyType         string `json:"key_type"`
	PublicKeySHA256 string `json:"public_key_sha256"` // of the SubjectPublicKeyInfo
	Certificate     int    `json:"certificate"`
}

// Inspect describes contents at the time now. Certificates that end within
// warnDays are found.
func Inspect(c *Contents, now time.Time, warnDays int) *Inspection {
	in := &Inspection{Format: c.Format, Certificates: []CertificateInfo{}, Keys: []KeyInfo{}, Findings: []Finding{}}
	for i, certificate := range c.Certificates {
		in.Certificates = append(in.Certificates, Describe(certificate, now))
		in.findCertificate(i+1, certificate, now, warnDays)
	}
	for _, key := range c.Keys {
		in.Keys = append(in.Keys, describePrivate(key, c.Certificates))
	}
	in.findWhole(c)
	return in
}

// Describe returns the facts of one certificate at the time now.
func Describe(c *x509.Certificate, now time.Time) CertificateInfo {
	return CertificateInfo{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Serial: serial(c.SerialNumber),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), DaysLeft: DaysLeft(c.NotAfter, now),
		KeyType: DescribeKey(c.PublicKey), SignatureAlgorithm: c.SignatureAlgorithm.String(),
		IsCA: c.IsCA, SelfSigned: isSelfSigned(c),
		FingerprintSHA256: FingerprintSHA256(c), FingerprintSHA1: fingerprintSHA1(c),
	}
}

// serial has two digits a byte and a sign, as openssl shows it.
func serial(n *big.Int) string {
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	if n.Sign() == 0 {
		return "00"
	}
	return fmt.Sprintf("%s%X", sign, n.Bytes())
}

// isSelfSigned checks the signature with the certificate's own key. Of one that
// crypto/x509 does not check, the names have to tell.
func isSelfSigned(c *x509.Certificate) bool {
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	_, weak := errors.AsType[x509.InsecureAlgorithmError](err) // MD5
	if weak || errors.Is(err, x509.ErrUnsupportedAlgorithm) || isBeyond(c.PublicKey) {
		return bytes.Equal(c.RawIssuer, c.RawSubject)
	}
	return err == nil
}

// isBeyond is about keys that crypto/rsa refuses.
func isBeyond(public crypto.PublicKey) bool {
	key, ok := public.(*rsa.PublicKey)
	return ok && (key.N.BitLen() < 1024 || key.E > math.MaxInt32)
}

// FingerprintSHA256 is the SHA-256 of the certificate as AA:BB:….
func FingerprintSHA256(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return colons(sum[:])
}

func fingerprintSHA1(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw) //nolint:gosec // a fingerprint people compare
	return colons(sum[:])
}

func colons(sum []byte) string {
	pairs := make([]string, 0, len(sum))
	for _, b := range sum {
		pairs = append(pairs, strings.ToUpper(hex.EncodeToString([]byte{b})))
	}
	return strings.Join(pairs, ":")
}

func describePrivate(key crypto.Signer, certificates []*x509.Certificate) KeyInfo {
	info := KeyInfo{KeyType: DescribeKey(key.Public())}
	if der, err := x509.MarshalPKIXPublicKey(key.Public()); err == nil {
		sum := sha256.Sum256(der)
		info.PublicKeySHA256 = colons(sum[:])
	}
	for i, certificate := range certificates {
		if Belong(key, certificate) {
			info.Certificate = i + 1
			break
		}
	}
	return info
}

// Belong reports whether key is the private key of the certificate.
func Belong(key crypto.Signer, certificate *x509.Certificate) bool {
	public, ok := key.Public().(interface {
		Equal(other crypto.PublicKey) bool
	})
	return ok && public.Equal(certificate.PublicKey)
}
