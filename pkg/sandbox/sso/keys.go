package sso

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// keyBits is the length of the keys. authentik makes 4096, which takes seconds.
const keyBits = 2048

// keys are the identity provider's: the one its metadata names, and the one it
// had before.
type keys struct {
	random       io.Reader
	current, old *signer
}

// signer is a key with its certificate, and the signature's algorithm by its URI;
// an empty one is the library's default.
type signer struct {
	key    crypto.Signer
	cert   *x509.Certificate
	method string
}

func newKeys(random io.Reader, now time.Time) (*keys, error) {
	current, err := newSigner(random, "authentik Self-signed Certificate", now)
	if err != nil {
		return nil, err
	}
	old, err := newSigner(random, "authentik certificate of last year", now)
	if err != nil {
		return nil, err
	}
	return &keys{random: random, current: current, old: old}, nil
}

// newSigner makes a certificate as authentik does (authentik/crypto/builder.py):
// from yesterday, for a year.
func newSigner(random io.Reader, name string, now time.Time) (*signer, error) {
	key, err := rsa.GenerateKey(random, keyBits)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", name, err)
	}
	serial, err := rand.Int(random, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("making the serial number of %s: %w", name, err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name, Organization: []string{"authentik"}, OrganizationalUnit: []string{"Self-signed"}},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(365 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(random, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the certificate of %s: %w", name, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of %s: %w", name, err)
	}
	return &signer{key: key, cert: cert}, nil
}

// xmlSigner signs as XML signatures have it: one by ECDSA is both numbers in full
// length, one after the other (XML Signature 1.1, 6.4.3), and no ASN.1.
type xmlSigner struct{ crypto.Signer }

// Sign signs a digest.
func (s xmlSigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	raw, err := s.Signer.Sign(random, digest, opts)
	public, elliptic := s.Public().(*ecdsa.PublicKey)
	if err != nil || !elliptic {
		return raw, err
	}
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(raw, &numbers); err != nil {
		return nil, fmt.Errorf("reading the signature: %w", err)
	}
	size := (public.Curve.Params().BitSize + 7) / 8
	joined := make([]byte, 2*size)
	numbers.R.FillBytes(joined[:size])
	numbers.S.FillBytes(joined[size:])
	return joined, nil
}

// sign puts an enveloped signature of el among its children, before the one
// with the index at.
func (s *signer) sign(el *etree.Element, at int) error {
	context, err := dsig.NewSigningContext(xmlSigner{s.key}, [][]byte{s.cert.Raw})
	if err != nil {
		return err
	}
	if s.method != "" {
		if err := context.SetSignatureMethod(s.method); err != nil {
			return err
		}
	}
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := context.ConstructSignature(el, true)
	if err != nil {
		return err
	}
	el.InsertChildAt(at, signature)
	return nil
}

// newID is a fresh xs:ID.
func (k *keys) newID(prefix string) (string, error) {
	raw := make([]byte, 20)
	if _, err := io.ReadFull(k.random, raw); err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return prefix + hex.EncodeToString(raw), nil
}
