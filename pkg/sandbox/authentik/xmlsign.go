package authentik

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// signXML makes an enveloped signature of a document in canonical form (XML
// Signature Syntax and Processing 1.1).
func signXML(document, id string, p Object, key string, certificate *x509.Certificate) (string, error) {
	digest, err := hashOf(fmt.Sprint(p["digest_algorithm"]))
	if err != nil {
		return "", err
	}
	algorithm := fmt.Sprint(p["signature_algorithm"])
	info := `<ds:SignedInfo xmlns:ds=` + attr(nsSignature) + `>` +
		`<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>` +
		`<ds:SignatureMethod Algorithm=` + attr(algorithm) + `></ds:SignatureMethod>` +
		`<ds:Reference URI=` + attr("#"+id) + `><ds:Transforms>` +
		`<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>` +
		`<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>` +
		`<ds:DigestMethod Algorithm=` + attr(fmt.Sprint(p["digest_algorithm"])) + `></ds:DigestMethod>` +
		`<ds:DigestValue>` + base64.StdEncoding.EncodeToString(sum(digest, document)) + `</ds:DigestValue></ds:Reference></ds:SignedInfo>`
	value, err := signValue(info, algorithm, key)
	if err != nil {
		return "", err
	}
	return `<ds:Signature xmlns:ds=` + attr(nsSignature) + `>` + info +
		`<ds:SignatureValue>` + base64.StdEncoding.EncodeToString(value) + `</ds:SignatureValue>` +
		`<ds:KeyInfo>` + x509Data(certificate) + `</ds:KeyInfo></ds:Signature>`, nil
}

func sum(hash crypto.Hash, text string) []byte {
	h := hash.New()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}

// hashOf is the hash that an algorithm's name ends in.
func hashOf(algorithm string) (crypto.Hash, error) {
	for suffix, hash := range map[string]crypto.Hash{
		"sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512,
	} {
		if strings.HasSuffix(algorithm, suffix) {
			return hash, nil
		}
	}
	return 0, fmt.Errorf("wanted an algorithm with a SHA hash, found %q", algorithm)
}

func signValue(info, algorithm, pemKey string) ([]byte, error) {
	hash, err := hashOf(algorithm)
	if err != nil {
		return nil, err
	}
	key, err := privateOf(pemKey)
	if err != nil {
		return nil, err
	}
	digest := sum(hash, info)
	switch private := key.(type) {
	case *rsa.PrivateKey:
		if strings.Contains(algorithm, "#rsa-") {
			return rsa.SignPKCS1v15(nil, private, hash, digest)
		}
	case *ecdsa.PrivateKey:
		if strings.Contains(algorithm, "#ecdsa-") {
			return sideBySide(private, digest, hash)
		}
	}
	return nil, errors.New("failed to sign: the key is not of the signature algorithm's type")
}

// sideBySide is an ECDSA signature as r and s (RFC 4050 section 3.3).
func sideBySide(key *ecdsa.PrivateKey, digest []byte, hash crypto.Hash) ([]byte, error) {
	der, err := key.Sign(nil, digest, hash) // without randomness: RFC 6979
	if err != nil {
		return nil, err
	}
	var pair struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &pair); err != nil {
		return nil, err
	}
	size := (key.Params().N.BitLen() + 7) / 8
	return append(pair.R.FillBytes(make([]byte, size)), pair.S.FillBytes(make([]byte, size))...), nil
}
