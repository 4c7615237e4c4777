package keypair

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

const pemBegin = "-----BEGIN "

func parsePEM(data []byte) (*Contents, error) {
	blocks := bytes.Count(data, []byte(pemBegin))
	if blocks > maxBlocks {
		return nil, fault.New(fault.Failed, "the PEM has more than %d blocks", maxBlocks)
	}
	data = inLines(data)
	contents := &Contents{Format: PEM}
	var kinds []string
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		kinds = append(kinds, fmt.Sprintf("%q", block.Type))
		if err := contents.add(block); err != nil {
			return nil, fmt.Errorf("PEM block %d (%q): %w", len(kinds), block.Type, err)
		}
	}
	switch {
	case len(kinds) < blocks: // the decoder passes over what it cannot read
		return nil, fault.Hint(fault.New(fault.Failed, "found %d PEM blocks, of which %d are damaged", blocks, blocks-len(kinds)),
			"copy the file again, with its BEGIN and END lines")
	case len(contents.Certificates)+len(contents.Keys) == 0:
		return nil, fault.Hint(fault.New(fault.Failed, "the PEM holds neither a certificate nor a private key, only %s", strings.Join(kinds, ", ")),
			"a certificate in PEM begins with -----BEGIN CERTIFICATE-----")
	}
	return contents, nil
}

func (c *Contents) add(block *pem.Block) error {
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return fault.Hint(fault.New(fault.Credential, "the private key is encrypted"),
			"decrypt it first: (umask 077; openssl pkey -in FILE -out decrypted.key)")
	}
	switch block.Type {
	case "CERTIFICATE", "X509 CERTIFICATE":
		certificate, err := ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, certificate)
	case "TRUSTED CERTIFICATE":
		certificate, err := parseTrusted(block.Bytes)
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, certificate)
	case "PKCS7", "PKCS #7 SIGNED DATA", "CMS":
		certificates, err := parsePKCS7(block.Bytes)
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, certificates...)
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		key, err := parseKey(block.Bytes)
		if err != nil {
			return err
		}
		c.Keys = append(c.Keys, key)
	case "DSA PRIVATE KEY":
		return errors.New("want an RSA or ECDSA key to sign SAML with")
	}
	return nil // EC PARAMETERS, PUBLIC KEY and the like say nothing new
}
