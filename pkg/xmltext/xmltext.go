// Package xmltext reads the characters of XML documents as libxml2 does for lxml:
// which encoding a document is in, and what encoding/xml forgives and libxml2
// does not.
package xmltext

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// ErrUnread says that a document is in an encoding that is not read here.
// libxml2 may know it.
var ErrUnread = errors.New("the encoding is not read here")

// declaration is the XML declaration (XML 1.0, 2.8). libxml2 reads any version
// 1.x as 1.0.
var declaration = pattern.New(`^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]*"|'1\.[0-9]*')` +
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
	match := declaration().FindSubmatch(data)
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
	if wideLabel().MatchString(label) {
		return nil, fmt.Errorf("the document says that it is %s, and is not", strconv.Quote(name))
	}
	from := charmapOf(label)
	if from == nil {
		return nil, fmt.Errorf("%w: %s", ErrUnread, strconv.Quote(name))
	}
	text, windows := singleBytes(from, data), strings.HasPrefix(from.String(), "Windows")
	if bytes.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || windows && isC1(r) }) {
		return nil, fmt.Errorf("there are bytes that %s does not have", strconv.Quote(name))
	}
	return text, nil
}

// isC1 reports whether a character is one of the controls that ISO 8859 has at
// 0x80 to 0x9F, and Windows does not.
func isC1(r rune) bool { return r >= 0x80 && r < 0xA0 }

// singleBytes decodes text of single bytes. Go's tables of ISO 8859 lack some
// controls, which libiconv has.
func singleBytes(from *charmap.Charmap, data []byte) []byte {
	controls := strings.HasPrefix(from.String(), "ISO 8859")
	var text []byte
	for _, b := range data {
		r := from.DecodeByte(b)
		if controls && isC1(rune(b)) {
			r = rune(b)
		}
		text = utf8.AppendRune(text, r)
	}
	return text
}

var wideLabel = pattern.New(`^(utf-?(16|32)(le|be)?|ucs-?[24](le|be)?|iso-10646-ucs-[24])$`)

// charmapOf finds an encoding by the names that libiconv has for it, or nil.
func charmapOf(label string) *charmap.Charmap {
	if full, known := map[string]string{
		"latin1": "iso-8859-1", "l1": "iso-8859-1", "iso-ir-100": "iso-8859-1", "cp819": "iso-8859-1", "ibm819": "iso-8859-1",
		"latin2": "iso-8859-2", "l2": "iso-8859-2", "latin5": "iso-8859-9", "l5": "iso-8859-9", "latin-9": "iso-8859-15", "mac": "macintosh",
	}[label]; known {
		label = full
	}
	label = windowsName().ReplaceAllString(label, "windows-$1")
	label = latinName().ReplaceAllString(label, "iso-8859-$1")
	label = codePage().ReplaceAllString(label, "ibm-code-page-$1")
	if !singleByteName().MatchString(label) {
		return nil
	}
	for _, each := range charmap.All {
		found, ok := each.(*charmap.Charmap)
		if ok && strings.ReplaceAll(strings.ToLower(found.String()), " ", "-") == label {
			return found
		}
	}
	return nil
}

var (
	windowsName    = pattern.New(`^cp(125[0-8])$`)
	latinName      = pattern.New(`^iso[-_]?8859[-_](\d+)$`)
	codePage       = pattern.New(`^(?:cp|ibm)(850|862|866)$`)
	singleByteName = pattern.New(`^(windows-125[0-8]|iso-8859-\d+|koi8-[ru]|macintosh|ibm-code-page-\d+)$`)
)

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
