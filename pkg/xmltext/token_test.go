package xmltext_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// TestCheck has documents that encoding/xml reads, and what libxml2 has against
// them.
func TestCheck(t *testing.T) {
	t.Parallel()
	const space, reference, late, name = "no space between two attributes", "a character reference", "not at the start", "processing instruction"
	for text, want := range map[string]string{
		`<a/>`: "", `<a b="1" c='"2'/>`: "", `<a b="1"c="2"/>`: space, `<a b='1'c="2"/>`: space,
		`<a>&#65;&#x1F600;&#10;&#xFFFD;</a>`: "", `<a>&#xD800;</a>`: reference, `<a>&#55296;</a>`: reference,
		`<a b="&#xD800;"/>`: reference, `<a><![CDATA[&#xD800;]]></a>`: "", `<a><!--&#xD800;--></a>`: "",
		`<?a?><a/>`: "", `<?a b?><a/>`: "", "<a/><?a\n?>": "", `<?a/b?><a/>`: name, `<a><?a??></a>`: name, `<?a:b c?><a/>`: name,
		`<a/><?xml version="1.0"?>`: late,
		"\n<a/>\t\r\n":              "", `&#32;<a/>`: "outside", `<a/>x`: "outside", "<a/>\u00a0": "outside", `<![CDATA[]]><a/>`: "outside",
	} {
		err := checked(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func checked(text string) error {
	decoder := xml.NewDecoder(strings.NewReader(text))
	depth := 0
	for {
		start := decoder.InputOffset()
		token, err := decoder.RawToken()
		if err != nil {
			return nil //nolint:nilerr // the end, or what encoding/xml does not forgive
		}
		if err := xmltext.Check(token, []byte(text[start:decoder.InputOffset()]), depth == 0); err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		`<a b="1 2"/>`: "1 2", "<a b='1\n2'/>": "1 2", "<a b='1\t\r\n2\r\r'/>": "1  2  ", "<a b='&#10;1\n&#13;&#x9;&amp;\"'>": "\n1 \r\t&\"",
		"<a\n\tb=\"1\"\n>": "1", "<a b=\"'\n'\"/>": "' '",
	} {
		token, err := xml.NewDecoder(strings.NewReader(tag)).RawToken()
		start, ok := token.(xml.StartElement)
		if err != nil || !ok {
			t.Fatal(err)
		}
		xmltext.Normalize(start.Attr, []byte(tag))
		if got := start.Attr[0].Value; got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}
