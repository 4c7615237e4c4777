package samlresponse_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/keypair"
)

func prefixList(prefixes string) string {
	return `<ec:InclusiveNamespaces xmlns:ec="` + exclusiveC14N + `" PrefixList="` + prefixes + `"/>`
}

// signatureEdges are responses with the signatures that libxmlsec can make.
func signatureEdges(k keys) []template {
	var all []template
	add := func(name string, pair *keypair.Pair, b blank) {
		all = append(all, template{name: name, pair: pair, xml: inAssertion(b.String(), base)})
	}
	forms := []string{
		exclusiveC14N, exclusiveC14N + "WithComments", inclusiveC14N, inclusiveC14N + "#WithComments", inclusiveC14N11, inclusiveC14N11 + "#WithComments",
	}
	lists := map[string]string{
		"enveloped alone":                  envelopedOnly,
		"enveloped twice":                  envelopedOnly + envelopedOnly + transformBy(exclusiveC14N, ""),
		"enveloped last":                   transformBy(exclusiveC14N, "") + envelopedOnly,
		"prefixes":                         envelopedOnly + transformBy(exclusiveC14N, prefixList("  saml   xs #default ")),
		"two lists of prefixes":            envelopedOnly + transformBy(exclusiveC14N, prefixList("saml")+prefixList("xs")),
		"a foreign parameter":              envelopedOnly + transformBy(exclusiveC14N, `<x xmlns="urn:x"/>`),
		"prefixes for an inclusive one":    envelopedOnly + transformBy(inclusiveC14N, prefixList("saml")),
		"a parameter of the enveloped one": transformBy(xmlSig+"enveloped-signature", `<x xmlns="urn:x"/>`),
		"XPath":                            transformBy("http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>") + transformBy(exclusiveC14N, ""),
		"base64":                           envelopedOnly + transformBy(xmlSig+"base64", ""),
		"eight transforms":                 envelopedOnly + strings.Repeat(transformBy(exclusiveC14N, ""), 7),
		"nine transforms":                  envelopedOnly + strings.Repeat(transformBy(exclusiveC14N, ""), 8),
	}
	for _, first := range forms {
		add("canonicalized by "+first, k.idp, blank{canonical: first})
		lists["one, "+first] = envelopedOnly + transformBy(first, "")
		for _, second := range forms {
			lists["two, "+first+", "+second] = envelopedOnly + transformBy(first, "") + transformBy(second, "")
		}
	}
	for name, list := range lists {
		b := blank{transforms: list}
		add("transforms: "+name, k.idp, b)
		all = append(all, template{name: "transforms, indented: " + name, pair: k.idp, xml: strings.ReplaceAll(inAssertion(b.String(), base), "><", ">\n  <")})
		b.reference = ` URI="#_response"`
		all = append(all, template{name: "transforms of the Response: " + name, pair: k.idp, xml: inResponse(b.String(), base)})
	}
	for name, b := range map[string]blank{
		"parameters of the canonicalization":    {inCanonical: prefixList("saml")},
		"parameters of an inclusive one":        {canonical: inclusiveC14N, inCanonical: prefixList("saml")},
		"an output length":                      {inMethod: "<ds:HMACOutputLength>128</ds:HMACOutputLength>"},
		"a parameter of the method":             {inMethod: `<x xmlns="urn:x"/>`},
		"reference to the document":             {reference: ` URI=""`},
		"reference without URI":                 {reference: " "},
		"reference by XPointer":                 {reference: ` URI="#xpointer(id('_assertion'))"`},
		"reference with Id and Type":            {reference: ` Id="r" Type="urn:x" URI="#_assertion"`},
		"an empty object":                       {after: `<ds:Object/>`},
		"an object":                             {after: `<ds:Object Id="o" MimeType="a/b" Encoding="urn:b">text<x xmlns="urn:x"/></ds:Object><ds:Object/>`},
		"an object with an ID":                  {after: `<ds:Object><x xmlns="urn:x" ID="_assertion"/></ds:Object>`},
		"an object with its own properties":     {after: `<ds:Object><ds:SignatureProperties><ds:SignatureProperty Target="#s">x</ds:SignatureProperty></ds:SignatureProperties></ds:Object>`},
		"an object with a Manifest":             {after: `<ds:Object><ds:Manifest><ds:Reference URI="#_assertion"><ds:DigestMethod Algorithm="` + xmlEnc + `sha256"/><ds:DigestValue/></ds:Reference></ds:Manifest></ds:Object>`},
		"an object with a broken Manifest":      {after: `<ds:Object><ds:Manifest><ds:Reference URI="#_assertion"><ds:DigestMethod Algorithm="urn:x"/><ds:DigestValue/></ds:Reference></ds:Manifest></ds:Object>`},
		"an object with something like it":      {after: `<ds:Object><x xmlns="urn:x"><ds:Manifest Id="m"><ds:Reference URI=""><ds:DigestMethod Algorithm="urn:x"/><ds:DigestValue/></ds:Reference></ds:Manifest></x></ds:Object>`},
		"a foreign element after the signature": {after: `<x xmlns="urn:x"/>`},
	} {
		add(name, k.idp, b)
		all = append(all, template{name: name + ", in the Response", pair: k.idp, xml: inResponse(strings.Replace(b.String(), "#_assertion", "#_response", 1), base)})
	}
	return slices.Concat(all, methodEdges(k), keyInfoEdges(k), valueEdges(k))
}

