package metadata

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// declaration is the XML declaration (XML 1.0, 2.8). libxml2 reads any version
// 1.x as 1.0.
var declaration = regexp.MustCompile(`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>`)

// toUTF8 returns a document in UTF-8 in which the byte order mark and the XML
// declaration are blank, so that lines and columns stay. It reads the encodings
// that metadata is met in, and finds bytes that are not of them, which
// encoding/xml overlooks in comments.
func toUTF8(data []byte) ([]byte, *syntax) {
	data, marked, err := unmark(data)
	if err != nil {
		return nil, &syntax{codeMalformed, 1, err}
	}
	match := declaration.FindSubmatch(data)
	if match == nil && bytes.HasPrefix(data, []byte("<?xml ")) {
		return nil, &syntax{codeMalformed, 1, errors.New("the XML declaration is not one of XML 1.x")}
	}
	if match != nil {
		if name := string(match[1]) + string(match[2]); !marked {
			if data, err = decode(name, data); err != nil {
				return nil, &syntax{codeMalformed, 1, err}
			}
		}
		data = append(blank(match[0]), data[len(match[0]):]...)
	}
	if line := firstInvalid(data); line > 0 {
		return nil, &syntax{codeMalformed, line, errors.New("there are bytes that are not UTF-8, or characters that XML does not have")}
	}
	return data, nil
}

// unmark decodes a document that begins with a byte order mark.
func unmark(data []byte) (text []byte, marked bool, err error) {
	if rest, found := bytes.CutPrefix(data, []byte("\uFEFF")); found {
		return rest, true, nil
	}
	if !bytes.HasPrefix(data, []byte{0xFE, 0xFF}) && !bytes.HasPrefix(data, []byte{0xFF, 0xFE}) {
		return data, false, nil
	}
	text, err = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	return text, true, err
}

func decode(name string, data []byte) ([]byte, error) {
	var from encoding.Encoding
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8":
		return data, nil
	case "us-ascii", "ascii":
		if bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return nil, errors.New("there are bytes that are not ASCII, which it says it is")
		}
		return data, nil
	case "iso-8859-1", "latin1":
		from = charmap.ISO8859_1
	case "windows-1252":
		from = charmap.Windows1252
	default:
		return nil, errors.New("unknown encoding, want UTF-8")
	}
	return from.NewDecoder().Bytes(data)
}

// blank is text with all but line breaks replaced by spaces.
func blank(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return r
		}
		return ' '
	}, text)
}

// firstInvalid is the line of the first byte that is not UTF-8, or character
// that XML does not have (XML 1.0, 2.2), or 0.
func firstInvalid(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1, r == 0xFFFE, r == 0xFFFF, r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return line
		case r == '\n':
			line++
		}
		data = data[size:]
	}
	return 0
}

// spaced reports whether white space stands between the attributes of a start
// tag, which encoding/xml does not ask for.
func spaced(tag []byte) bool {
	var quote byte
	for i, c := range tag {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			quote = 0
			if i+1 < len(tag) && !strings.ContainsRune(" \t\r\n/>", rune(tag[i+1])) {
				return false
			}
		}
	}
	return true
}
