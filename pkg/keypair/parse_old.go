package keypair

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
	"software.sslmate.com/src/go-pkcs12"
)

// certificatesOfOld decrypts a safe of certificates that is encrypted as before
// PBES2 (RFC 7292, appendix C), and returns their DER. The library knows how, but
// reads files of two safes with a MAC alone: the safe gets an empty one beside it,
// and a MAC of our own, which says nothing of the passphrase.
func certificatesOfOld(safe contentInfo, passphrase string) ([][]byte, error) {
	first, err := asn1.Marshal(safe)
	if err != nil {
		return nil, err
	}
	var safes cryptobyte.Builder
	safes.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(first)
		addData(b, []byte{0x30, 0}) // no bags
	})
	content, err := safes.Bytes()
	if err != nil {
		return nil, err
	}
	var file cryptobyte.Builder
	file.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(3)
		addData(b, content)
		addMAC(b, content, passphrase)
	})
	whole, err := file.Bytes()
	if err != nil {
		return nil, err
	}
	blocks, err := pkcs12.ToPEM(whole, passphrase) //nolint:staticcheck // what it says of keys is none of certificates
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for _, block := range blocks {
		if block.Type == "CERTIFICATE" {
			found = append(found, block.Bytes)
		}
	}
	return found, nil
}

// addData adds a ContentInfo of the type data.
func addData(b *cryptobyte.Builder, content []byte) {
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1})
		b.AddASN1(tags.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
	})
}

// addMAC adds MacData with PBMAC1 (RFC 9579), HMAC and PBKDF2 with SHA-256.
func addMAC(b *cryptobyte.Builder, content []byte, passphrase string) {
	const size = sha256.Size
	salt := make([]byte, 8)
	key, err := pbkdf2.Key(sha256.New, passphrase, salt, 1, size)
	if err != nil {
		b.SetError(err)
		return
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(content)
	algorithm := func(b *cryptobyte.Builder, parameters func(*cryptobyte.Builder), id ...int) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(id)
			parameters(b)
		})
	}
	hmacSHA256 := func(b *cryptobyte.Builder) { algorithm(b, (*cryptobyte.Builder).AddASN1NULL, 1, 2, 840, 113549, 2, 9) }
	derivation := func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1OctetString(salt)
			b.AddASN1Int64(1)
			b.AddASN1Int64(size)
			hmacSHA256(b)
		})
	}
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			algorithm(b, func(b *cryptobyte.Builder) {
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					algorithm(b, derivation, 1, 2, 840, 113549, 1, 5, 12)
					hmacSHA256(b)
				})
			}, 1, 2, 840, 113549, 1, 5, 14)
			b.AddASN1OctetString(mac.Sum(nil))
		})
		b.AddASN1OctetString(salt)
		b.AddASN1Int64(1)
	})
}
