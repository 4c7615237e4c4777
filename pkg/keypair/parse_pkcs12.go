package keypair

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The bounds of the work that a PKCS#12 file may ask for. What is encrypted
// can hide further iteration counts, which patience bounds.
const (
	maxIterations = 2_000_000 // of all its parts together
	maxDepth      = 16
	patience      = 20 * time.Second
)

// isPKCS12 looks at the outermost structure alone (RFC 7292, section 4).
func isPKCS12(data []byte) bool {
	var pfx struct {
		Version  int
		AuthSafe asn1.RawValue
		MacData  asn1.RawValue `asn1:"optional"`
	}
	_, err := asn1.Unmarshal(data, &pfx)
	return err == nil && pfx.Version == 3 && pfx.AuthSafe.Tag == asn1.TagSequence
}

// parsePKCS12 tries the empty passphrase first: many files have it.
func parsePKCS12(data []byte, passphrase func() (string, error)) (*Contents, error) {
	if iterations(data, maxDepth) > maxIterations {
		return nil, fault.New(fault.Failed, "the PKCS#12 file asks for more than %d iterations to be opened", maxIterations)
	}
	contents, err := decodePKCS12(data, "")
	if !wrongPassphrase(err) {
		return contents, err
	}
	text, err := passphrase()
	if err != nil {
		return nil, err
	}
	contents, err = decodePKCS12(data, text)
	if wrongPassphrase(err) {
		return nil, fault.Hint(fault.New(fault.Credential, "the passphrase does not open the PKCS#12 file"),
			"check what --passphrase-file or --passphrase-env gives, or type it again")
	}
	return contents, err
}

// iterations is the sum of the iteration counts, and no more than one beyond the
// bound. In all the parameters (RFC 7292, appendix C; RFC 8018, appendix A) they come
// right after the salt.
func iterations(der []byte, depth int) int64 {
	sum, afterSalt := int64(0), false
	for depth > 0 && len(der) > 0 && sum <= maxIterations {
		var value asn1.RawValue
		rest, err := asn1.Unmarshal(der, &value)
		if err != nil {
			break
		}
		der = rest
		isOctets := value.Class == asn1.ClassUniversal && value.Tag == asn1.TagOctetString
		if afterSalt && value.Tag == asn1.TagInteger {
			sum += count(value.Bytes)
		}
		if value.IsCompound || isOctets {
			sum += iterations(value.Bytes, depth-1)
		}
		afterSalt = isOctets
	}
	return min(sum, maxIterations+1)
}

// count reads an integer that may be of any length.
func count(digits []byte) int64 {
	n := new(big.Int).SetBytes(digits)
	if n.Cmp(big.NewInt(maxIterations)) > 0 {
		return maxIterations + 1
	}
	return n.Int64()
}

// wrongPassphrase also takes a failed decryption for one: files without a MAC
// do not tell the two apart.
func wrongPassphrase(err error) bool {
	return errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption)
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
	if wrongPassphrase(err) {
		return nil, err
	}
	if err == nil {
		return chainContents(key, append([]*x509.Certificate{certificate}, chain...))
	}
	certificates, trustErr := pkcs12.DecodeTrustStore(data, passphrase)
	if trustErr == nil {
		return &Contents{Format: PKCS12, Certificates: certificates}, nil
	}
	contents, other := parseBags(data, passphrase)
	if other == nil || wrongPassphrase(other) {
		return contents, other
	}
	return nil, fault.Hint(fault.New(fault.Failed, "the PKCS#12 file cannot be read: %w", err),
		"convert it: (umask 077; openssl pkcs12 -in FILE -nodes -out bundle.pem)")
}

// chainContents puts the certificate of the key first: the order of the bags
// says nothing.
func chainContents(key any, certificates []*x509.Certificate) (*Contents, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.Failed, "the PKCS#12 file has a key of the kind %T, which cannot sign", key)
	}
	own := slices.IndexFunc(certificates, func(c *x509.Certificate) bool { return Belong(signer, c) })
	if own > 0 {
		leaf := certificates[own]
		certificates = slices.Insert(slices.Delete(certificates, own, own+1), 0, leaf)
	}
	return &Contents{Format: PKCS12, Certificates: certificates, Keys: []crypto.Signer{signer}}, nil
}
