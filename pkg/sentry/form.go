package sentry

// FormField is a field of the form on which Sentry's set-up asks for the
// attribute mapping (auth/providers/saml2/forms.py AttributeMappingForm).
type FormField struct {
	// Key is the name here and in the configuration: identifier, email,
	// first_name or last_name.
	Key string
	// Label is what the form calls it.
	Label string
	// Required is true where the form takes no empty value.
	Required bool
}

// FormFields are the fields in the order of the form.
func FormFields() []FormField {
	return []FormField{
		{"identifier", "IdP User ID", true},
		{"email", "User Email", true},
		{"first_name", "First Name", false},
		{"last_name", "Last Name", false},
	}
}

// Of returns the name of the attribute that goes into the field with that key,
// empty for none.
func (m Mapping) Of(key string) string {
	switch key {
	case "identifier":
		return m.Identifier
	case "email":
		return m.Email
	case "first_name":
		return m.FirstName
	case "last_name":
		return m.LastName
	}
	return ""
}

// SetUp is what Sentry's set-up of a provider asks for.
type SetUp struct {
	// Provider is the provider to choose at Sentry, as its list has it.
	Provider string
	// Address is the label of the field for the address of the IdP's metadata.
	Address string
	// Typed is true where the form of [FormFields] follows; otherwise the
	// attributes have the names that the provider's code gives them.
	Typed bool
}

// SetUp returns what the set-up of the provider asks for that the preset goes
// with (auth/providers/saml2/*/provider.py and views.py).
func (p Preset) SetUp() SetUp {
	const address = "Metadata URL"
	switch p.Key {
	case "okta":
		return SetUp{"Okta", address, false}
	case "onelogin":
		return SetUp{"OneLogin", "Issuer URL", false}
	case "auth0":
		return SetUp{"Auth0", address, false}
	case "rippling":
		return SetUp{"Rippling", address, false}
	case "jumpcloud":
		return SetUp{"JumpCloud", address, true}
	case "active-directory":
		return SetUp{"Active Directory", address, true}
	}
	return SetUp{"SAML2", address, true}
}
