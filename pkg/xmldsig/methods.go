package xmldsig

import (
	"crypto"
	_ "crypto/md5"  //nolint:gosec // libxmlsec takes it, and so does Sentry
	_ "crypto/sha1" // identity providers still sign with it, and Sentry accepts it
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"fmt"
)

// The namespaces of algorithms (RFC 9231, 2).
const (
	more   = "http://www.w3.org/2001/04/xmldsig-more#"
	newer  = "http://www.w3.org/2007/05/xmldsig-more#"
	newest = "http://www.w3.org/2021/04/xmldsig-more#"
	xmlEnc = "http://www.w3.org/2001/04/xmlenc#"
)

func digestMethod(uri string) (crypto.Hash, error) {
	hash, known := map[string]crypto.Hash{
		more + "md5":       crypto.MD5,
		Namespace + "sha1": crypto.SHA1,
		more + "sha224":    crypto.SHA224,
		xmlEnc + "sha256":  crypto.SHA256,
		more + "sha384":    crypto.SHA384,
		xmlEnc + "sha512":  crypto.SHA512,
		newer + "sha3-224": crypto.SHA3_224,
		newer + "sha3-256": crypto.SHA3_256,
		newer + "sha3-384": crypto.SHA3_384,
		newer + "sha3-512": crypto.SHA3_512,
	}[uri]
	if !known {
		return 0, fmt.Errorf("the digest method %q is not supported", uri)
	}
	return hash, nil
}

// The families of signature methods.
const (
	familyRSA = "RSA"
	familyPSS = "RSA-PSS"
	familyEC  = "ECDSA"
)

// method is a signature method: an algorithm and the hash that goes before it.
type method struct {
	family string
	hash   crypto.Hash
}

// signatureMethod reads a signature method that libxmlsec has for RSA and ECDSA,
// but for RIPEMD-160.
func signatureMethod(uri string) (method, error) {
	found, known := map[string]method{
		more + "rsa-md5":            {familyRSA, crypto.MD5},
		Namespace + "rsa-sha1":      {familyRSA, crypto.SHA1},
		more + "rsa-sha224":         {familyRSA, crypto.SHA224},
		more + "rsa-sha256":         {familyRSA, crypto.SHA256},
		more + "rsa-sha384":         {familyRSA, crypto.SHA384},
		more + "rsa-sha512":         {familyRSA, crypto.SHA512},
		newer + "sha1-rsa-MGF1":     {familyPSS, crypto.SHA1},
		newer + "sha224-rsa-MGF1":   {familyPSS, crypto.SHA224},
		newer + "sha256-rsa-MGF1":   {familyPSS, crypto.SHA256},
		newer + "sha384-rsa-MGF1":   {familyPSS, crypto.SHA384},
		newer + "sha512-rsa-MGF1":   {familyPSS, crypto.SHA512},
		newer + "sha3-224-rsa-MGF1": {familyPSS, crypto.SHA3_224},
		newer + "sha3-256-rsa-MGF1": {familyPSS, crypto.SHA3_256},
		newer + "sha3-384-rsa-MGF1": {familyPSS, crypto.SHA3_384},
		newer + "sha3-512-rsa-MGF1": {familyPSS, crypto.SHA3_512},
		more + "ecdsa-sha1":         {familyEC, crypto.SHA1},
		more + "ecdsa-sha224":       {familyEC, crypto.SHA224},
		more + "ecdsa-sha256":       {familyEC, crypto.SHA256},
		more + "ecdsa-sha384":       {familyEC, crypto.SHA384},
		more + "ecdsa-sha512":       {familyEC, crypto.SHA512},
		newest + "ecdsa-sha3-224":   {familyEC, crypto.SHA3_224},
		newest + "ecdsa-sha3-256":   {familyEC, crypto.SHA3_256},
		newest + "ecdsa-sha3-384":   {familyEC, crypto.SHA3_384},
		newest + "ecdsa-sha3-512":   {familyEC, crypto.SHA3_512},
	}[uri]
	if !known {
		return method{}, fmt.Errorf("the signature method %q is not supported", uri)
	}
	return found, nil
}

// Supported reports whether a signature with these methods can be checked.
func Supported(signature, digest string) bool {
	_, err := signatureMethod(signature)
	_, wrong := digestMethod(digest)
	return err == nil && wrong == nil
}
