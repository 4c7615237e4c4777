package keypair

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // the default of PBKDF2 (RFC 8018, A.2)
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"hash"

	"software.sslmate.com/src/go-pkcs12"
)

// The object identifiers of PKCS#12 (RFC 7292, 4.2) and of PBES2 (RFC 8018, A.4).
const (
	oidData          = "1.2.840.113549.1.7.1"
	oidEncryptedData = "1.2.840.113549.1.7.6"
	oidKeyBag        = "1.2.840.113549.1.12.10.1.1"
	oidShroudedBag   = "1.2.840.113549.1.12.10.1.2"
	oidCertBag       = "1.2.840.113549.1.12.10.1.3"
	oidPBES2         = "1.2.840.113549.1.5.13"
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

// parseBags reads the PKCS#12 files that the library does not: of certificates
// without a key, and without a MAC. It knows no encryption but PBES2 with AES,
// which OpenSSL 3 writes; another one is errOtherEncryption.
func parseBags(data []byte, passphrase string) (*Contents, error) {
	var pfx struct {
		Version  int
		AuthSafe contentInfo
		MacData  asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(data, &pfx); err != nil {
		return nil, err
	}
	octets, err := octetsOf(pfx.AuthSafe.Content)
	if err != nil {
		return nil, err
	}
	var safes []contentInfo
	if _, err := asn1.Unmarshal(octets, &safes); err != nil {
		return nil, err
	}
	contents := &Contents{Format: PKCS12}
	for _, safe := range safes {
		if err := contents.addSafe(safe, passphrase); err != nil {
			return nil, err
		}
	}
	if len(contents.Certificates)+len(contents.Keys) == 0 {
		return nil, errors.New("there is nothing in it")
	}
	if len(contents.Keys) == 1 {
		return chainContents(contents.Keys[0], contents.Certificates)
	}
	return contents, nil
}

// octetsOf is what an OCTET STRING holds.
func octetsOf(content asn1.RawValue) ([]byte, error) {
	var octets []byte
	inner := content.FullBytes
	if content.Class == asn1.ClassContextSpecific {
		inner = content.Bytes
	}
	_, err := asn1.Unmarshal(inner, &octets)
	return octets, err
}

func (c *Contents) addSafe(safe contentInfo, passphrase string) error {
	var octets []byte
	var err error
	switch safe.Type.String() {
	case oidData:
		octets, err = octetsOf(safe.Content)
	case oidEncryptedData:
		var encrypted struct {
			Version int
			Info    struct {
				Type      asn1.ObjectIdentifier
				Algorithm pkix.AlgorithmIdentifier
				Content   []byte `asn1:"optional,tag:0"`
			}
		}
		inner := safe.Content.FullBytes
		if safe.Content.Class == asn1.ClassContextSpecific {
			inner = safe.Content.Bytes
		}
		if _, err := asn1.Unmarshal(inner, &encrypted); err != nil {
			return err
		}
		octets, err = decrypt(encrypted.Info.Algorithm, encrypted.Info.Content, passphrase)
		if errors.Is(err, errOtherEncryption) {
			return c.addOldSafe(safe, passphrase)
		}
	default:
		return errOtherEncryption
	}
	if err != nil {
		return err
	}
	var bags []struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue `asn1:"explicit,tag:0"`
		Attributes asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(octets, &bags); err != nil {
		return err
	}
	for _, bag := range bags {
		value := bag.Value.FullBytes
		if bag.Value.Class == asn1.ClassContextSpecific {
			value = bag.Value.Bytes
		}
		if err := c.addBag(bag.ID.String(), value, passphrase); err != nil {
			return err
		}
	}
	return nil
}

func (c *Contents) addOldSafe(safe contentInfo, passphrase string) error {
	list, err := certificatesOfOld(safe, passphrase)
	if err != nil {
		return err
	}
	for _, der := range list {
		certificate, err := ParseCertificate(der)
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, certificate)
	}
	return nil
}

func (c *Contents) addBag(id string, value []byte, passphrase string) error {
	switch id {
	case oidCertBag:
		var bag struct {
			Type asn1.ObjectIdentifier
			Data []byte `asn1:"explicit,tag:0"`
		}
		if _, err := asn1.Unmarshal(value, &bag); err != nil {
			return err
		}
		certificate, err := ParseCertificate(bag.Data)
		if err != nil {
			return err
		}
		c.Certificates = append(c.Certificates, certificate)
		return nil
	case oidShroudedBag:
		var encrypted struct {
			Algorithm pkix.AlgorithmIdentifier
			Data      []byte
		}
		_, err := asn1.Unmarshal(value, &encrypted)
		if err == nil {
			value, err = decrypt(encrypted.Algorithm, encrypted.Data, passphrase)
		}
		if err != nil {
			return err
		}
	case oidKeyBag:
	default:
		return nil // such as lists of revocation
	}
	key, err := x509.ParsePKCS8PrivateKey(value)
	if err != nil {
		return pkcs12.ErrDecryption // a passphrase that happens to fit the padding
	}
	if signer, ok := key.(crypto.Signer); ok {
		c.Keys = append(c.Keys, signer)
	}
	return nil
}

var errOtherEncryption = errors.New("it is encrypted in another way than PBES2 with AES")

// decrypt undoes PBES2 (RFC 8018, 6.2) with AES in CBC mode.
func decrypt(algorithm pkix.AlgorithmIdentifier, data []byte, passphrase string) ([]byte, error) {
	var scheme struct {
		Derivation, Encryption pkix.AlgorithmIdentifier
	}
	var derivation struct {
		Salt       []byte
		Iterations int
		Length     int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	if algorithm.Algorithm.String() != oidPBES2 {
		return nil, errOtherEncryption
	}
	if _, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &scheme); err != nil {
		return nil, err
	}
	size := map[string]int{"2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32}[scheme.Encryption.Algorithm.String()]
	if _, err := asn1.Unmarshal(scheme.Derivation.Parameters.FullBytes, &derivation); err != nil || size == 0 {
		return nil, errOtherEncryption
	}
	prf := map[string]func() hash.Hash{
		"": sha1.New, "1.2.840.113549.2.7": sha1.New, "1.2.840.113549.2.9": sha256.New, "1.2.840.113549.2.10": sha512.New384, "1.2.840.113549.2.11": sha512.New,
	}[derivation.PRF.Algorithm.String()]
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Encryption.Parameters.FullBytes, &iv); err != nil || prf == nil || len(iv) != aes.BlockSize {
		return nil, errOtherEncryption
	}
	key, err := pbkdf2.Key(prf, passphrase, derivation.Salt, min(max(derivation.Iterations, 1), maxIterations), size)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, pkcs12.ErrDecryption
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	return unpadded(plain)
}

// unpadded cuts the padding off (RFC 8018, 6.1.1).
func unpadded(plain []byte) ([]byte, error) {
	n := int(plain[len(plain)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, pkcs12.ErrDecryption
	}
	for _, b := range plain[len(plain)-n:] {
		if int(b) != n {
			return nil, pkcs12.ErrDecryption
		}
	}
	return plain[:len(plain)-n], nil
}
