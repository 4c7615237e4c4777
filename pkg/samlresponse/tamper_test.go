package samlresponse_test

import (
	"regexp"
	"strings"
)

// tampering is done to a response that is signed.
func tampering() []mutation {
	const evil = `<saml:Assertion Version="2.0" ID="_evil" IssueInstant="2026-09-01T12:00:00Z"><saml:Issuer>` + idpEntity + `</saml:Issuer></saml:Assertion>`
	all := []mutation{
		swap("other mail", `<saml:AttributeValue>ada@`, `<saml:AttributeValue>eve@`),
		swap("other NameID", `>ada@acme.test</saml:NameID>`, `>eve@acme.test</saml:NameID>`),
		swap("comment put into NameID", `>ada@acme.test</saml:NameID>`, `>ada<!-- x -->@acme.test</saml:NameID>`),
		swap("comment put into a value", `<saml:AttributeValue>ada@`, `<saml:AttributeValue>a<!---->da@`),
		swap("instruction put into a value", `<saml:AttributeValue>ada@`, `<saml:AttributeValue>a<?x?>da@`),
		swap("CDATA put into a value", `<saml:AttributeValue>ada@`, `<saml:AttributeValue><![CDATA[ada]]>@`),
		swap("reference put into a value", `<saml:AttributeValue>ada@`, `<saml:AttributeValue>&#97;da@`),
		swap("space put into a value", `<saml:AttributeValue>ada@`, `<saml:AttributeValue> ada@`),
		swap("space put into a tag", `<saml:AttributeStatement>`, "<saml:AttributeStatement\n >"),
		swap("single quotes", `Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"`, `Method='urn:oasis:names:tc:SAML:2.0:cm:bearer'`),
		swap("empty element written out", `:Success"/>`, `:Success"></samlp:StatusCode>`),
		swap("declaration before", `<samlp:Response`, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<samlp:Response"),
		swap("space before the declaration", `<samlp:Response`, ` <?xml version="1.0"?><samlp:Response`),
		swap("byte order mark", `<samlp:Response`, "\uFEFF<samlp:Response"),
		swap("comment before", `<samlp:Response`, `<!-- x --><samlp:Response`),
		swap("comment after", `</samlp:Response>`, `</samlp:Response><!-- x -->`+"\n"),
		swap("text after", `</samlp:Response>`, `</samlp:Response>x`),
		swap("second root", `</samlp:Response>`, `</samlp:Response><x/>`),
		swap("cut off", `</samlp:Response>`, ``),
		swap("doctype", `<samlp:Response`, `<!DOCTYPE samlp:Response><samlp:Response`),
		swap("entity", `<samlp:Response`, `<!DOCTYPE x [<!ENTITY e "eve">]><samlp:Response`),
		swap("undeclared entity", `<saml:AttributeValue>ada@`, `<saml:AttributeValue>&e;@`),
		swap("undeclared prefix", `<saml:AttributeStatement>`, `<saml:AttributeStatement q:x="1">`),
		swap("repeated XML attribute", ` Destination=`, ` Version="2.0" Destination=`),
		swap("no space between attributes", `" Destination=`, `"Destination=`),
		swap("control character", `<saml:AttributeValue>ada@`, "<saml:AttributeValue>\x01ada@"),
		swap("broken UTF-8", `<saml:AttributeValue>ada@`, "<saml:AttributeValue>\xffada@"),
		swap("unused namespace declared", `<saml:Assertion `, `<saml:Assertion xmlns:unused="urn:unused" `),
		swap("issuer of the response changed", `:entity">`+idpEntity, `:entity">https://evil.example.com/`),
		swap("destination changed", `Destination="`+acs, `Destination="https://evil.example.com/`),
		swap("InResponseTo added to", ` InResponseTo="ONELOGIN_ask">`, ` InResponseTo="ONELOGIN_evil">`),
		swap("status message added", `:Success"/>`, `:Success"/><samlp:StatusMessage>x</samlp:StatusMessage>`),
		swap("evil assertion before", `<saml:Assertion `, evil+`<saml:Assertion `),
		swap("evil assertion after", `</samlp:Response>`, evil+`</samlp:Response>`),
		swap("evil assertion in extensions", `<samlp:Status>`, `<samlp:Extensions>`+evil+`</samlp:Extensions><samlp:Status>`),
		swap("xml:id of the assertion elsewhere", `<samlp:Status>`, `<samlp:Extensions><x xmlns="urn:x" xml:id="_assertion"/></samlp:Extensions><samlp:Status>`),
		swap("another xml:id", `<samlp:Status>`, `<samlp:Extensions><x xmlns="urn:x" xml:id="_x"/></samlp:Extensions><samlp:Status>`),
		swap("instruction whose name has a colon", `<saml:AttributeValue>ada@`, `<saml:AttributeValue><?a:b c?>ada@`),
		{"signature value broken", func(s string) string { return breakBase64(s, "SignatureValue") }},
		{"digest value broken", func(s string) string { return breakBase64(s, "DigestValue") }},
		cut("first signature stripped", `<ds:Signature .*?</ds:Signature>`),
		{"all signatures stripped", func(s string) string { return wholeSignature.ReplaceAllString(s, "") }},
		{"first signature doubled", func(s string) string { return wholeSignature.ReplaceAllStringFunc(s, twice()) }},
		swap("signature over nothing", `<ds:Reference URI="#_`, `<ds:Reference URI="" Id="x`),
		swap("reference to another", `<ds:Reference URI="#_`, `<ds:Reference URI="#_x`),
		swap("reference to a file", `<ds:Reference URI="#_`, `<ds:Reference URI="file:///etc/passwd#_`),
		swap("reference by xpointer", `<ds:Reference URI="#_assertion"`, `<ds:Reference URI="#xpointer(id('_assertion'))"`),
		{"reference without URI", func(s string) string { return referenceURI.ReplaceAllString(s, `<ds:Reference>`) }},
		{"two references", func(s string) string { return firstReference.ReplaceAllString(s, `$1$1`) }},
		swap("no digest method", `<ds:DigestMethod `, `<ds:DigestMethodX `),
		swap("enveloped transform away", `<ds:Transform Algorithm="`+xmlSig+`enveloped-signature"/>`, ``),
		swap("XPath transform", `<ds:Transform Algorithm="`+xmlSig+`enveloped-signature"/>`, `<ds:Transform Algorithm="`+xmlSig+`enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>true()</ds:XPath></ds:Transform>`),
		swap("XSLT transform", `<ds:Transform Algorithm="`+xmlSig+`enveloped-signature"/>`, `<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"><x xmlns="urn:x"/></ds:Transform>`),
		swap("base64 transform", `<ds:Transform Algorithm="`+xmlSig+`enveloped-signature"/>`, `<ds:Transform Algorithm="`+xmlSig+`base64"/>`),
		swap("object in the signature", `</ds:Signature>`, `<ds:Object><x xmlns="urn:x"/></ds:Object></ds:Signature>`),
		swap("assertion in an object", `</ds:Signature>`, `<ds:Object>`+evil+`</ds:Object></ds:Signature>`),
		swap("manifest in an object", `</ds:Signature>`, `<ds:Object><ds:Manifest><ds:Reference URI="#_assertion"><ds:DigestMethod Algorithm="urn:x"/><ds:DigestValue>AA==</ds:DigestValue></ds:Reference></ds:Manifest></ds:Object></ds:Signature>`),
		swap("unknown signature method", `rsa-sha256"`, `rsa-sha257"`),
		swap("HMAC", more+`rsa-sha256"`, xmlSig+`hmac-sha1"`),
		swap("unknown canonicalization", `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"`, `<ds:CanonicalizationMethod Algorithm="urn:x"`),
		swap("child of the canonicalization", `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>`, `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="saml"/></ds:CanonicalizationMethod>`),
		swap("KeyInfo emptied", `<ds:X509Data>`, `<ds:KeyName>x</ds:KeyName><ds:X509Data>`),
		swap("RSA key in KeyInfo", `<ds:X509Data>`, `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AAAA</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue><ds:X509Data>`),
		{"signature value in lines", wrapSignature},
		swap("signature in the subject", `<saml:Subject>`, `<saml:Subject><ds:Signature xmlns:ds="`+xmlSig+`"/>`),
		swap("signature in the status", `<samlp:Status>`, `<samlp:Status><ds:Signature xmlns:ds="`+xmlSig+`"/>`),
		swap("repeated Id in the signature", `<ds:SignedInfo>`, `<ds:SignedInfo Id="_assertion">`),
		swap("ID of the assertion cut", ` ID="_assertion"`, ``),
		swap("ID of the assertion emptied", `ID="_assertion"`, `ID=""`),
		swap("signed Response in extensions", `<samlp:Status>`, `<samlp:Extensions><x xmlns="urn:x"><samlp:Response ID="_r2"><ds:Signature xmlns:ds="`+xmlSig+`"/></samlp:Response></x></samlp:Extensions><samlp:Status>`),
		swap("two signed Responses in extensions", `<samlp:Status>`, `<samlp:Extensions><x xmlns="urn:x"><samlp:Response ID="_r2"><ds:Signature xmlns:ds="`+xmlSig+`"/></samlp:Response><samlp:Response ID="_r3"><ds:Signature xmlns:ds="`+xmlSig+`"/></samlp:Response></x></samlp:Extensions><samlp:Status>`),
		swap("second signature of the Response without reference", `<samlp:Status>`, `<samlp:Response ID="_r2"><ds:Signature xmlns:ds="`+xmlSig+`"><ds:SignedInfo><ds:Reference/></ds:SignedInfo></ds:Signature></samlp:Response><samlp:Status>`),
		swap("ID of the assertion changed", `ID="_assertion"`, `ID="_evil"`),
		swap("ID of the assertion repeated", `ID="_response"`, `ID="_assertion"`),
		swapAll("namespaces of SAML 1.1", "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:1.0:assertion"),
		swapAll("other prefix", "samlp:Status", "saml:Status"),
	}
	return append(all, wrapping()...)
}

var (
	wholeSignature = regexp.MustCompile(`(?s)<ds:Signature .*?</ds:Signature>`)
	referenceURI   = regexp.MustCompile(`<ds:Reference URI="[^"]*">`)
	firstReference = regexp.MustCompile(`(?s)(<ds:Reference .*?</ds:Reference>)`)
	wholeAssertion = regexp.MustCompile(`(?s)<saml:Assertion .*</saml:Assertion>`)
	valueText      = regexp.MustCompile(`(<ds:SignatureValue>)([^<]*)(<)`)
)

func twice() func(string) string {
	done := false
	return func(s string) string {
		if done {
			return s
		}
		done = true
		return s + s
	}
}

func breakBase64(s, element string) string {
	i := strings.Index(s, "<ds:"+element+">")
	if i < 0 {
		return s
	}
	i += len("<ds:" + element + ">")
	replacement := "A"
	if s[i] == 'A' {
		replacement = "B"
	}
	return s[:i] + replacement + s[i+1:]
}

func wrapSignature(s string) string {
	return valueText.ReplaceAllStringFunc(s, func(found string) string {
		parts := valueText.FindStringSubmatch(found)
		return parts[1] + "\n  " + parts[2][:40] + "\r\n\t" + parts[2][40:] + "\n" + parts[3]
	})
}

// wrapping are the ways to move a signed assertion out of sight and put another
// one in its place (Somorovsky et al., On Breaking SAML, 2012).
func wrapping() []mutation {
	wrap := func(name string, change func(original, forged, document string) string) mutation {
		return mutation{"wrapped: " + name, func(s string) string {
			original := wholeAssertion.FindString(s)
			if original == "" {
				return s
			}
			forged := strings.ReplaceAll(wholeSignature.ReplaceAllString(original, ""), "ada@", "eve@")
			return change(original, forged, s)
		}}
	}
	inSignature := func(s, child string) string { return strings.Replace(s, "</ds:Signature>", child+"</ds:Signature>", 1) }
	evilID := func(s string) string { return strings.Replace(s, `ID="_assertion"`, `ID="_evil"`, 1) }
	return []mutation{
		wrap("beside, before", func(original, forged, s string) string {
			return strings.Replace(s, original, evilID(forged)+original, 1)
		}),
		wrap("beside, after, same ID", func(original, forged, s string) string { return strings.Replace(s, original, original+forged, 1) }),
		wrap("original in the forged one", func(original, forged, s string) string {
			return strings.Replace(s, original, strings.Replace(evilID(forged), "</saml:Assertion>", original+"</saml:Assertion>", 1), 1)
		}),
		wrap("original in the forged one's advice", func(original, forged, s string) string {
			return strings.Replace(s, original, strings.Replace(evilID(forged), "</saml:Conditions>", "</saml:Conditions><saml:Advice>"+original+"</saml:Advice>", 1), 1)
		}),
		wrap("original in the signature's object", func(original, forged, s string) string {
			signature := wholeSignature.FindString(original)
			bare := strings.Replace(original, signature, "", 1)
			moved := strings.Replace(evilID(forged), "</saml:Issuer>", "</saml:Issuer>"+inSignature(signature, "<ds:Object>"+bare+"</ds:Object>"), 1)
			return strings.Replace(s, original, moved, 1)
		}),
		wrap("original in extensions", func(original, forged, s string) string {
			return strings.Replace(strings.Replace(s, original, evilID(forged), 1), "<samlp:Status>", "<samlp:Extensions>"+original+"</samlp:Extensions><samlp:Status>", 1)
		}),
		wrap("signature on the forged one", func(original, forged, s string) string {
			signature := wholeSignature.FindString(original)
			return strings.Replace(s, original, strings.Replace(forged, "</saml:Issuer>", "</saml:Issuer>"+signature, 1), 1)
		}),
		wrap("response in the forged one", func(_, forged, s string) string {
			outer := strings.Replace(s[:strings.Index(s, ">")+1], `ID="_response"`, `ID="_evil"`, 1)
			return outer + `<saml:Issuer>` + idpEntity + `</saml:Issuer><samlp:Extensions>` + s + `</samlp:Extensions><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>` + forged + `</samlp:Response>`
		}),
	}
}
