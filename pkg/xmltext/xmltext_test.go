package xmltext_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// wide writes a text in UTF-16 (size 2) or UTF-32 (size 4).
func wide(text string, size int, bigEndian bool) string {
	var out []byte
	unit := func(u uint32) {
		for i := range size {
			shift := 8 * i
			if bigEndian {
				shift = 8 * (size - 1 - i)
			}
			out = append(out, byte(u>>shift))
		}
	}
	if size == 2 {
		for _, u := range utf16.Encode([]rune(text)) {
			unit(uint32(u))
		}
		return string(out)
	}
	for _, r := range text {
		unit(uint32(r))
	}
	return string(out)
}

// TestUTF8 has what libxml2 2.12 and 2.14 make of the same bytes.
func TestUTF8(t *testing.T) {
	t.Parallel()
	declared := func(encoding, body string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?><a>` + body + `</a>`
	}
	tests := map[string]struct {
		data, want string // want is the text after the declaration, or the error
		fails      bool
	}{
		"plain":                              {"<a>é</a>", "<a>é</a>", false},
		"marked":                             {"\uFEFF<a>é</a>", "<a>é</a>", false},
		"utf8":                               {declared("utf8", "é"), "<a>é</a>", false},
		"ISO-8859-1":                         {declared("ISO-8859-1", "\xe9\x85"), "<a>é\u0085</a>", false},
		"ISO-8859-15":                        {declared("iso-8859-15", "\xa4"), "<a>€</a>", false},
		"latin1":                             {declared("latin1", "\xe9"), "<a>é</a>", false},
		"windows-1252":                       {declared("Windows-1252", "\x80"), "<a>€</a>", false},
		"cp1252":                             {declared("cp1252", "\xe9"), "<a>é</a>", false},
		"a byte that windows-1252 has not":   {declared("windows-1252", "\x81"), "does not have", true},
		"ASCII":                              {declared("US-ASCII", "e"), "<a>e</a>", false},
		"ASCII that is none":                 {declared("us-ascii", "é"), "not ASCII", true},
		"UTF-7":                              {declared("UTF-7", "e"), "UTF-7", true},
		"UTF-16 that is none":                {declared("UTF-16", "e"), "says that it is", true},
		"another one":                        {declared("Shift_JIS", "e"), "not read here", true},
		"a mark counts more than a label":    {"\uFEFF" + declared("iso-8859-1", "é"), "<a>é</a>", false},
		"UTF-16, marked":                     {wide("\uFEFF<a>é😀</a>", 2, false), "<a>é😀</a>", false},
		"UTF-16BE, marked, as UTF-8":         {wide("\uFEFF"+declared("utf-8", "é"), 2, true), "<a>é</a>", false},
		"UTF-16LE by its declaration":        {wide(declared("utf-16", "é"), 2, false), "<a>é</a>", false},
		"UTF-16BE by its declaration":        {wide(declared("utf-16", "é"), 2, true), "<a>é</a>", false},
		"half a pair":                        {wide("\uFEFF<a>", 2, false) + "\x00\xd8", "not UTF-16", true},
		"UTF-32, marked":                     {wide("\uFEFF<a>é</a>", 4, false), "<a>é</a>", false},
		"UTF-32BE":                           {wide(declared("UCS-4", "é"), 4, true), "<a>é</a>", false},
		"UTF-32LE":                           {wide(declared("utf-32", "é"), 4, false), "<a>é</a>", false},
		"an instruction like a declaration":  {`<?xmlfoo?><a/>`, "<?xmlfoo?><a/>", false},
		"a declaration that has no end":      {`<?xml`, "<?xml", false},
		"XML 1.1":                            {`<?xml version="1.1"?><a/>`, "<a/>", false},
		"XML 2.0":                            {`<?xml version="2.0"?><a/>`, "XML 1.x", true},
		"bytes that are not UTF-8":           {"<a>\xff</a>", "not UTF-8", true},
		"a character that XML does not have": {"<a>\x01</a>", "XML does not have", true},
		"U+FFFE":                             {"<a>\ufffe</a>", "XML does not have", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, line, err := xmltext.UTF8([]byte(tt.data))
			if tt.fails {
				if err == nil || !strings.Contains(err.Error(), tt.want) || line != 1 {
					t.Errorf("line %d, error %v, want %q", line, err, tt.want)
				}
				if errors.Is(err, xmltext.ErrUnread) != (name == "another one") {
					t.Errorf("ErrUnread: %v", err)
				}
				return
			}
			if err != nil || strings.TrimSpace(string(text)) != tt.want {
				t.Errorf("got %q, error %v", text, err)
			}
		})
	}
}

// TestLines has documents whose third line is wrong, and one of which the lines
// stay after a declaration of several.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<a>\n\n\x01</a>", "<?xml version='1.0'\n?>\n<a>\xff</a>", "\uFEFF<a>\n\r\n\ufffe</a>"} {
		if _, line, err := xmltext.UTF8([]byte(text)); err == nil || line != 3 {
			t.Errorf("%q: line %d, error %v", text, line, err)
		}
	}
	text, _, err := xmltext.UTF8([]byte("<?xml version='1.0'\r\n?><a/>"))
	if want := "                   \r\n  <a/>"; err != nil || string(text) != want {
		t.Errorf("got %q, want %q, error %v", text, want, err)
	}
}

func FuzzUTF8(f *testing.F) {
	f.Add([]byte("\xff\xfe<\x00"))
	f.Add([]byte(`<?xml version="1.0" encoding="latin1"?>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, line, err := xmltext.UTF8(data)
		if (err == nil) != (line == 0) {
			t.Errorf("line %d, error %v", line, err)
		}
		if again, _, err := xmltext.UTF8(text); line == 0 && err == nil && len(again) != len(text) {
			t.Errorf("%q is read otherwise the second time: %q", text, again)
		}
	})
}
