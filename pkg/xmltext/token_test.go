package xmltext_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// read reads a whole document and returns the attributes of its elements by
// name, and why it cannot be read.
func read(text string) (map[string]string, error) {
	reader, attrs := xmltext.NewReader([]byte(text)), map[string]string{}
	for {
		token, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return attrs, nil
		}
		if err != nil {
			return nil, err
		}
		if start, ok := token.(*xmltext.Start); ok {
			for _, attr := range start.Attrs {
				attrs[attr.Name.Space+" "+attr.Name.Local] = attr.Value
			}
		}
	}
}

// TestReader has what libxml2 2.12 and 2.14 have against documents, of which
// encoding/xml forgives the most.
func TestReader(t *testing.T) {
	t.Parallel()
	const (
		fine      = ""
		space     = "no space between two attributes"
		reference = "a character reference"
		late      = "not at the start"
		pi        = "processing instruction"
		name      = "can be called"
		prefix    = "is not declared"
		reserved  = "cannot stand for"
		notURI    = "is not a URI"
		twice     = "the same attribute twice"
		id        = "not a name, or there twice"
	)
	deep := func(depth int) string { return strings.Repeat("<a>", depth) + strings.Repeat("</a>", depth) }
	for text, want := range map[string]string{
		`<a/>`: fine, `<a b="1" c='"2'/>`: fine, `<a b="1"c="2"/>`: space, `<a b='1'c="2"/>`: space,
		`<a>&#65;&#x1F600;&#10;&#xFFFD;</a>`: fine, `<a>&#xD800;</a>`: reference, `<a>&#55296;</a>`: reference,
		`<a b="&#xD800;"/>`: reference, `<a><![CDATA[&#xD800;]]></a>`: fine, `<a><!--&#xD800;--></a>`: fine,
		`<?a?><a/>`: fine, `<?a b?><a/>`: fine, "<a/><?a\n?>": fine, `<?a/b?><a/>`: pi, `<a><?a??></a>`: pi, `<?a:b c?><a/>`: pi,
		`<a/><?xml version="1.0"?>`: late, "\n<a/>\t\r\n": fine, `&#32;<a/>`: "outside", `<a/>x`: "outside", "<a/>\u00a0": "outside", `<![CDATA[]]><a/>`: "outside",
		`<a/><b/>`: "more than one root", ``: "no XML", `<a>`: "too early", `<a></b>`: "closes no element", `<a/></a>`: "closes no element",
		`<!DOCTYPE a><a/>`: "DOCTYPE", deep(257): fine, deep(258): "257 deep",
		`<p:a xmlns:p="urn:p" p:b="1" b="2"/>`: fine, `<p:a/>`: prefix, `<a p:b="1"/>`: prefix, `<a><b xmlns:p="urn:p"/><p:c/></a>`: prefix,
		`<:a/>`: name, `<a :b="1"/>`: name, `<a b="1" b="2"/>`: twice, `<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>`: twice,
		`<a xmlns:p="urn:x" xmlns:p="urn:x"/>`: twice, `<a xml:lang="en"/>`: fine, `<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`: fine,
		`<a xmlns:xml="urn:x"/>`: reserved, `<a xmlns:xmlns="urn:x"/>`: reserved, `<a xmlns="http://www.w3.org/XML/1998/namespace"/>`: reserved,
		`<a xmlns="http://www.w3.org/2000/xmlns/"/>`: reserved, `<a xmlns:p=""/>`: reserved, `<a xmlns=""/>`: fine,
		`<a xmlns="urn:a b"/>`: notURI, `<a xmlns="http://[::1]/"/>`: fine, `<a xmlns="urn:x#[y]"/>`: fine, `<a xmlns="http://a@b@c/"/>`: notURI,
		`<a xmlns="http://a:99999999999/"/>`: notURI, `<a xmlns="1:2"/>`: notURI, `<a xmlns="u/v"/>`: fine,
		`<a xml:id="q"/>`: fine, `<a xml:id=" q "/>`: fine, `<a xml:id=""/>`: id, `<a xml:id="1"/>`: id, `<a xml:id="q"><b xml:id="q"/></a>`: id,
		`<a id="q" xmlns:p="urn:p" p:id="1"><b id="q"/></a>`: fine, "<" + strings.Repeat("a", 50001) + "/>": name,
	} {
		_, err := read(text)
		if want == fine && err != nil || want != fine && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.200q: %v, want %q", text, err, want)
		}
	}
}

func TestAttributesAreNormalized(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		`<a b="1 2"/>`: "1 2", "<a b='1\n2'/>": "1 2", "<a b='1\t\r\n2\r\r'/>": "1  2  ", "<a b='&#10;1\n&#13;&#x9;&amp;\"'/>": "\n1 \r\t&\"",
		"<a\n\tb=\"1\"\n/>": "1", "<a b=\"'\n'\"/>": "' '",
	} {
		attrs, err := read(tag)
		if got := attrs[" b"]; err != nil || got != want {
			t.Errorf("%q: got %q, want %q, error %v", tag, got, want, err)
		}
	}
}
