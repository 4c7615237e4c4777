// Package keypair makes and reads the keys and certificates that an identity
// provider signs SAML with: generation, files, PEM, DER, PKCS#7 and PKCS#12, and
// what is worth knowing of a certificate. It reads certificates as OpenSSL does,
// and knows nothing of metadata.
package keypair

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // to name what is refused
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// KeyType is a kind and size of key that can be generated.
type KeyType string

// The key types. Sentry's library and authentik take all of them.
const (
	RSA2048   KeyType = "rsa2048"
	RSA3072   KeyType = "rsa3072"
	RSA4096   KeyType = "rsa4096"
	ECDSAP256 KeyType = "ecdsa-p256"
	ECDSAP384 KeyType = "ecdsa-p384"
)

// KeyTypes lists the key types by name.
func KeyTypes() []string {
	return []string{string(RSA2048), string(RSA3072), string(RSA4096), string(ECDSAP256), string(ECDSAP384)}
}

// ParseKeyType reads a key type. Another word is fault.Usage.
func ParseKeyType(word string) (KeyType, error) {
	if !slices.Contains(KeyTypes(), word) {
		return "", fault.Usagef("unknown key type %q, want one of %s", word, strings.Join(KeyTypes(), ", "))
	}
	return KeyType(word), nil
}

// IsECDSA reports whether keys of the type are elliptic curve keys.
func (t KeyType) IsECDSA() bool { return t == ECDSAP256 || t == ECDSAP384 }

func (t KeyType) generate(random io.Reader) (crypto.Signer, error) {
	switch t {
	case RSA2048:
		return rsa.GenerateKey(random, 2048)
	case RSA3072:
		return rsa.GenerateKey(random, 3072)
	case RSA4096:
		return rsa.GenerateKey(random, 4096)
	case ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), random)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), random)
	}
	return nil, fault.Usagef("unknown key type %q", t)
}

// DescribeKey names the kind and size of a public key.
func DescribeKey(key crypto.PublicKey) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("rsa %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ecdsa " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "ed25519"
	case *dsa.PublicKey:
		return fmt.Sprintf("dsa %d", k.P.BitLen())
	case OtherKey:
		return k.Kind
	case nil:
		return "unknown"
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", key), "*")
}
