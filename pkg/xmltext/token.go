package xmltext

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// check finds what encoding/xml forgives in one token and libxml2 does not: a
// missing space, a reference to a character that XML does not have, a processing
// instruction or XML declaration that is none, and text outside of the root
// element. written is the token as it stands in the document, and outside says
// that no element is open.
func check(token xml.Token, written []byte, outside bool) error {
	switch t := token.(type) {
	case xml.StartElement:
		if !spaced(written) {
			return errors.New("there is no space between two attributes")
		}
		return checkReferences(written)
	case xml.CharData:
		if outside && len(bytes.Trim(written, " \t\r\n")) > 0 {
			return errors.New("there is text outside the root element")
		}
		if bytes.HasPrefix(written, []byte("<![CDATA[")) {
			return nil
		}
		return checkReferences(written)
	case xml.ProcInst:
		return checkInstruction(t.Target, written)
	}
	return nil
}

func checkInstruction(target string, written []byte) error {
	after := bytes.TrimPrefix(written, []byte("<?"+target))
	switch {
	case strings.EqualFold(target, "xml"): // UTF8 leaves blanks in place of the one that may stand at the start
		return errors.New("the XML declaration is not at the start of the document")
	case strings.Contains(target, ":"):
		return errors.New("the name of a processing instruction has a colon")
	case !bytes.HasPrefix(after, []byte("?>")) && bytes.IndexAny(after, " \t\r\n") != 0:
		return errors.New("there is no space after the name of a processing instruction")
	}
	return nil
}

var reference = pattern.New(`&#(x?)([0-9A-Fa-f]*);`)

// checkReferences looks for references to characters that XML does not have,
// which encoding/xml replaces without a word.
func checkReferences(written []byte) error {
	for _, found := range reference().FindAllSubmatch(written, -1) {
		base := 10
		if len(found[1]) > 0 {
			base = 16
		}
		if r, err := strconv.ParseInt(string(found[2]), base, 64); err != nil || !isCharacter(r) {
			return errors.New("a character reference is to a character that XML does not have")
		}
	}
	return nil
}

// spaced reports whether white space stands between the attributes of a start
// tag. encoding/xml does not ask for it.
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

// normalize gives the attributes of a start tag the values that XML says they
// have: white space that is written as such is a space, and stays what it is
// where a reference stands for it (XML 1.0, 3.3.3). encoding/xml keeps both.
func normalize(attrs []xml.Attr, written []byte) {
	tag, changed := blanked(written)
	if !changed {
		return
	}
	token, err := xml.NewDecoder(bytes.NewReader(tag)).RawToken()
	start, ok := token.(xml.StartElement)
	if err != nil || !ok || len(start.Attr) != len(attrs) {
		return // it was read once already
	}
	for i := range attrs {
		attrs[i].Value = start.Attr[i].Value
	}
}

// blanked is a tag with spaces in place of the white space in its quotes.
func blanked(tag []byte) (out []byte, changed bool) {
	var quote byte
	for i, c := range tag {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case quote != 0 && c == '\n' && tag[i-1] == '\r': // they are one line break
			continue
		case quote != 0 && strings.IndexByte("\t\r\n", c) >= 0:
			c, changed = ' ', true
		}
		out = append(out, c)
	}
	return out, changed
}
