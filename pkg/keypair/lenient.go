package keypair

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	encoding "encoding/asn1"
	"math/big"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// certificate fills in what a person or a signature needs of a certificate that
// crypto/x509 refuses.
func (p *parts) certificate() *x509.Certificate {
	c := &x509.Certificate{
		Raw: p.raw, RawTBSCertificate: p.tbs, RawIssuer: p.issuer, RawSubject: p.subject, RawSubjectPublicKeyInfo: p.key,
		Version: 1, SerialNumber: twosComplement(p.serial), Issuer: distinguished(p.issuer), Subject: distinguished(p.subject),
		NotBefore: p.dates[0].or(time.Time{}), NotAfter: p.dates[1].or(time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)),
		SignatureAlgorithm: signatureAlgorithm(p.algorithm), Signature: p.signature, IsCA: p.isAuthority(),
	}
	if len(p.version) == 1 {
		c.Version += int(p.version[0])
	}
	if public, err := x509.ParsePKIXPublicKey(p.key); err == nil {
		c.PublicKey = public
	}
	return c
}

func twosComplement(data []byte) *big.Int {
	n := new(big.Int).SetBytes(data)
	if len(data) > 0 && data[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(data))*8))
	}
	return n
}

// distinguished reads a name that dissect has been through.
func distinguished(whole cryptobyte.String) pkix.Name {
	var sequence pkix.RDNSequence
	var sets, set, pair, id, text cryptobyte.String
	var tag asn1.Tag
	whole.ReadASN1(&sets, asn1.SEQUENCE)
	for sets.ReadASN1(&set, asn1.SET) {
		var row pkix.RelativeDistinguishedNameSET
		for set.ReadASN1(&pair, asn1.SEQUENCE) && pair.ReadASN1Element(&id, asn1.OBJECT_IDENTIFIER) && pair.ReadAnyASN1(&text, &tag) {
			var kind encoding.ObjectIdentifier
			if _, err := encoding.Unmarshal(id, &kind); err != nil {
				continue // a component that is too large for Go
			}
			row = append(row, pkix.AttributeTypeAndValue{Type: kind, Value: words(tag, text)})
		}
		sequence = append(sequence, row)
	}
	var name pkix.Name
	name.FillFromRDNSequence(&sequence)
	return name
}

// words is the text of a string of any kind, of which all but two have a byte a
// character or are UTF-8.
func words(tag asn1.Tag, text []byte) string {
	if tag != bmpString {
		return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	}
	units := make([]uint16, 0, len(text)/2)
	for i := 0; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i])<<8|uint16(text[i+1]))
	}
	return string(utf16.Decode(units))
}

// or is the date, also in forms that RFC 5280 forbids and OpenSSL reads: without
// seconds, with a zone, with fractions. One that cannot be read is the other.
func (d date) or(other time.Time) time.Time {
	layouts := []string{"20060102150405Z0700", "20060102150405.999999999Z0700", "200601021504Z0700"}
	if d.kind == asn1.UTCTime {
		layouts = []string{"060102150405Z0700", "0601021504Z0700"}
	}
	if d.text == "" || strings.Trim(d.text[:len(d.text)-1], "0123456789+-.") != "" || strings.ContainsAny(d.text[:min(len(d.text), 10)], "+-.") {
		return other // time.Parse is lenient in other ways
	}
	for _, layout := range layouts {
		date, err := time.Parse(layout, d.text)
		if err != nil {
			continue
		}
		if d.kind == asn1.UTCTime && date.Year() >= 2050 { // RFC 5280, 4.1.2.5.1
			date = date.AddDate(-100, 0, 0)
		}
		return date.UTC()
	}
	return other
}

// isAuthority looks for basicConstraints (RFC 5280, 4.2.1.9) that say so.
func (p *parts) isAuthority() bool {
	for _, e := range p.extensions {
		if !bytes.Equal(e.id, []byte{0x55, 0x1D, 0x13}) {
			continue
		}
		var inner cryptobyte.String
		var authority bool
		value := cryptobyte.String(e.value)
		return value.ReadASN1(&inner, asn1.SEQUENCE) && inner.PeekASN1Tag(asn1.BOOLEAN) && inner.ReadASN1Boolean(&authority) && authority
	}
	return false
}

// signatureAlgorithm knows those whose hash is judged, or that verify.
func signatureAlgorithm(id []byte) x509.SignatureAlgorithm {
	const rsa, ecdsa = "\x2A\x86\x48\x86\xF7\x0D\x01\x01", "\x2A\x86\x48\xCE\x3D\x04"
	return map[string]x509.SignatureAlgorithm{
		rsa + "\x02": x509.MD2WithRSA, rsa + "\x04": x509.MD5WithRSA, rsa + "\x05": x509.SHA1WithRSA,
		rsa + "\x0B": x509.SHA256WithRSA, rsa + "\x0C": x509.SHA384WithRSA, rsa + "\x0D": x509.SHA512WithRSA,
		ecdsa + "\x01": x509.ECDSAWithSHA1, ecdsa + "\x03\x02": x509.ECDSAWithSHA256,
		ecdsa + "\x03\x03": x509.ECDSAWithSHA384, ecdsa + "\x03\x04": x509.ECDSAWithSHA512,
	}[string(id)]
}
