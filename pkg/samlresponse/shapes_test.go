package samlresponse_test

import (
	"strconv"
	"strings"

	dsig "github.com/russellhaering/goxmldsig"
)

// shape writes a response as a product does: its prefixes, its layout, what it
// adds, and how it signs.
type shape struct {
	name      string
	write     func(xml string) string
	places    string // what it signs, for signAll
	canonical string // URI; empty: exclusive
	prefixes  string
}

const (
	instance = ` xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
	basic    = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
)

// shapes are the layouts of real products, as their responses show them.
func shapes() []shape {
	saml2 := func(xml string) string {
		return strings.NewReplacer("saml:", "saml2:", "samlp:", "saml2p:", "xmlns:saml=", "xmlns:saml2=", "xmlns:samlp=", "xmlns:saml2p=").Replace(xml)
	}
	declared := func(xml string) string { return `<?xml version="1.0" encoding="UTF-8"?>` + xml }
	lines := func(xml string) string { return strings.ReplaceAll(xml, "><", ">\n<") }
	typed := func(xml string) string {
		xml = strings.Replace(xml, "<saml:Assertion ", "<saml:Assertion"+instance+" ", 1)
		return strings.ReplaceAll(xml, "<saml:AttributeValue>", `<saml:AttributeValue xsi:type="xs:string">`)
	}
	friendly := func(xml string) string {
		parts := strings.Split(xml, "<saml:Attribute Name=")
		for i := range parts[1:] {
			parts[i+1] = `<saml:Attribute FriendlyName="value` + strconv.Itoa(i) + `" NameFormat="` + basic + `" Name=` + parts[i+1]
		}
		return strings.Join(parts, "")
	}
	// Assertion and all below it in the default namespace.
	unprefixed := func(xml string) string {
		before, rest, found := strings.Cut(xml, "<saml:Assertion ")
		inner, after, closed := strings.Cut(rest, "</saml:Assertion>")
		if !found || !closed {
			return xml
		}
		inner = strings.NewReplacer("<saml:", "<", "</saml:", "</").Replace(inner)
		return before + `<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ` + inner + "</Assertion>" + after
	}
	chain := func(steps ...func(string) string) func(string) string {
		return func(xml string) string {
			for _, step := range steps {
				xml = step(xml)
			}
			return xml
		}
	}
	exclusive := string(dsig.CanonicalXML10ExclusiveAlgorithmId)
	return []shape{
		{"authentik before 2026.5", friendly, "a", "", ""},
		{"authentik from 2026.5 on", chain(friendly, typed), "ar", "", ""},
		{"Okta", chain(typed, saml2, declared), "ar", exclusive, "xs"},
		{"Entra", unprefixed, "a", "", ""},
		{"ADFS", chain(unprefixed, declared), "a", "", ""},
		{"Google", chain(typed, saml2, declared, lines), "r", "", ""},
		{"OneLogin", chain(typed, declared), "r", "", ""},
		{"JumpCloud", chain(saml2, lines), "a", "", ""},
		{"Keycloak", chain(friendly, typed), "ar", "", ""},
		{"Shibboleth", chain(typed, friendly, saml2, declared, lines), "r", "", "xs"},
		{"inclusive canonicalization", typed, "a", string(dsig.CanonicalXML10RecAlgorithmId), ""},
		{"Canonical XML 1.1", typed, "r", string(dsig.CanonicalXML11AlgorithmId), ""},
	}
}
