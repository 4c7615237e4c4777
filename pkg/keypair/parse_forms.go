package keypair

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"regexp"
)

// oneBlock is a PEM block however its lines are broken.
var oneBlock = regexp.MustCompile(`-----BEGIN ([A-Z0-9 #]+)-----([A-Za-z0-9+/=\s\\]*)-----END ([A-Z0-9 #]+)-----`)

// inLines puts the lines of PEM blocks in order that were pasted as one line, or
// with \n written out, as environment variables and web forms have them.
func inLines(data []byte) []byte {
	return oneBlock.ReplaceAllFunc(data, func(block []byte) []byte {
		parts := oneBlock.FindSubmatch(block)
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
func parseTrusted(der []byte) (*x509.Certificate, error) {
	first, _, err := value(der)
	if err != nil {
		return nil, err
	}
	return ParseCertificate(first.FullBytes)
}

// parsePKCS7 returns the certificates of a SignedData, of which most have nothing
// else (RFC 5652, 5.1). Their order is that of the file.
func parsePKCS7(der []byte) ([]*x509.Certificate, error) {
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil || info.Type.String() != "1.2.840.113549.1.7.2" {
		return nil, errors.New("this is not a PKCS#7 file of certificates")
	}
	signed, _, err := value(info.Content.FullBytes)
	if err != nil {
		return nil, err
	}
	if signed.Class == classContext {
		if signed, _, err = value(signed.Bytes); err != nil {
			return nil, err
		}
	}
	for list := signed.Bytes; len(list) > 0; {
		part, rest, err := value(list)
		if err != nil {
			return nil, err
		}
		if list = rest; part.Class == classContext && part.Tag == 0 {
			return certificatesOf(part.Bytes)
		}
	}
	return nil, errors.New("there is no certificate in the PKCS#7 file")
}

func certificatesOf(list []byte) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for len(list) > 0 {
		one, rest, err := value(list)
		if err != nil {
			return nil, err
		}
		list = rest
		certificate, err := ParseCertificate(one.FullBytes)
		if err != nil {
			return nil, err
		}
		if found = append(found, certificate); len(found) > maxBlocks {
			return nil, errors.New("there are too many certificates in the PKCS#7 file")
		}
	}
	return found, nil
}
