package integration

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// IDs of the objects that others refer to.
const (
	idKeyPair      = "signing"
	idMapping      = "scim-user"
	idSAML         = "saml"
	idApplication  = "application"
	idSCIM         = "scim"
	idBackchannel  = "backchannel"
	managedSAML    = "goauthentik.io/providers/saml/"
	managedSCIM    = "goauthentik.io/providers/scim/"
	digestSHA256   = "http://www.w3.org/2001/04/xmlenc#sha256"
	signatureSpace = "http://www.w3.org/2001/04/xmldsig-more#"
	policyMode     = "policy_engine_mode"

	// MappingName is the SCIM mapping's name in the integration guide.
	MappingName = "Sentry SCIM user"
)

// Want works out the objects. It is pure: the same settings and release give the
// same objects. Impossible settings are fault.Usage.
func Want(given Settings, c authentik.Capabilities) (*Desired, error) {
	s := given.withDefaults()
	if err := s.check(); err != nil {
		return nil, err
	}
	w := wanted{Settings: s, given: given, capabilities: c}
	d := &Desired{Release: c.Release.String()}
	if s.Signing.Upload != nil {
		d.Objects = append(d.Objects, keyPair(s.Signing))
	}
	if s.WithSCIM {
		d.Objects = append(d.Objects, w.scimMapping())
	}
	d.Objects = append(d.Objects, w.samlProvider(), w.application())
	d.Objects = append(d.Objects, bindings(s)...)
	if s.WithSCIM {
		d.Objects = append(d.Objects, w.scimProvider(), backchannel(s))
	}
	return d, nil
}

// wanted is what the objects follow from: settings with their defaults, and as
// they were given, which says what is named.
type wanted struct {
	Settings

	given        Settings
	capabilities authentik.Capabilities
}

// choice is a field that keeps its value on an object that exists, unless it is
// named.
func choice(name string, value Value, named bool) Field {
	if named {
		return set(name, value)
	}
	return Field{Name: name, Value: value, Kept: Always}
}

func set(name string, value Value) Field { return Field{Name: name, Value: value} }

func keyPair(s Signing) Object {
	return Object{
		ID: idKeyPair, Kind: KeyPair, Part: SAML, Name: s.Name,
		Match: []Field{set("name", s.Name)},
		Fields: []Field{
			{Name: "certificate_data", Value: strings.TrimSpace(s.Upload.Certificate), Told: "fingerprint_sha256", Want: s.Upload.Fingerprint},
			{
				Name: "key_data", Told: "private_key_available", Want: "true",
				Value: Secret{Env: "SENTRY_SAML_SIGNING_KEY", Variable: "saml_signing_key", Setting: "authentik.key_file", Value: s.Upload.Key},
			},
		},
		Together: []string{"certificate_data", "key_data"},
	}
}

// samlProvider sets what Sentry takes in one form only (its settings for
// python3-saml: strict, no key of its own, SLS by redirect), and else what is named.
func (w wanted) samlProvider() Object {
	signing := Field{Name: "signing_kp", Value: Lookup{KeyPair, "name", w.Signing.Name}}
	switch {
	case w.Signing.Upload != nil:
		signing.Value = Ref(idKeyPair)
	case !w.given.Signing.named():
		signing.Kept = IfSet
	}
	mapping := func(name string) Lookup { return Lookup{SAMLMapping, "managed", managedSAML + name} }
	return Object{
		ID: idSAML, Kind: SAMLProvider, Part: SAML, Name: w.SAMLProvider, Named: w.given.SAMLProvider != "",
		Match: []Field{set("name", w.SAMLProvider)},
		Fields: []Field{
			choice("authorization_flow", Lookup{Flow, "slug", w.AuthorizationFlow}, w.given.AuthorizationFlow != ""),
			choice("invalidation_flow", Lookup{Flow, "slug", w.InvalidationFlow}, w.given.InvalidationFlow != ""),
			set("acs_url", w.URLs.ACSURL),
			set("audience", w.URLs.Audience),
			choice(w.capabilities.IssuerField(), issuer(w.Settings, w.capabilities), w.given.Issuer != ""),
			set("sp_binding", "post"), // the API's default is redirect, which Sentry's ACS does not take
			set("sls_url", w.URLs.SLSURL),
			set("sls_binding", "redirect"), // the only one that Sentry's SLS takes
			signing,
			set("sign_assertion", true),
			choice("sign_response", false, false), // Sentry is reported to reject what is signed twice
			choice("digest_algorithm", digestSHA256, false),
			{Name: "signature_algorithm", Value: SignatureAlgorithm(w.Signing.Algorithm), Fits: signatureAlgorithms(w.Signing.Algorithm)},
			set("verification_kp", nil), // Sentry signs no requests
			set("encryption_kp", nil),   // and reads no encrypted assertions
			set("name_id_mapping", mapping("uid")),
			set("property_mappings", Includes{mapping("uid"), mapping("email"), mapping("name")}),
		},
		Together: []string{"signing_kp", "sign_assertion", "sign_response"},
	}
}

