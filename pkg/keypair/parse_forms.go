package keypair

import (
	"bytes"
	"crypto/x509"
	encoding "encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// oneBlock is a PEM block however its lines are broken.
var oneBlock = pattern.New(`-----BEGIN ([A-Z0-9 #]+)-----([A-Za-z0-9+/=\s\\]*)-----END ([A-Z0-9 #]+)-----`)

// inLines puts the lines of PEM blocks in order that were pasted as one line, or
// with \n written out, as environment variables and web forms have them.
func inLines(data []byte) []byte {
	return oneBlock().ReplaceAllFunc(data, func(block []byte) []byte {
		parts := oneBlock().FindSubmatch(block)
		text := bytes.ReplaceAll(bytes.ReplaceAll(parts[2], []byte(`\r`), nil), []byte(`\n`), nil)
		var out bytes.Buffer
		out.WriteString("\n-----BEGIN " + string(parts[1]) + "-----\n")
		text = bytes.Join(bytes.Fields(text), nil)
		for len(text) > 0 {
			line := text[:min(64, len(text))]
			text = text[len(line):]
			out.Write(line)
			out.WriteByte('\n')
		}
		out.WriteString("-----END " + string(parts[3]) + "-----\n")
		return out.Bytes()
	})
}

// bareBase64 is the DER of a text that is base64 and nothing else, or nil.
func bareBase64(data []byte) []byte {
	text := bytes.Join(bytes.Fields(data), nil)
	der := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(der, text)
	if err != nil || n == 0 || der[0] != 0x30 { // DER of what is read here begins with a sequence
		return nil
	}
	return der[:n]
}

// parseTrusted reads OpenSSL's TRUSTED CERTIFICATE: a certificate, and what
// OpenSSL was told of it.
func parseTrusted(der []byte) (*x509.Certificate, error) { return ParseCertificate(der) }

// parsePKCS7 returns the certificates of a SignedData, of which most have nothing
// else (RFC 5652, 5.1). Their order is that of the file.
func parsePKCS7(der []byte) ([]*x509.Certificate, error) {
	context := asn1.Tag(0).ContextSpecific().Constructed()
	input := cryptobyte.String(der)
	var info, explicit, data, list, one cryptobyte.String
	var kind encoding.ObjectIdentifier
	if !input.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&kind) || kind.String() != "1.2.840.113549.1.7.2" {
		return nil, errors.New("this is not a PKCS#7 file of certificates")
	}
	if !info.ReadASN1(&explicit, context) || !explicit.ReadASN1(&data, asn1.SEQUENCE) || !data.SkipASN1(asn1.INTEGER) ||
		!data.SkipASN1(asn1.SET) || !data.SkipASN1(asn1.SEQUENCE) {
		return nil, errors.New("the PKCS#7 file is malformed")
	}
	if !data.ReadASN1(&list, context) || list.Empty() {
		return nil, errors.New("there is no certificate in the PKCS#7 file")
	}
	var found []*x509.Certificate
	for !list.Empty() {
		if len(found) == maxBlocks || !list.ReadASN1Element(&one, asn1.SEQUENCE) {
			return nil, fmt.Errorf("the PKCS#7 file is malformed, or has more than %d certificates", maxBlocks)
		}
		certificate, err := ParseCertificate(one)
		if err != nil {
			return nil, err
		}
		found = append(found, certificate)
	}
	return found, nil
}
