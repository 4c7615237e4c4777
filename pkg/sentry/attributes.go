package sentry

import "strings"

// Mapping names the SAML attributes that Sentry makes an identity of, by their
// Name (config.attribute_mapping of auth/providers/saml2/provider.py, whose keys
// are identifier, user_email, first_name and last_name). Identifier and Email
// are required. A Mapping without them is typed in at Sentry's set-up.
type Mapping struct {
	Identifier string `json:"identifier"`
	Email      string `json:"email"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
}

// Known reports whether the mapping names the attributes that Sentry needs.
func (m Mapping) Known() bool { return m.Identifier != "" && m.Email != "" }

// Preset is a mapping that goes with a provider of Sentry's, or with a guide.
type Preset struct {
	Key     string // what --map calls it: Sentry's own key, or authentik
	Name    string // as texts name it
	Mapping Mapping
}

const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

// GuideMapping is the mapping of authentik's integration guide for Sentry, with
// authentik's managed property mappings.
func GuideMapping() Preset {
	return Preset{
		"authentik", "authentik's integration guide",
		Mapping{Identifier: "http://schemas.goauthentik.io/2021/02/saml/uid", Email: claims + "emailaddress", FirstName: claims + "name"},
	}
}

// Presets returns the known mappings, in a fixed order: that of authentik's
// guide, and those of Sentry's own SAML providers
// (auth/providers/saml2/*/provider.py). JumpCloud's is typed in, as for the
// generic provider; Active Directory's is too, with the names of Sentry's guide
// for it (docs/organization/authentication/sso/azure-sso.mdx).
func Presets() []Preset {
	return []Preset{
		GuideMapping(),
		{"okta", "Sentry's Okta provider", Mapping{"identifier", "email", "firstName", "lastName"}},
		{"onelogin", "Sentry's OneLogin provider", Mapping{"PersonImmutableID", "User.email", "User.FirstName", "User.LastName"}},
		{"auth0", "Sentry's Auth0 provider", Mapping{"user_id", "email", "name", ""}},
		{"rippling", "Sentry's Rippling provider", Mapping{"user_id", "urn:oid:1.2.840.113549.1.9.1.1", "first_name", "last_name"}},
		{"jumpcloud", "Sentry's JumpCloud provider", Mapping{}},
		{
			"active-directory", "Sentry's guide for Active Directory",
			Mapping{claims + "name", claims + "emailaddress", claims + "givenname", claims + "surname"},
		},
	}
}

// PresetOf returns the preset of that key.
func PresetOf(key string) (Preset, bool) {
	for _, p := range Presets() {
		if p.Key == strings.ToLower(key) {
			return p, true
		}
	}
	return Preset{}, false
}

// NameIDFormat is the format of the NameID that Sentry's requests ask for
// (python3-saml's default, which Sentry keeps). Sentry makes no use of the value.
const NameIDFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
