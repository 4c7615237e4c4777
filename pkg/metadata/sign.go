package metadata

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// sign returns root with a signature as its first child, as the schema wants
// it. The digest is taken of root as it is indented, so nothing in it may
// change afterwards.
func sign(root *etree.Element, key crypto.Signer, certs []*x509.Certificate) (*etree.Element, error) {
	hash, err := signingHash(key)
	if err != nil {
		return nil, err
	}
	if err := belongs(key, certs); err != nil {
		return nil, err
	}
	context, err := dsig.NewSigningContext(rawSigner{key}, [][]byte{certs[0].Raw})
	if err != nil {
		return nil, err
	}
	context.Hash = hash
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	// The line break that stands before the signature is part of what is signed.
	root.InsertChildAt(0, etree.NewText("\n  "))
	signature, err := context.ConstructSignature(root.Copy(), true) // canonicalizing rearranges namespaces
	if err != nil {
		return nil, err
	}
	root.InsertChildAt(1, signature)
	return root, nil
}

func belongs(key crypto.Signer, certs []*x509.Certificate) error {
	if len(certs) == 0 {
		return fault.Usagef("there is no certificate for the key that should sign the metadata")
	}
	public, ok := key.Public().(interface {
		Equal(other crypto.PublicKey) bool
	})
	if ok && public.Equal(certs[0].PublicKey) {
		return nil
	}
	return fault.Hint(fault.Usagef("the key does not belong to the first certificate, %s", name(certs[0])),
		"put the certificate of the key first, or leave the metadata unsigned: Sentry does not check this signature")
}

// signingHash is the hash that goes with the key (NIST SP 800-57 pairs curves
// and hashes by strength).
func signingHash(key crypto.Signer) (crypto.Hash, error) {
	switch public := key.Public().(type) {
	case *rsa.PublicKey:
		return crypto.SHA256, nil
	case *ecdsa.PublicKey:
		switch bits := public.Params().BitSize; {
		case bits <= 256:
			return crypto.SHA256, nil
		case bits <= 384:
			return crypto.SHA384, nil
		}
		return crypto.SHA512, nil
	}
	return 0, fault.Hint(fault.Usagef("metadata cannot be signed with a key of type %T", key.Public()),
		"use an RSA or ECDSA key: XML signatures know no other that Sentry reads")
}

// rawSigner makes ECDSA signatures as XML Signature wants them: r and s side by
// side, each as long as the curve's order (RFC 4050, 3.3), where crypto.Signer
// gives ASN.1.
type rawSigner struct{ crypto.Signer }

// Sign implements crypto.Signer.
func (s rawSigner) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	public, ok := s.Public().(*ecdsa.PublicKey)
	if !ok {
		return s.Signer.Sign(random, digest, opts)
	}
	if _, inMemory := s.Signer.(*ecdsa.PrivateKey); inMemory {
		random = nil // asks for the deterministic nonce of RFC 6979
	}
	der, err := s.Signer.Sign(random, digest, opts)
	if err != nil {
		return nil, err
	}
	var signature struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &signature)
	if err != nil {
		return nil, fmt.Errorf("read the signature that the key made: %w", err)
	}
	if len(rest) > 0 {
		return nil, errors.New("the signature that the key made has bytes after its end")
	}
	size := (public.Params().N.BitLen() + 7) / 8
	var raw bytes.Buffer
	raw.Write(signature.R.FillBytes(make([]byte, size)))
	raw.Write(signature.S.FillBytes(make([]byte, size)))
	return raw.Bytes(), nil
}