// methodEdges have every method and digest that libxmlsec may know.
func methodEdges(k keys) []template {
	var all []template
	for _, namespace := range []string{xmlSig, more, xmlEnc, newerXMLSig, newestXMLSig} {
		for _, hash := range []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "ripemd160", "whirlpool"} {
			all = append(all,
				template{name: "digest " + namespace + hash, pair: k.idp, xml: inAssertion(blank{digest: namespace + hash}.String(), base)},
				template{name: "method " + namespace + "rsa-" + hash, pair: k.idp, xml: inAssertion(blank{method: namespace + "rsa-" + hash}.String(), base)},
				template{name: "method " + namespace + hash + "-rsa-MGF1", pair: k.idp, xml: inAssertion(blank{method: namespace + hash + "-rsa-MGF1"}.String(), base)},
				template{name: "method P-256 " + namespace + "ecdsa-" + hash, pair: k.p256, xml: inAssertion(blank{method: namespace + "ecdsa-" + hash}.String(), base)},
				template{name: "method P-384 " + namespace + "ecdsa-" + hash, pair: k.p384, xml: inAssertion(blank{method: namespace + "ecdsa-" + hash}.String(), base)},
			)
		}
	}
	return all
}

// keyInfoEdges have other things in KeyInfo than a certificate. Put in after
// signing, as libxmlsec would read them.
func keyInfoEdges(k keys) []template {
	var all []template
	for name, content := range map[string]string{
		"names":           `<ds:KeyName>x</ds:KeyName><ds:MgmtData>x</ds:MgmtData>`,
		"RSA":             `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`,
		"DSA":             `<ds:KeyValue><ds:DSAKeyValue><ds:P>AAAA</ds:P><ds:Q>AAAA</ds:Q><ds:G>AAAA</ds:G><ds:Y>AAAA</ds:Y></ds:DSAKeyValue></ds:KeyValue>`,
		"half of DSA":     `<ds:KeyValue><ds:DSAKeyValue><ds:P>AAAA</ds:P><ds:Y>AAAA</ds:Y></ds:DSAKeyValue></ds:KeyValue>`,
		"a curve":         `<ds:KeyValue><d:ECKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#"/></ds:KeyValue>`,
		"retrieval":       `<ds:RetrievalMethod URI="#x"/>`,
		"PGP":             `<ds:PGPData><ds:PGPKeyID>AAAA</ds:PGPKeyID><ds:PGPKeyPacket>AAAA</ds:PGPKeyPacket></ds:PGPData>`,
		"SPKI":            `<ds:SPKIData><ds:SPKISexp>AAAA</ds:SPKISexp></ds:SPKIData>`,
		"serial":          `<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>`,
		"key id":          `<ds:X509Data><ds:X509SKI>AAAA</ds:X509SKI><ds:X509SubjectName>CN=x</ds:X509SubjectName><ds:X509CRL>AAAA</ds:X509CRL></ds:X509Data>`,
		"AgreementMethod": `<e:AgreementMethod xmlns:e="http://www.w3.org/2001/04/xmlenc#" Algorithm="urn:x"/>`,
		"a token":         `<o:SecurityTokenReference xmlns:o="urn:o"><ds:X509Data><ds:X509SKI>AAAA</ds:X509SKI></ds:X509Data></o:SecurityTokenReference>`,
		"text":            `x`,
		"nothing":         ``,
		"empty data":      `<ds:X509Data/>`,
	} {
		all = append(all, template{name: "KeyInfo: " + name, pair: k.idp, xml: inAssertion(blank{}.String(), base), then: func(s string) string {
			return strings.Replace(s, "</ds:SignatureValue>", "</ds:SignatureValue><ds:KeyInfo>"+content+"</ds:KeyInfo>", 1)
		}})
	}
	for _, text := range []string{
		"", "!!!!", "é", "A", "AAAA", "AA=A", "AAAA====", "AB==", "AA==", "AAF=", "AA= =", "A!A!A!A", "AAA=AAA=", "not base64", "AA\u00a0AA",
		"-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----",
	} {
		all = append(all, template{name: fmt.Sprintf("certificate %q", text), pair: k.idp, xml: inAssertion(blank{}.String(), base), then: func(s string) string {
			data := "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + text + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
			return strings.Replace(s, "</ds:SignatureValue>", "</ds:SignatureValue>"+data, 1)
		}})
	}
	return all
}

