package samlresponse_test

import (
	"fmt"
	"strings"
	"testing"
)

// encodingEdges are responses in encodings, with labels that are right or not.
func encodingEdges(t *testing.T, k keys) []parityCase {
	t.Helper()
	settings := settingsFor(t, k.idp)
	var cases []parityCase
	add := func(name, text string) { cases = append(cases, parityCase{name, text, settings}) }
	good := rsa256(k.idp)
	ascii, latin := good.signAll(t, base, "a"), good.signAll(t, valued("Zoë"), "a")
	declared := func(label string) string { return `<?xml version="1.0" encoding="` + label + `"?>` }
	for _, label := range []string{
		"UTF-8", "utf8", "ISO-8859-1", "latin1", "L1", "ISO_8859-1", "ISO8859-1", "iso-ir-100", "cp819", "windows-1252", "cp1252", "CP1252", "WIN1252",
		"ISO-8859-15", "latin-9", "ISO-8859-2", "ISO-8859-3", "ISO-8859-16", "ISO-8859-12", "ISO-8859-8-I", "ISO-8859-6E", "windows-1250", "windows-1251", "cp437", "IBM850", "cp866",
		"KOI8-R", "koi8-u", "macintosh", "mac", "ASCII", "US-ASCII", "ANSI_X3.4-1968", "HTML", "UTF-16", "utf-16", "UTF-16LE", "UCS-4", "ISO-10646-UCS-2", "UTF-32", "UTF-7",
		"EUC-JP", "Shift_JIS", "GB18030", "nonsense", "x-user-defined", "", " utf-8", "_x", "8859-1",
	} {
		add("label "+label, declared(label)+ascii)
		add("label "+label+", in UTF-8", declared(label)+latin)
		add("label "+label+", in Latin-1", strings.ReplaceAll(declared(label)+latin, "ë", "\xeb"))
		add("label "+label+", marked", "\uFEFF"+declared(label)+latin)
		add("label "+label+", in UTF-16, marked", wide("\uFEFF"+declared(label)+latin, 2, false))
		add("label "+label+", in UTF-16", wide(declared(label)+latin, 2, true))
	}
	add("UTF-7 that is", declared("UTF-7")+strings.ReplaceAll(ascii, "+", "+-"))
	for _, size := range []int{2, 4} {
		for _, big := range []bool{false, true} {
			name := fmt.Sprintf("%d bytes, big-endian %v", size, big)
			add(name, wide(latin, size, big))
			add(name+", marked", wide("\uFEFF"+latin, size, big))
			add(name+", declared", wide(declared("UCS-4")+latin, size, big))
			add(name+", half a pair", wide("\uFEFF"+latin, size, big)+"\xd8")
		}
	}
	for _, label := range []string{"ISO-8859-1", "ISO-8859-15", "ISO-8859-6", "windows-1251", "windows-1252", "windows-1253"} {
		for _, c := range []string{"\x80", "\x81", "\x85", "\x9d", "\xa0", "\xff"} {
			add(fmt.Sprintf("%q in %s", c, label), declared(label)+strings.Replace(ascii, shownValue, `<saml:AttributeValue>`+c+`</saml:AttributeValue>`, 1))
		}
	}
	return cases
}

// wide writes a text in UTF-16 or UTF-32.
func wide(text string, size int, bigEndian bool) string {
	var out []byte
	for _, r := range text {
		for i := range size {
			if bigEndian {
				i = size - 1 - i
			}
			out = append(out, byte(r>>(8*i))) // the tests have no others than of two bytes
		}
	}
	return string(out)
}

