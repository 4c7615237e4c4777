package integration

import (
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

	// MappingName is the SCIM mapping's name in the integration guide.
	MappingName = "Sentry SCIM user"
)

// Want works out the objects. It is pure: the same settings and release give the
// same objects. Impossible settings are fault.Usage.
func Want(s Settings, c authentik.Capabilities) (*Desired, error) {
	s = s.withDefaults()
	if err := s.check(); err != nil {
		return nil, err
	}
	d := &Desired{Release: c.Release.String()}
	if s.Signing.Upload != nil {
		d.Objects = append(d.Objects, keyPair(s.Signing))
	}
	d.Objects = append(d.Objects, scimMapping(), samlProvider(s, c), application(s))
	d.Objects = append(d.Objects, bindings(s)...)
	if s.WithSCIM {
		d.Objects = append(d.Objects, scimProvider(s, c), backchannel(s))
	}
	return d, nil
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

func samlProvider(s Settings, c authentik.Capabilities) Object {
	pair := Value(Lookup{KeyPair, "name", s.Signing.Name})
	if s.Signing.Upload != nil {
		pair = Ref(idKeyPair)
	}
	mapping := func(name string) Lookup { return Lookup{SAMLMapping, "managed", managedSAML + name} }
	return Object{
		ID: idSAML, Kind: SAMLProvider, Part: SAML, Name: s.SAMLProvider,
		Match: []Field{set("name", s.SAMLProvider)},
		Fields: []Field{
			set("authorization_flow", Lookup{Flow, "slug", s.AuthorizationFlow}),
			set("invalidation_flow", Lookup{Flow, "slug", s.InvalidationFlow}),
			set("acs_url", s.URLs.ACSURL),
			set("audience", s.URLs.Audience),
			set(c.IssuerField(), issuer(s, c)),
			set("sp_binding", "post"), // the API's default is redirect, which Sentry's ACS does not take
			set("sls_url", s.URLs.SLSURL),
			set("sls_binding", "redirect"), // the only one that Sentry's SLS takes
			set("signing_kp", pair),
			set("sign_assertion", true),
			set("sign_response", false), // Sentry is reported to reject what is signed twice
			set("digest_algorithm", digestSHA256),
			set("signature_algorithm", SignatureAlgorithm(s.Signing.Algorithm)),
			set("verification_kp", nil), // Sentry signs no requests
			set("encryption_kp", nil),   // and reads no encrypted assertions
			set("name_id_mapping", mapping("uid")),
			set("property_mappings", Includes{mapping("uid"), mapping("email"), mapping("name")}),
		},
		Together: []string{"signing_kp", "sign_assertion", "sign_response"},
	}
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

func application(s Settings) Object {
	fields := []Field{
		set("name", s.Name),
		set("provider", Ref(idSAML)),
		set("meta_launch_url", s.URLs.LoginURL),
	}
	if len(s.BindGroups)+len(s.BindUsers) > 0 {
		fields = append(fields, set("policy_engine_mode", "any"))
	}
	return Object{
		ID: idApplication, Kind: Application, Part: SAML, Name: s.Application,
		Match: []Field{set("slug", s.Application)}, Fields: fields,
	}
}

// bindings let groups and people use the application.
func bindings(s Settings) []Object {
	var objects []Object
	add := func(kind Kind, by, name string) {
		objects = append(objects, Object{
			ID: string(kind) + " " + name, Kind: Binding, Part: SAML, Name: s.Application + " for the " + string(kind) + " " + name,
			Match:  []Field{set("target", Ref(idApplication)), set(string(kind), Lookup{kind, by, name})},
			Fields: []Field{{Name: "order", Value: len(objects), First: true}, set("enabled", true), set("negate", false)},
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
