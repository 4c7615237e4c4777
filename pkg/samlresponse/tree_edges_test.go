package samlresponse_test

import (
	"fmt"
	"slices"
	"strings"
)

const (
	shownValue = `<saml:AttributeValue>42</saml:AttributeValue>`
	mailTag    = `<saml:Attribute Name="` + mailName + `">`
)

// valued puts something into an attribute's value.
func valued(content string) string {
	return strings.Replace(base, shownValue, `<saml:AttributeValue>`+content+`</saml:AttributeValue>`, 1)
}

// extended puts something into the Response, in front of the Assertion.
func extended(content, document string) string {
	return strings.Replace(document, "<samlp:Status>", "<samlp:Extensions>"+content+"</samlp:Extensions><samlp:Status>", 1)
}

// treeEdges are documents on which canonicalizations and the registers of IDs
// may differ.
func treeEdges(k keys) []template {
	return slices.Concat(canonicalEdges(k), identifierEdges(k), namespaceEdges(k), limitEdges(k))
}

func canonicalEdges(k keys) []template {
	var all []template
	documents := map[string]string{
		"a default namespace taken back": valued(`<b xmlns="urn:b"><c xmlns=""><d/></c></b>`),
		"one taken back that is none":    valued(`<a xmlns=""/>`),
		"a prefix declared anew":         valued(`<q:b xmlns:q="urn:b"><q:c xmlns:q="urn:c" q:z="1" a="2"><q:d xmlns:q="urn:b"/></q:c></q:b>`),
		"attributes in another order":    valued(`<b xmlns:z="urn:a" xmlns:y="urn:b" y:b="1" z:c="2" z:a="3" b="4" a="5" B="6" xml:lang="e" xmlns:A="urn:c" A:q="1"/>`),
		"a namespace used in a value":    valued(`<x xmlns:xs="urn:xs">xs:string</x>`),
		"declarations that repeat":       strings.Replace(base, "<saml:Conditions ", `<saml:Conditions xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" `, 1),
		"the declaration of xml":         strings.Replace(base, "<saml:Conditions ", `<saml:Conditions xmlns:xml="http://www.w3.org/XML/1998/namespace" `, 1),
		"unused namespaces":              strings.Replace(base, ` ID="_response"`, ` ID="_response" xmlns="urn:d" xmlns:u="urn:u"`, 1),
		"the default namespace":          defaultNamespaces(base),
		"an ampersand in a namespace":    valued(`<x xmlns:u="urn:a&amp;b" u:x="1"/>`),
		"a quote in a namespace":         valued(`<x xmlns:u="urn:a'b" u:x="1"/>`),
		"an ampersand in an unused one":  valued(`<x xmlns:u="urn:a&amp;b"/>`),
		"odd characters":                 valued("&lt;&gt;&amp;&quot;&apos;'\"&#13;&#10;&#9;\t\r\n é\u00a0\u2028😀]]&gt;"),
		"odd characters in a name":       strings.Replace(base, mailTag, `<saml:Attribute Name="a&lt;b&gt;&amp;&quot;&apos;&#13;&#10;&#9;' é`+"\u00a0\u2028😀"+`"/>`+mailTag, 1),
		"CDATA":                          valued(`<![CDATA[a<b>&amp;]]>x<![CDATA[]]>`),
		"a comment":                      valued(`4<!-- x -->2`),
		"an instruction":                 valued(`4<?x y?>2`),
		"attributes of xml":              strings.Replace(base, shownValue, `<saml:AttributeValue xml:lang="en" xml:space="preserve" xml:base="http://b/">42</saml:AttributeValue>`, 1),
		"xml:base within":                strings.Replace(base, shownValue, `<saml:AttributeValue xml:base="http://b/"><x xmlns="urn:x" xml:base="c"/></saml:AttributeValue>`, 1),
		"xml:id of another attribute":    strings.Replace(base, mailTag, `<saml:Attribute xml:id="q" xml:lang="en" Name="x"/>`+mailTag, 1),
	}
	for name, document := range documents {
		for _, uri := range []string{exclusiveC14N, inclusiveC14N, inclusiveC14N11} {
			b := blank{canonical: uri, transforms: envelopedOnly + transformBy(uri, "")}
			unprefixed := strings.NewReplacer("<ds:", "<", "</ds:", "</", "xmlns:ds=", "xmlns=").Replace(b.String())
			signed := inAssertion(b.String(), document)
			if name == "the default namespace" {
				signed = strings.Replace(document, "</Issuer>", "</Issuer>"+b.String(), 1)
			}
			all = append(all,
				template{name: name + ", " + uri, pair: k.idp, xml: signed},
				template{name: name + ", unprefixed signature, " + uri, pair: k.idp, xml: inAssertion(unprefixed, document)},
			)
		}
	}
	return all
}