// valueEdges write the values of a signature otherwise.
func valueEdges(k keys) []template {
	var all []template
	insert := func(what string) func(string) string { return func(v string) string { return v[:9] + what + v[9:] } }
	raw := func(change func([]byte) []byte) func(string) string {
		return func(v string) string {
			data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(v), ""))
			if err != nil {
				return err.Error()
			}
			return base64.StdEncoding.EncodeToString(change(data))
		}
	}
	padded := func(size int) func([]byte) []byte {
		return func(value []byte) []byte {
			half, out := len(value)/2, make([]byte, 2*size)
			copy(out[max(0, size-half):size], value[max(0, half-size):half])
			copy(out[size+max(0, size-half):], value[half+max(0, half-size):])
			return out
		}
	}
	type edit struct {
		name   string
		pair   *keypair.Pair
		change func(string) string
	}
	edits := []edit{
		{"a zero before", k.idp, raw(func(b []byte) []byte { return append([]byte{0}, b...) })},
		{"a byte less", k.idp, raw(func(b []byte) []byte { return b[:len(b)-1] })},
		{"no padding", k.idp, func(v string) string { return strings.TrimRight(v, "=") }},
		{"more padding", k.idp, func(v string) string { return v + "=" }},
		{"text after it", k.idp, func(v string) string { return v + "AAAA" }},
		{"nothing", k.idp, func(string) string { return "" }},
		{"CDATA", k.idp, func(v string) string { return "<![CDATA[" + v + "]]>" }},
		{"URL letters", k.idp, strings.NewReplacer("+", "-", "/", "_").Replace},
		{"halves of 33 bytes", k.p256, raw(padded(33))},
		{"halves of 64 bytes", k.p256, raw(padded(64))},
		{"halves of 256 bytes", k.p256, raw(padded(256))},
		{"an odd length", k.p256, raw(func(b []byte) []byte { return append(padded(32)(b), 0) })},
		{"halves longer than the key has bits", k.p256, raw(padded(257))},
		{"halves of 48 bytes", k.p384, raw(padded(48))},
		{"halves of 47 bytes", k.p384, raw(padded(47))},
	}
	for _, what := range []string{"\u00a0", "\u0085", "\u2028", "\u2003", "\u200c", "\ufeff", "  ", "\t", "\n", "&#13;", "!", "<!-- x -->", "<?x?>", "<x/>"} {
		edits = append(edits, edit{fmt.Sprintf("%q in it", what), k.idp, insert(what)})
	}
	for _, e := range edits {
		b := blank{}
		if e.pair != k.idp {
			b.method = more + "ecdsa-sha256"
		}
		for _, element := range []string{"SignatureValue", "DigestValue"} {
			text := regexp.MustCompile(`(<ds:` + element + `>)([^<]*)<`)
			all = append(all, template{name: element + ": " + e.name, pair: e.pair, xml: inAssertion(b.String(), base), then: func(s string) string {
				return text.ReplaceAllStringFunc(s, func(found string) string {
					parts := text.FindStringSubmatch(found)
					return parts[1] + e.change(parts[2]) + "<"
				})
			}})
		}
	}
	return all
}
