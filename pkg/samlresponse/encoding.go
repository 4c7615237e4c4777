package samlresponse

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// isBase64Text reports whether text may be a SAMLResponse by itself: base64 in
// lines, and padding at its end.
func isBase64Text(text string) bool {
	const blanks = "\t\n\f\r "
	rest := strings.TrimLeftFunc(text, func(r rune) bool {
		return isBase64(r) || strings.ContainsRune(blanks, r)
	})
	return len(rest) < len(text) && strings.Trim(strings.TrimLeft(rest, "="), blanks) == ""
}

// isBase64URL reports whether text is of the alphabet of base64url (RFC 4648, 5),
// which Sentry's decoder does not have.
func isBase64URL(text string) bool {
	return strings.ContainsAny(text, "-_") && strings.Trim(text, "=\t\n\f\r ") != "" && strings.IndexFunc(text, func(r rune) bool {
		return !isBase64(r) && !strings.ContainsRune("-_=\t\n\f\r ", r)
	}) < 0
}

// isDisturbedBase64 reports whether text is base64 of XML for Sentry's decoder,
// which passes over whatever else stands in it.
func isDisturbedBase64(text string) bool {
	decoded, err := lenient(text)
	return err == nil && looksLikeXML(decoded)
}

// lenient decodes base64 as Python's b64decode does, which Sentry uses: what is
// not of the alphabet is passed over, and padding ends it.
func lenient(text string) ([]byte, error) {
	clean := make([]byte, 0, len(text))
	padding := 0
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			return nil, notReadable("the SAMLResponse is not base64: it has characters that are not ASCII, and Python refuses them")
		case isBase64(rune(c)):
			clean, padding = append(clean, c), 0
		case c == '=' && len(clean)%4 >= 2:
			if padding++; padding+len(clean)%4 >= 4 {
				return base64.RawStdEncoding.DecodeString(string(clean))
			}
		}
	}
	if len(clean)%4 != 0 {
		if isBase64URL(text) {
			return nil, notReadable("the SAMLResponse is base64url, whose - and _ Sentry passes over: its padding is wrong then")
		}
		return nil, notReadable("the SAMLResponse is not base64: its padding is wrong")
	}
	return base64.StdEncoding.DecodeString(string(clean))
}

func isBase64(c rune) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// unescape undoes percent-encoding. A plus stays: base64 has it, and browsers
// write it as %2B.
func unescape(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// fromText reads the value of a SAMLResponse: percent-encoded or not, base64,
// deflated or not.
func fromText(text string) (xml []byte, deflated bool, err error) {
	if strings.Contains(text, "%") {
		text = unescape(text)
	}
	if int64(len(text)) > 2*MaxXML {
		return nil, false, tooMuch("the SAMLResponse has %d characters, the limit is %d", len(text), 2*MaxXML)
	}
	decoded, err := lenient(text)
	if err != nil {
		return nil, false, err
	}
	if looksLikeXML(decoded) {
		return decoded, false, nil
	}
	inflated, err := inflate(decoded)
	if err != nil {
		return nil, false, err
	}
	return inflated, true, nil
}

func looksLikeXML(data []byte) bool {
	if bytes.IndexByte(data[:min(len(data), 4)], 0) >= 0 || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) || bytes.HasPrefix(data, []byte{0xFF, 0xFE}) {
		text, _, err := xmltext.UTF8(data) // UTF-16 or UTF-32
		return err == nil && bytes.Contains(text, []byte("<"))
	}
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n"), []byte("<"))
}

// inflate undoes the compression of HTTP-Redirect (RFC 1951), or that of zlib,
// up to MaxXML bytes.
func inflate(data []byte) ([]byte, error) {
	for _, open := range []func() (io.Reader, error){
		func() (io.Reader, error) { return flate.NewReader(bytes.NewReader(data)), nil },
		func() (io.Reader, error) { return zlib.NewReader(bytes.NewReader(data)) },
	} {
		reader, err := open()
		if err != nil {
			continue
		}
		inflated, err := io.ReadAll(io.LimitReader(reader, MaxXML+1))
		if len(inflated) > MaxXML {
			return nil, tooMuch("the response inflates to more than %d bytes", MaxXML)
		}
		if (err == nil || errors.Is(err, io.ErrUnexpectedEOF)) && looksLikeXML(inflated) {
			return inflated, nil
		}
	}
	return nil, notReadable("the SAMLResponse is base64, but of neither XML nor deflated XML")
}
