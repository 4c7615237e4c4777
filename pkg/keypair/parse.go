package keypair

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The bounds of what is read.
const (
	MaxBytes  = 1 << 20
	maxBlocks = 100
	patience  = 20 * time.Second
)

// Contents is what a file of keys and certificates holds, in its order.
type Contents struct {
	Format       string // pem, der or pkcs12
	Certificates []*x509.Certificate
	Keys         []crypto.Signer
}

// Parse reads PEM (certificates and keys in any order), DER (one certificate or
// key) or PKCS#12. passphrase is asked only where PKCS#12 needs one; a wrong one
// is fault.Credential.
func Parse(data []byte, passphrase func() (string, error)) (*Contents, error) {
	if len(data) > MaxBytes {
		return nil, fault.New(fault.Failed, "the input is larger than %d KiB, too large for a key or certificate", MaxBytes>>10)
	}
	if block, _ := pem.Decode(data); block != nil {
		return parsePEM(data)
	}
	if contents := parseDER(data); contents != nil {
		return contents, nil
	}
	contents, err := parsePKCS12(data, passphrase)
	if errors.Is(err, errNotPKCS12) {
		return nil, fault.Hint(fault.New(fault.Failed, "this is no PEM, DER or PKCS#12"),
			"a certificate in PEM begins with -----BEGIN CERTIFICATE-----")
	}
	return contents, err
}

func parsePEM(data []byte) (*Contents, error) {
	contents := &Contents{Format: "pem"}
	for n := 1; ; n++ {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if n > maxBlocks {
			return nil, fault.New(fault.Failed, "more than %d PEM blocks", maxBlocks)
		}
		if err := contents.add(block); err != nil {
			return nil, fmt.Errorf("PEM block %d (%q): %w", n, block.Type, err)
		}
	}
	if len(contents.Certificates)+len(contents.Keys) == 0 {
		return nil, fault.New(fault.Failed, "the PEM holds neither a certificate nor a private key")
	}
	return contents, nil
}

func (c *Contents) add(block *pem.Block) error {
	switch {
	case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
		return fault.Hint(fault.New(fault.Credential, "the private key is encrypted"),
			"decrypt it first: openssl pkey -in FILE -out decrypted.key (and mind who can read that)")
	case block.Type == "CERTIFICATE" || block.Type == "X509 CERTIFICATE" || block.Type == "TRUSTED CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, certificate)
	case block.Type == "PRIVATE KEY" || block.Type == "RSA PRIVATE KEY" || block.Type == "EC PRIVATE KEY":
		key, err := parseKey(block.Bytes)
		if err != nil {
			return err
		}
		c.Keys = append(c.Keys, key)
	}
	return nil // EC PARAMETERS, PUBLIC KEY and the like say nothing new
}

// parseKey reads PKCS#8, PKCS#1 or SEC 1, whatever the label says.
func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("no private key of a kind that can sign SAML")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", key)
	}
	return signer, nil
}

func parseDER(data []byte) *Contents {
	if certificate, err := x509.ParseCertificate(data); err == nil {
		return &Contents{Format: "der", Certificates: []*x509.Certificate{certificate}}
	}
	if key, err := parseKey(data); err == nil {
		return &Contents{Format: "der", Keys: []crypto.Signer{key}}
	}
	return nil
}

var errNotPKCS12 = errors.New("no PKCS#12")

// parsePKCS12 tries without a passphrase first: many files have an empty one.
func parsePKCS12(data []byte, passphrase func() (string, error)) (*Contents, error) {
	contents, err := decodePKCS12(data, "")
	if !errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return contents, err
	}
	text, err := passphrase()
	if err != nil {
		return nil, err
	}
	contents, err = decodePKCS12(data, text)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, fault.Hint(fault.New(fault.Credential, "the passphrase does not open the PKCS#12 file"),
			"check --passphrase-file or --passphrase-env; a file must hold nothing but the passphrase")
	}
	return contents, err
}

// decodePKCS12 gives up after a while: the file says how much work its
// passphrase is, and the library believes it.
func decodePKCS12(data []byte, passphrase string) (*Contents, error) {
	type result struct {
		contents *Contents
		err      error
	}
	done := make(chan result, 1)
	go func() {
		contents, err := openPKCS12(data, passphrase)
		done <- result{contents, err}
	}()
	select {
	case r := <-done:
		return r.contents, r.err
	case <-time.After(patience):
		return nil, fault.New(fault.Failed, "the PKCS#12 file asks for more than %s of work to be opened", patience)
	}
}

func openPKCS12(data []byte, passphrase string) (*Contents, error) {
	key, certificate, chain, err := pkcs12.DecodeChain(data, passphrase)
	if err == nil {
		contents := &Contents{Format: "pkcs12", Certificates: append([]*x509.Certificate{certificate}, chain...)}
		if signer, ok := key.(crypto.Signer); ok {
			contents.Keys = []crypto.Signer{signer}
		}
		return contents, nil
	}
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, err
	}
	certificates, trustErr := pkcs12.DecodeTrustStore(data, passphrase)
	switch {
	case trustErr == nil:
		return &Contents{Format: "pkcs12", Certificates: certificates}, nil
	case errors.Is(trustErr, pkcs12.ErrIncorrectPassword):
		return nil, trustErr
	case errors.As(err, new(pkcs12.NotImplementedError)):
		return nil, fault.Hint(fault.New(fault.Failed, "the PKCS#12 file is of a kind that is not read: %w", err),
			"convert it: openssl pkcs12 -in FILE -nodes -out bundle.pem")
	}
	return nil, errNotPKCS12
}
