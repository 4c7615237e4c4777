// Package detached signs a document with a private key and verifies it with the
// public one. The signature is a text of its own beside the document, which stays
// as it is, and it is made so that openssl alone verifies it:
//
//	base64 -d review.json.sig > review.sig
//	openssl dgst -sha256 -verify signer.pub -signature review.sig review.json              (RSA, ECDSA P-256)
//	openssl pkeyutl -verify -pubin -inkey signer.pub -rawin -in review.json -sigfile review.sig   (Ed25519)
//
// It knows nothing of the document.
package detached

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// MaxSignature is more than any signature has, in bytes of its base64.
const MaxSignature = 1 << 20

// The sizes of RSA keys in bits: the least (NIST SP 800-57 part 1, table 2), and the
// greatest that openssl verifies with (OPENSSL_RSA_MAX_MODULUS_BITS). A key that fills
// its file would take minutes.
const (
	minRSA = 2048
	maxRSA = 16384
)

// ErrMismatch says that the signature is not that of the document by the key: one of
// the three is another.
var ErrMismatch = errors.New("the signature does not fit the document and the key")

// Algorithm names how a key signs: "Ed25519" (RFC 8032), "ECDSA with SHA-256" and so
// on (SEC 1; the signature is ASN.1), or "RSA with SHA-256" (PKCS #1 v1.5, RFC 8017).
// A key that is too weak or of another kind is an error of code fault.Usage.
func Algorithm(public crypto.PublicKey) (string, error) {
	switch key := public.(type) {
	case ed25519.PublicKey:
		return "Ed25519", nil
	case *ecdsa.PublicKey:
		if hash, name := curveHash(key.Curve); hash != 0 {
			return "ECDSA with " + name, nil
		}
		return "", fault.Usagef("the curve of the key must be P-256, P-384 or P-521, found %s", key.Curve.Params().Name)
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA || bits > maxRSA {
			return "", fault.Usagef("the RSA key must have %d to %d bits, found %d", minRSA, maxRSA, bits)
		}
		return "RSA with SHA-256", nil
	}
	return "", fault.Usagef("the key must be Ed25519, ECDSA or RSA, found %T", public)
}

// Sign returns the signature over the very bytes of document, as one line of base64.
func Sign(random io.Reader, key crypto.Signer, document []byte) ([]byte, error) {
	if _, err := Algorithm(key.Public()); err != nil {
		return nil, err
	}
	digest, hash := digestFor(key.Public(), document)
	signature, err := key.Sign(random, digest, hash)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return append(base64.StdEncoding.AppendEncode(nil, signature), '\n'), nil
}

// Verify checks a signature that Sign made. It is ErrMismatch where the signature is
// another's or the document was changed, and of code fault.Usage where it is no
// base64.
func Verify(public crypto.PublicKey, document, signature []byte) error {
	if _, err := Algorithm(public); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(string(bytes.Join(bytes.Fields(signature), nil)))
	if err != nil || len(raw) == 0 {
		return fault.Hint(fault.Usagef("the signature must be base64"), "it is the file that was written beside the document, with the ending .sig")
	}
	digest, hash := digestFor(public, document)
	valid := false
	switch key := public.(type) {
	case ed25519.PublicKey:
		valid = ed25519.Verify(key, digest, raw)
	case *ecdsa.PublicKey:
		valid = ecdsa.VerifyASN1(key, digest, raw)
	case *rsa.PublicKey:
		valid = rsa.VerifyPKCS1v15(key, hash, digest, raw) == nil
	}
	if !valid {
		return ErrMismatch
	}
	return nil
}

// digestFor is what a key signs of a document: the document itself for Ed25519, with
// no hash.
func digestFor(public crypto.PublicKey, document []byte) ([]byte, crypto.Hash) {
	hash := crypto.SHA256
	switch key := public.(type) {
	case ed25519.PublicKey:
		return document, 0
	case *ecdsa.PublicKey:
		hash, _ = curveHash(key.Curve)
	}
	switch hash {
	case crypto.SHA384:
		sum := sha512.Sum384(document)
		return sum[:], hash
	case crypto.SHA512:
		sum := sha512.Sum512(document)
		return sum[:], hash
	default:
		sum := sha256.Sum256(document)
		return sum[:], crypto.SHA256
	}
}

// curveHash is the hash of a curve (NIST SP 800-57 part 1, table 3).
func curveHash(curve elliptic.Curve) (hash crypto.Hash, name string) {
	switch curve {
	case elliptic.P256():
		return crypto.SHA256, "SHA-256"
	case elliptic.P384():
		return crypto.SHA384, "SHA-384"
	case elliptic.P521():
		return crypto.SHA512, "SHA-512"
	}
	return 0, ""
}

// Fingerprint is the SHA-256 of a public key's SubjectPublicKeyInfo (RFC 5280, section
// 4.1) in hexadecimal, as of: openssl pkey -pubin -in signer.pub -outform DER | sha256sum.
func Fingerprint(public crypto.PublicKey) (string, error) {
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fault.Usagef("the key must be Ed25519, ECDSA or RSA, found %T", public)
	}
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:]), nil
}

// ParsePublic reads a public key in PEM: the key itself, or a certificate of it. A
// private key is refused: whoever verifies needs none.
func ParsePublic(data []byte) (crypto.PublicKey, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, fault.Hint(fault.Usagef("found no public key"), "a public key in PEM begins with -----BEGIN PUBLIC KEY-----")
		}
		switch block.Type {
		case "PUBLIC KEY":
			key, err := x509.ParsePKIXPublicKey(block.Bytes)
			return key, unreadable(err)
		case "RSA PUBLIC KEY":
			key, err := x509.ParsePKCS1PublicKey(block.Bytes)
			return key, unreadable(err)
		case "CERTIFICATE":
			certificate, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, unreadable(err)
			}
			return certificate.PublicKey, nil
		case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
			return nil, fault.Hint(fault.Usagef("expected a public key but found a private key"), "'openssl pkey -in FILE -pubout' writes the public half; keep the private one to the signer")
		}
	}
}

func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return fault.Usagef("the public key cannot be read: damaged, or of another kind than Ed25519, ECDSA and RSA")
}

// PublicPEM is a public key in PEM, for whoever verifies.
func PublicPEM(public crypto.PublicKey) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), nil
}
