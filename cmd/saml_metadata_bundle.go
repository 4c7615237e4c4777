package cmd

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// maxBundle is the most that a file of keys and certificates may have: 1 MiB.
const maxBundle = 1 << 20

// bundle is what a file holds, in its order.
type bundle struct {
	certificates []*x509.Certificate
	keys         []crypto.Signer
}

// readBundle reads a file of PEM blocks, or of one certificate in DER. Errors
// name the file and never show what is in it.
func readBundle(path string) (bundle, error) {
	data, err := readBounded(path)
	if err != nil {
		return bundle{}, err
	}
	b, err := parseBundle(data)
	if err != nil {
		return bundle{}, fmt.Errorf("read %s: %w", path, err)
	}
	return b, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxBundle+1))
	if err == nil && len(data) > maxBundle {
		err = fault.New(fault.Failed, "%s is larger than %d bytes", path, maxBundle)
	}
	return data, err
}

func parseBundle(data []byte) (bundle, error) {
	var b bundle
	if cert, err := x509.ParseCertificate(data); err == nil {
		b.certificates = append(b.certificates, cert)
		return b, nil
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if err := b.add(block); err != nil {
			return bundle{}, err
		}
	}
	if len(b.certificates)+len(b.keys) == 0 {
		return bundle{}, fault.Hint(errors.New("it holds no certificate and no private key"),
			"want PEM (-----BEGIN CERTIFICATE-----), or a certificate in DER")
	}
	return b, nil
}

func (b *bundle) add(block *pem.Block) error {
	if block.Type == "CERTIFICATE" {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("a certificate in it: %w", err)
		}
		b.certificates = append(b.certificates, cert)
		return nil
	}
	key, err := parseKey(block)
	if err != nil {
		return fmt.Errorf("a private key in it: %w", err)
	}
	if signer, ok := key.(crypto.Signer); ok {
		b.keys = append(b.keys, signer)
	}
	return nil
}

// parseKey returns nil for blocks that are no private key.
func parseKey(block *pem.Block) (any, error) {
	switch block.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		if block.Headers["DEK-Info"] == "" {
			return x509.ParsePKCS1PrivateKey(block.Bytes)
		}
	case "EC PRIVATE KEY":
		if block.Headers["DEK-Info"] == "" {
			return x509.ParseECPrivateKey(block.Bytes)
		}
	case "ENCRYPTED PRIVATE KEY":
	default:
		return nil, nil
	}
	return nil, fault.Hint(errors.New("it is encrypted"), "decrypt it first: openssl pkey -in FILE -out KEY")
}
