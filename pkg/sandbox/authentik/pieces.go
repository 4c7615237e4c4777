package authentik

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // a kind of key that authentik knows
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // a fingerprint that authentik tells
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// flows are the flows that a fresh authentik has.
func flows() *kind {
	return &kind{
		path: pathFlows, name: "Flow", lookup: "slug", readOnly: true,
		fields: []field{
			{name: "name", required: true},
			{name: "slug", required: true, unique: true},
			words("title"), words("designation"),
			{name: "policy_engine_mode", standard: "any"},
			flag("compatibility_mode", false),
			{name: "layout", standard: "stacked"},
			{name: "denied_action", standard: "message_continue"},
			{name: "authentication", standard: "none"},
			{name: "background", blank: true},
		},
		filters: []string{"slug", "name", "designation"},
		facts:   Object{"stages": []any{}, "policies": []any{}, "cache_count": 0},
		show: func(a *Authentik, o, out Object, _ url.Values) {
			out["policybindingmodel_ptr_id"] = o[pk]
			out["export_url"] = fmt.Sprintf("/api/v3/%s/%v/export/", pathFlows, o["slug"])
			if a.since(Release202512) {
				out["background_url"], out["background_themed_urls"] = "/static/dist/assets/images/flow_background.jpg", nil
			}
		},
	}
}

// mappingFields are those of every property mapping
// (authentik/core/api/property_mappings.py).
func mappingFields() []field {
	return []field{{name: "name", required: true, unique: true}, {name: "expression", required: true}, {name: "managed", null: true, readOnly: true}}
}

func samlMappings() *kind {
	return &kind{
		path: pathSAMLMappings, name: "SAML Provider Property Mapping", filters: []string{"name", "managed"}, check: checkPython,
		facts:  model("ak-property-mapping-provider-saml-form", "authentik_providers_saml.samlpropertymapping", "SAML Provider Property Mapping"),
		fields: append(mappingFields(), field{name: "saml_name", required: true}, field{name: "friendly_name", null: true, blank: true}),
	}
}

func scimMappings() *kind {
	return &kind{
		path: pathSCIMMappings, name: "SCIM Provider Mapping", filters: []string{"name", "managed"}, check: checkPython, fields: mappingFields(),
		facts: model("ak-property-mapping-provider-scim-form", "authentik_providers_scim.scimmapping", "SCIM Provider Mapping"),
	}
}

// checkPython stands for the compilation of an expression: brackets must match.
func checkPython(_ *Authentik, sent, _ Object) map[string][]string {
	code, _ := sent["expression"].(string)
	var open []rune
	pairs := map[rune]rune{')': '(', ']': '[', '}': '{'}
	for _, r := range code {
		switch {
		case strings.ContainsRune("([{", r):
			open = append(open, r)
		case pairs[r] != 0 && (len(open) == 0 || open[len(open)-1] != pairs[r]):
			return map[string][]string{"expression": {fmt.Sprintf("unmatched '%c' (<string>, line 1)", r)}}
		case pairs[r] != 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return map[string][]string{"expression": {fmt.Sprintf("'%c' was never closed (<string>, line 1)", open[0])}}
	}
	return nil
}

// keyPairs are certificates with and without keys (authentik/crypto/api.py).
func keyPairs() *kind {
	return &kind{
		path: pathKeyPairs, name: "Certificate-Key Pair",
		fields: []field{
			{name: "name", required: true, unique: true},
			{name: "certificate_data", required: true, writeOnly: true},
			{name: "key_data", blank: true, writeOnly: true},
			{name: "managed", null: true, readOnly: true},
		},
		filters: []string{"name", "managed"},
		check:   checkPair,
		show:    (*Authentik).showPair,
		visible: func(_ *Authentik, o Object, asked url.Values) bool {
			hasKey := o["key_data"] != ""
			return o["managed"] != "goauthentik.io/crypto/jwt-managed" && (!asked.Has("has_key") || asked.Get("has_key") == strconv.FormatBool(hasKey))
		},
	}
}

func certificateOf(o Object) (*x509.Certificate, error) {
	data, _ := o["certificate_data"].(string)
	block, _ := pem.Decode([]byte(data))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no PEM block of a certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

// checkPair refuses what cannot be loaded, and a key of another certificate.
func checkPair(_ *Authentik, sent, merged Object) map[string][]string {
	if sent["certificate_data"] == nil && sent["key_data"] == nil {
		return nil
	}
	certificate, err := certificateOf(merged)
	if err != nil {
		return map[string][]string{"certificate_data": {"Unable to load certificate."}}
	}
	key, _ := merged["key_data"].(string)
	if key == "" {
		return nil
	}
	private, err := privateOf(key)
	if err != nil {
		return map[string][]string{"key_data": {"Unable to load private key."}}
	}
	if same, ok := private.Public().(interface{ Equal(x crypto.PublicKey) bool }); ok && !same.Equal(certificate.PublicKey) {
		return map[string][]string{"key_data": {"Private key does not match the certificate."}}
	}
	return nil
}

// privateOf reads a private key of any of the usual encodings, which signs.
func privateOf(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM block")
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, errors.New("no key that signs")
		}
		return signer, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

// showPair tells what is in a pair, unless the query leaves the details out.
func (a *Authentik) showPair(o, out Object, asked url.Values) {
	key, _ := o["key_data"].(string)
	out["private_key_available"] = key != ""
	for _, part := range []string{"certificate", "private_key"} {
		out[part+"_download_url"] = fmt.Sprintf("/api/v3/%s/%v/view_%s/?download", pathKeyPairs, o[pk], part)
	}
	typeField := "key_type"
	if !a.since(Release202512) {
		typeField = "private_key_type"
	}
	for _, name := range []string{"fingerprint_sha256", "fingerprint_sha1", "cert_expiry", "cert_subject", typeField} {
		out[name] = nil
	}
	certificate, err := certificateOf(o)
	if err != nil || asked.Get("include_details") == "false" {
		return
	}
	out["fingerprint_sha256"] = colons(fmt.Sprintf("%x", sha256.Sum256(certificate.Raw)))
	out["fingerprint_sha1"] = colons(fmt.Sprintf("%x", sha1.Sum(certificate.Raw))) //nolint:gosec // as above
	out["cert_expiry"], out["cert_subject"] = certificate.NotAfter.UTC().Format(time.RFC3339), certificate.Subject.String()
	if a.since(Release202512) || key != "" {
		out[typeField] = keyType(certificate.PublicKey)
	}
}

func keyType(public any) string {
	switch public.(type) {
	case *rsa.PublicKey:
		return "rsa"
	case *ecdsa.PublicKey:
		return "ec"
	case *dsa.PublicKey:
		return "dsa"
	case ed25519.PublicKey:
		return "ed25519"
	}
	return "unknown"
}

func colons(hex string) string {
	return strings.Join(slices.Collect(func(yield func(string) bool) {
		for i := 0; i+2 <= len(hex); i += 2 {
			if !yield(hex[i : i+2]) {
				return
			}
		}
	}), ":")
}