// signatureAlgorithms are those that a kind of key can sign with. Sentry takes
// them all.
func signatureAlgorithms(key KeyAlgorithm) []string {
	if key == EC {
		return []string{signatureSpace + "ecdsa-sha1", signatureSpace + "ecdsa-sha256", signatureSpace + "ecdsa-sha384", signatureSpace + "ecdsa-sha512"}
	}
	const old = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
	return []string{old, signatureSpace + "rsa-sha256", signatureSpace + "rsa-sha384", signatureSpace + "rsa-sha512"}
}

// issuer is empty since 2026.5, where authentik then uses the metadata URL.
func issuer(s Settings, c authentik.Capabilities) string {
	if s.Issuer != "" || c.IssuerOverride {
		return s.Issuer
	}
	return s.MetadataURL()
}

// SignatureAlgorithm is the algorithm, by its URI, that authentik has to be told
// for a kind of key: it does not look at the key itself.
func SignatureAlgorithm(key KeyAlgorithm) string {
	if key == EC {
		return signatureSpace + "ecdsa-sha256"
	}
	return signatureSpace + "rsa-sha256"
}

func (w wanted) application() Object {
	return Object{
		ID: idApplication, Kind: Application, Part: SAML, Name: w.Application,
		Match: []Field{set("slug", w.Application)},
		Fields: []Field{
			choice("name", w.Name, w.given.Name != ""),
			set("provider", Ref(idSAML)),
			choice("meta_launch_url", w.URLs.LoginURL, false),
			choice(policyMode, w.PolicyMode, w.given.PolicyMode != ""),
		},
	}
}

// FittingAlgorithm is the present signature algorithm, by its URI, if the kind of key
// can sign with it, and else the SignatureAlgorithm of the kind.
func FittingAlgorithm(key KeyAlgorithm, present string) string {
	if slices.Contains(signatureAlgorithms(key), present) {
		return present
	}
	return SignatureAlgorithm(key)
}

// bindings let groups and people use the application.
func bindings(s Settings) []Object {
	var objects []Object
	add := func(kind Kind, by, name string) {
		objects = append(objects, Object{
			ID: string(kind) + " " + name, Kind: Binding, Part: SAML, Name: s.Application + " for the " + string(kind) + " " + name,
			Match:  []Field{set("target", Ref(idApplication)), set(string(kind), Lookup{kind, by, name})},
			Fields: []Field{choice("order", len(objects), false), set("enabled", true), set("negate", false)},
			// authentik wants to see whom a binding binds to what in each request
			// (authentik/policies/api/bindings.py validate).
			Together: []string{"target", string(kind), "enabled", "negate"},
		})
	}
	for _, name := range s.BindGroups {
		add(Group, "name", name)
	}
	for _, name := range s.BindUsers {
		add(User, "username", name)
	}
	return objects
}
