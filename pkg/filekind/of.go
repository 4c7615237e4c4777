package filekind

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"strings"

	"golang.org/x/text/encoding/unicode"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// looked is how much of a document is looked at, in bytes.
const looked = 64 << 10

// Of returns the kind of a document. Any data has one, and nothing panics.
func Of(data []byte) Kind {
	if kind := magic(data); kind != "" {
		return kind
	}
	head := bytes.TrimSpace(text(data[:min(len(data), looked)]))
	switch {
	case len(head) == 0:
		return Empty
	case bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\r\n\f\x1b", r) }):
		return Binary
	case head[0] == '<':
		return ofMarkup(head)
	}
	for _, judge := range []func([]byte) Kind{ofScript, ofJSON, ofPEM, ofForm, ofBase64, ofLines} {
		if kind := judge(head); kind != "" {
			return kind
		}
	}
	return Text
}

// text undoes UTF-16, which has a byte order mark, and drops that of UTF-8.
func text(head []byte) []byte {
	if bytes.HasPrefix(head, []byte{0xFE, 0xFF}) || bytes.HasPrefix(head, []byte{0xFF, 0xFE}) {
		head = head[:len(head)&^1]
		if decoded, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(head); err == nil {
			return decoded
		}
	}
	return bytes.TrimPrefix(head, []byte("\uFEFF"))
}

// magic knows the formats that are no text by their first bytes.
func magic(data []byte) Kind {
	for _, m := range []struct {
		start string
		kind  Kind
	}{
		{"PK\x03\x04", Archive},
		{"\xD0\xCF\x11\xE0", Archive}, // office documents before 2007
		{"\x1F\x8B", Compressed},
		{"BZh", Compressed},
		{"\xFD7zXZ", Compressed},
		{"7z\xBC\xAF", Compressed},
		{"(\xB5/\xFD", Compressed}, // zstd
		{"%PDF-", PDF},
		{"\x89PNG", Image},
		{"\xFF\xD8\xFF", Image},
		{"GIF8", Image},
	} {
		if bytes.HasPrefix(data, []byte(m.start)) {
			return m.kind
		}
	}
	if len(data) > 0 && data[0] == 0x30 {
		return ofDER(data)
	}
	return ""
}

// maxDER is more than a certificate, a key or a PKCS#12 file has, in bytes.
const maxDER = 1 << 20

// ofDER tells what begins with an ASN.1 sequence. "0" begins texts too.
func ofDER(data []byte) Kind {
	if len(data) > maxDER {
		return ""
	}
	if _, err := x509.ParseCertificate(data); err == nil {
		return Certificate
	}
	if isKey(data) {
		return PrivateKey
	}
	// PFX begins with the version 3 and the object identifier of data (RFC 7292, section 4).
	start := data[:min(len(data), 64)]
	if bytes.Contains(start, []byte{0x02, 0x01, 0x03, 0x30}) && bytes.Contains(start, []byte("\x2A\x86\x48\x86\xF7\x0D\x01\x07")) {
		return KeyStore
	}
	if whole(data) {
		return Certificate // with something in it that cannot be read, which its reader tells
	}
	return ""
}

// whole reports whether data is one sequence with a length of two bytes (X.690,
// 8.1.3) that is as long as it says.
func whole(data []byte) bool {
	return len(data) > 4 && data[1] == 0x82 && len(data) == 4+int(data[2])<<8+int(data[3])
}

func isKey(der []byte) bool {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return true
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return true
	}
	_, err := x509.ParseECPrivateKey(der)
	return err == nil
}

// pemBlock begins a block, at the start of a line: settings may hold one further
// in. OpenSSL writes text before it.
var pemBlock = pattern.New(`(?m)^-----BEGIN ([A-Z0-9 #]+)-----`)

// ofPEM is a certificate where there is one among the blocks.
func ofPEM(head []byte) (kind Kind) {
	for _, match := range pemBlock().FindAllSubmatch(head, -1) {
		switch label := string(match[1]); {
		case label == "CERTIFICATE", label == "X509 CERTIFICATE":
			return Certificate
		case strings.HasSuffix(label, "PRIVATE KEY"):
			kind = PrivateKey
		case kind == "":
			kind = PEM
		}
	}
	return kind
}

// sent finds a response in a form body, a URL, or a request that developer tools
// copied.
var sent = pattern.New(`(?:^|[?&"'\s])SAMLResponse=`)

func ofForm(head []byte) Kind {
	if sent().Match(head) {
		return Response
	}
	return ""
}

// reported finds the line of a report of the script for `sentry exec`.
var reported = pattern.New(`(?m)^SENTRYIDP \{`)

func ofScript(head []byte) Kind {
	if reported().Match(head) {
		return ScriptReport
	}
	return ""
}

// minBase64 is less than any document has in base64, in characters. Shorter
// words are words.
const minBase64 = 64

var base64Text = pattern.New(`^[A-Za-z0-9+/\s]+=*\s*$`)

func ofBase64(head []byte) Kind {
	if len(head) < minBase64 || !base64Text().Match(head) {
		return ""
	}
	clean := bytes.TrimRight(bytes.Join(bytes.Fields(head), nil), "=")
	decoded, err := base64.RawStdEncoding.DecodeString(string(clean[:len(clean)-len(clean)%4]))
	if err != nil {
		return Base64
	}
	switch {
	case bytes.HasPrefix(decoded, []byte("<")):
		return ofMarkup(decoded)
	case bytes.HasPrefix(decoded, []byte{0x30, 0x82}), bytes.HasPrefix(decoded, []byte{0x30, 0x81}):
		return Certificate
	}
	return Base64
}