// syntaxEdges are documents that parsers of XML may take or not. What stands
// outside of the Assertion is put in after signing.
func syntaxEdges(t *testing.T, k keys) []parityCase {
	t.Helper()
	settings := settingsFor(t, k.idp)
	var cases []parityCase
	add := func(name, text string) { cases = append(cases, parityCase{name, text, settings}) }
	good := rsa256(k.idp)
	signed := good.signAll(t, base, "a")
	for _, text := range []string{
		`<?xml version="1.1"?>`, `<?xml version="1."?>`, `<?xml version="1"?>`, `<?xml version="2.0"?>`, `<?xml version="1.a"?>`, `<?xml version='1.0' standalone='yes' ?>`, `<?xml version="1.0" standalone="maybe"?>`,
		`<?xml version="1.0" standalone="yes" encoding="UTF-8"?>`, `<?xml encoding="UTF-8"?>`, `<?xml?>`, `<?xml version="1.0"encoding="UTF-8"?>`, "<?xml\nversion = \"1.0\"?>", `<?xml version="1.0" foo="x"?>`, `<?XML version="1.0"?>`,
		`<?xml version="1.0"??>`, `<?xml version="1.0"?><?xml version="1.0"?>`, ` <?xml version="1.0"?>`, "\n", `<?a?>`, `<?a:b c?>`, `<?a-b?>`, `<?1a?>`, `<?a b? ?>`, `<?a??>`, `<??>`, `<? a?>`, `<?xmlfoo x?>`, `<?a/b?>`, `<?é?>`,
		`<!-- a--b -->`, `<!-- a- -->`, `<!-- a--->`, `<!---->`, `<!-->`, `<!DOCTYPE a>`, `<!doctype a>`, `<![CDATA[x]]>`, `<![CDATA[ ]]>`, `&#32;`, "\u00a0", "\uFEFF", "\t\r\n ", `&amp;`, `x`,
	} {
		add("before: "+text, text+signed)
		add("after: "+text, signed+text)
	}
	for _, text := range []string{
		"&#0;", "&#1;", "&#9;", "&#x9;", "&#X41;", "&#x;", "&#;", "&#65", "&#xD800;", "&#55296;", "&#xFFFE;", "&#xFFFD;", "&#x10FFFF;", "&#x110000;", "&#99999999999;", "&#-1;", "&# 65;", "&#00000000000000000000065;",
		"&amp", "&foo;", "&;", "& ", "]]>", "]]&gt;", "&amp;#0;", "\x01", "\x7f", "\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\ufffe", "\ufffd", "\u0080",
	} {
		add(fmt.Sprintf("in text: %q", text), extended("<x xmlns=\"urn:x\">"+text+"</x>", signed))
		add(fmt.Sprintf("in an attribute: %q", text), extended(`<x xmlns="urn:x" a="`+text+`"/>`, signed))
		add(fmt.Sprintf("in a comment: %q", text), extended(`<x xmlns="urn:x"/><!--`+text+`-->`, signed))
		add(fmt.Sprintf("in CDATA: %q", text), extended(`<x xmlns="urn:x"><![CDATA[`+text+`]]></x>`, signed))
		add(fmt.Sprintf("in an instruction: %q", text), extended(`<x xmlns="urn:x"/><?x `+text+`?>`, signed))
	}
	for _, text := range []string{
		`<a b=c/>`, `<a b/>`, `<a b="1" b="2"/>`, `<a b="<"/>`, `<a b=">"/>`, `<a b="1"c="2"/>`, `< a/>`, `<a / >`, `<a/ >`, `<a></a >`, `<a></ a>`, `<a><b></a></b>`, `<1/>`, `<-a/>`, `<a.b-c_d/>`, `<a:b/>`, `<:a/>`, `<a:/>`, `<a::b xmlns:a="urn:a"/>`,
		`<é/>`, `<·a/>`, `<a·/>`, "<a\u0301/>", "<\u0301a/>", "<\u00d7/>", "<\u037e/>", "<\u2c00/>", "<a\u00a0b=\"1\"/>", "<a b = '1'\n\tc=\"2\"/>", `<xml/>`, `<xmlfoo/>`, `<xml:a/>`, `<xmlns:a/>`,
		`<a xmlns:xmlns="urn:x"/>`, `<a xmlns:xml="urn:x"/>`, `<a xmlns:b=""/>`, `<a xmlns="http://www.w3.org/XML/1998/namespace"/>`, `<a xmlns="http://www.w3.org/2000/xmlns/"/>`, `<a xmlns:xmlfoo="urn:x" xmlfoo:b="1"/>`,
		`<a xmlns:b="urn:b" xmlns:c="urn:b" b:x="1" c:x="2"/>`, `<a xmlns:b="urn:b" b:x="1" x="2"/>`, `<a xmlns:b="urn:b" xmlns:b="urn:b"/>`, `<a xml:lang="e" xml:lang="f"/>`, `<a xml:space="x"/>`, `<a xml:foo="1"/>`,
	} {
		add("element "+text, extended(`<x xmlns="urn:x">`+text+`</x>`, signed))
	}
	// White space in attributes, beside a reference to some.
	spaced := good.signAll(t, strings.Replace(valued("&#13;42"), mailTag, `<saml:Attribute Name="a b"/><saml:Attribute Name="a&#10;b"/>`+mailTag, 1), "a")
	for _, text := range []string{"\n", "\r", "\r\n", "\t", "&#10;", "&#xA;", "&#xa;", "&#32;", "&#13;", "  "} {
		add(fmt.Sprintf("a space as %q", text), strings.Replace(spaced, `"a b"`, `"a`+text+`b"`, 1))
		add(fmt.Sprintf("a line break as %q", text), strings.Replace(spaced, `"a&#xA;b"`, `"a`+text+`b"`, 1))
	}
	return cases
}
