// Package xmltext reads the characters of XML documents as libxml2 does for lxml:
// which encoding a document is in, and what encoding/xml forgives and libxml2
// does not.
package xmltext

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// MaxDepth is how deep elements may be nested for libxml2 2.12 (parser.c,
// xmlParserMaxDepth; 2.14 takes one level less).
const MaxDepth = 257

// ErrUnread says that a document is in an encoding that is not read here.
// libxml2 may know it.
var ErrUnread = errors.New("the encoding is not read here")

// declaration is the XML declaration (XML 1.0, 2.8). libxml2 reads any version
// 1.x as 1.0.
var declaration = regexp.MustCompile(`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]*"|'1\.[0-9]*')` +
	`(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"([A-Za-z][A-Za-z0-9._-]*)"|'([A-Za-z][A-Za-z0-9._-]*)'))?` +
	`(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>`)

// UTF8 returns a document in UTF-8 without a byte order mark, and with blanks in
// place of the XML declaration, so that lines stay. An error says in which line
// something is that libxml2 refuses: bytes that are not of the encoding,
// characters that XML does not have, a declaration that is none; or it is
// ErrUnread.
func UTF8(data []byte) (text []byte, line int, err error) {
	data, wide, err := unmark(data)
	if err != nil {
		return nil, 1, err
	}
	match := declaration.FindSubmatch(data)
	if match == nil && bytes.HasPrefix(data, []byte("<?xml")) && len(data) > 5 && strings.ContainsRune(" \t\r\n?", rune(data[5])) {
		return nil, 1, errors.New("the XML declaration is not one of XML 1.x")
	}
	if match != nil {
		if !wide {
			if data, err = decode(string(match[1])+string(match[2]), data); err != nil {
				return nil, 1, err
			}
		}
		data = append(blank(match[0]), data[len(match[0]):]...)
	}
	if line := firstInvalid(data); line > 0 {
		return nil, line, errors.New("there are bytes that are not UTF-8, or characters that XML does not have")
	}
	return data, 0, nil
}

// unmark decodes a document that tells by its first bytes how wide its
// characters are (XML 1.0, appendix F). What the declaration says does not count
// then.
func unmark(data []byte) (text []byte, wide bool, err error) {
	has := func(prefix ...byte) bool { return bytes.HasPrefix(data, prefix) }
	var from encoding.Encoding
	switch {
	case has(0xFF, 0xFE, 0, 0), has(0, 0, 0xFE, 0xFF):
		from = utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM)
	case has('<', 0, 0, 0):
		from = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case has(0, 0, 0, '<'):
		from = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	case has(0xFF, 0xFE), has(0xFE, 0xFF):
		from = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	case has('<', 0, '?', 0):
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case has(0, '<', 0, '?'):
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		rest, marked := bytes.CutPrefix(data, []byte("\uFEFF"))
		return rest, marked, nil
	}
	text, err = from.NewDecoder().Bytes(data)
	if err == nil && bytes.ContainsRune(text, utf8.RuneError) {
		err = errors.New("there are bytes that are not UTF-16 or UTF-32")
	}
	return text, true, err
}

// decode reads what the declaration calls an encoding of single bytes.
func decode(name string, data []byte) ([]byte, error) {
	label := strings.ToLower(name)
	switch label {
	case "", "utf-8", "utf8":
		return data, nil
	case "us-ascii", "ascii", "ansi_x3.4-1968", "iso646-us":
		if bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return nil, errors.New("there are bytes that are not ASCII, which the document says it is")
		}
		return data, nil
	case "utf-7":
		return nil, errors.New("UTF-7 is not accepted")
	}
	if wideLabel.MatchString(label) {
		return nil, fmt.Errorf("the document says that it is %s, and is not", strconv.Quote(name))
	}
	from := charmapOf(label)
	if from == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnread, strconv.Quote(name))
	}
	text, err := from.NewDecoder().Bytes(data)
	windows := strings.HasPrefix(from.String(), "Windows")
	undefined := func(r rune) bool { return r == utf8.RuneError || windows && r >= 0x80 && r < 0xA0 }
	if err == nil && bytes.ContainsFunc(text, undefined) {
		err = fmt.Errorf("there are bytes that %s does not have", strconv.Quote(name))
	}
	return text, err
}

var wideLabel = regexp.MustCompile(`^(utf-?(16|32)(le|be)?|ucs-?[24](le|be)?|iso-10646-ucs-[24])$`)

// charmapOf finds an encoding by the names that iconv has for it, or nil.
func charmapOf(label string) *charmap.Charmap {
	label = shortForm.ReplaceAllString(label, "windows-$1")
	if latin, known := map[string]string{"latin1": "1", "l1": "1", "latin2": "2", "l2": "2", "latin5": "9", "latin-9": "15"}[label]; known {
		label = "iso-8859-" + latin
	}
	label = strings.Replace(label, "iso8859-", "iso-8859-", 1)
	for _, each := range charmap.All {
		found, ok := each.(*charmap.Charmap)
		if ok && strings.ReplaceAll(strings.ToLower(found.String()), " ", "-") == label {
			return found
		}
	}
	return nil
}

var shortForm = regexp.MustCompile(`^cp(125[0-8])$`)

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
		case r == utf8.RuneError && size == 1, !isCharacter(int64(r)):
			return line
		case r == '\n':
			line++
		}
		data = data[size:]
	}
	return 0
}

// isCharacter reports whether XML has a character (XML 1.0, 2.2, Char).
func isCharacter(r int64) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0xD800 || r > 0xDFFF && r < 0xFFFE || r > 0xFFFF && r <= utf8.MaxRune
}

var reference = regexp.MustCompile(`&#(x?)([0-9A-Fa-f]*);`)

// ReferencesExist reports whether the character references in the text of a
// token, as it is written, are to characters that XML has. encoding/xml replaces
// others without a word. Where references are none, as in a comment, the answer
// means nothing.
func ReferencesExist(written []byte) bool {
	for _, found := range reference.FindAllSubmatch(written, -1) {
		base := 10
		if len(found[1]) > 0 {
			base = 16
		}
		if r, err := strconv.ParseInt(string(found[2]), base, 64); err != nil || !isCharacter(r) {
			return false
		}
	}
	return true
}

// Spaced reports whether white space stands between the attributes of a start
// tag, as it is written. encoding/xml does not ask for it.
func Spaced(tag []byte) bool {
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