func identifierEdges(k keys) []template {
	var all []template
	for _, attribute := range []string{`ID="_assertion"`, `xml:id="_assertion"`, `Id="_assertion"`, `id="_assertion"`, `ID="_response"`, `xml:id="_response"`, `ID="q"`, `xml:id="q"`, `xml:id=" q "`, `xml:id="1 2"`, `xml:id=""`, `ID=""`, `ID="1 2"`} {
		one := `<x xmlns="urn:x" ` + attribute + `/>`
		for name, document := range map[string]string{"once": valued(one), "twice": valued(one + one), "and another": valued(one + `<y xmlns="urn:x" ID="q"/>`)} {
			all = append(all, template{name: fmt.Sprintf("%s %s, Assertion", attribute, name), pair: k.idp, xml: inAssertion(blank{}.String(), document)})
			all = append(all, template{name: fmt.Sprintf("%s %s, Response", attribute, name), pair: k.idp, xml: inResponse(blank{reference: ` URI="#_response"`}.String(), document)})
		}
		all = append(all, template{name: attribute + " before", pair: k.idp, xml: inAssertion(blank{}.String(), base), then: func(s string) string { return extended(one, s) }})
	}
	return all
}

// namespaceEdges have namespaces that may be URIs or not, absolute or relative,
// where they are signed and where they are not.
func namespaceEdges(k keys) []template {
	var all []template
	for _, uri := range []string{
		"u/v", "#f", "?x", "//a/b", ".", "/a", "/", "//", "///", "a//b", "u:v", "a:", "::", "1:2", "%41", "%4", "a#b#c", "{u}", "u|v", "u^v`", `\\srv`, "u&amp;v", "u&#38;v", " urn:x", "urn:x ", "&#10;", "urn:a b",
		"http:", "http:/a", "http://", "http://@/", "http://a@b@c/", "http://[/", "http://[::1]/", "http://a:b/", "http://a:99999999999/", "http://a:/", "urn:[x]", "urn:x?[y]", "urn:x#[y]", "urn:é", "&lt;", "http://w3.org/%",
	} {
		used := `<x xmlns:r="` + uri + `" r:a="1"/>`
		all = append(all, template{name: "namespace " + uri, pair: k.idp, xml: inAssertion(blank{}.String(), valued(used))})
		for name, content := range map[string]string{"unused": `<x xmlns="urn:x" xmlns:r="` + uri + `"/>`, "used": used, "default": `<x xmlns="` + uri + `"/>`} {
			all = append(all, template{name: "namespace outside, " + name + " " + uri, pair: k.idp, xml: inAssertion(blank{}.String(), base), then: func(s string) string { return extended(content, s) }})
		}
	}
	return all
}

func limitEdges(k keys) []template {
	var all []template
	for _, depth := range []int{50, 254, 255, 256, 257, 258} {
		content := strings.Repeat("<a>", depth-2) + strings.Repeat("</a>", depth-2)
		all = append(all, template{name: fmt.Sprintf("depth %d", depth), pair: k.idp, xml: inAssertion(blank{}.String(), base), then: func(s string) string {
			return extended(`<a xmlns="urn:a">`+strings.TrimSuffix(strings.TrimPrefix(content, "<a>"), "</a>")+`</a>`, s)
		}})
	}
	for _, count := range []int{10, 60, 64, 65, 100} {
		var attrs, spaces strings.Builder
		for i := range count {
			fmt.Fprintf(&attrs, ` a%d="1"`, i)
			fmt.Fprintf(&spaces, ` xmlns:a%d="urn:%d"`, i, i)
		}
		all = append(all,
			template{name: fmt.Sprintf("%d attributes", count), pair: k.idp, xml: inAssertion(blank{}.String(), valued(`<x`+attrs.String()+`/>`))},
			template{name: fmt.Sprintf("%d namespaces", count), pair: k.idp, xml: inAssertion(blank{}.String(), valued(`<x`+spaces.String()+`/>`))},
		)
	}
	return all
}
