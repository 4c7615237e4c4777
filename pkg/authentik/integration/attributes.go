package integration

import (
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Attributes is what has to be typed into Sentry's set-up of SAML, what in
// authentik stands behind it, and, where authentik was asked, what it sends.
type Attributes struct {
	// Preset is the key of the mapping ([sentry.Presets], or saml.attributes), and
	// Provider the provider to choose at Sentry.
	Preset   string `json:"preset"`
	Provider string `json:"provider"`
	// SettingsURL is Sentry's page of the set-up; empty where no organization is known.
	SettingsURL string `json:"settings_url"`
	// AddressLabel and MetadataURL are the field of the metadata's address and its
	// value, which is empty where no authentik is known.
	AddressLabel string `json:"address_label"`
	MetadataURL  string `json:"metadata_url"`
	// Typed is false for a provider of Sentry's whose names are fixed: nothing of
	// the mapping is typed in, and authentik has to send exactly these.
	Typed   bool         `json:"typed"`
	Rows    []Attribute  `json:"rows"`
	Preview AttributeSet `json:"preview"`
	Notes   []string     `json:"notes"`
}

// Attribute is a row of Sentry's form.
type Attribute struct {
	Field    string `json:"field"` // identifier, email, first_name or last_name
	Label    string `json:"label"`
	Required bool   `json:"required"`
	// Attribute is the name to type, exactly; empty: leave the field empty.
	Attribute string `json:"attribute"`
	// Source is the property mapping of authentik; nil for an empty field.
	Source *PropertyMapping `json:"authentik"`
	// Sent is what authentik sends; nil where it was not asked, or for an empty field.
	Sent *Sent `json:"sent"`
}

// PropertyMapping is a SAML property mapping of authentik. Managed is the name
// of one that every authentik has; otherwise it has to be made.
type PropertyMapping struct {
	Name       string `json:"name"`
	Managed    string `json:"managed"`
	SAMLName   string `json:"saml_name"`
	Expression string `json:"expression"`
}

// The names of the attributes that authentik's managed mappings send
// (blueprints/system/providers-saml.yaml).
const (
	claims      = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	managedName = "authentik default SAML Mapping: "
)

// managedMappings are the managed mappings of what Sentry needs, by the field of
// its form.
func managedMappings() map[string]PropertyMapping {
	return map[string]PropertyMapping{
		"identifier": {managedName + "User ID", managedSAML + "uid", "http://schemas.goauthentik.io/2021/02/saml/uid", "return request.user.pk"},
		"email":      {managedName + "Email", managedSAML + "email", claims + "emailaddress", "return request.user.email"},
		"first_name": {managedName + "Name", managedSAML + "name", claims + "name", "return request.user.name"},
	}
}

// sourceOf is the mapping that sends what belongs into the field under the name.
// Without a last name, the first one is the whole.
func sourceOf(field string, m sentry.Mapping) *PropertyMapping {
	name := m.Of(field)
	if name == "" {
		return nil
	}
	source := managedMappings()[field]
	split := m.FirstName != "" && m.LastName != ""
	if source.SAMLName == name && (field != "first_name" || !split) {
		return &source
	}
	made := PropertyMapping{Name: "Sentry SAML: " + strings.ReplaceAll(field, "_", " "), SAMLName: name, Expression: source.Expression}
	switch {
	case field == "last_name" && !split:
		made.Expression = "return request.user.name"
	case field == "last_name":
		made.Expression = `return request.user.name.partition(" ")[2]`
	case field == "first_name" && split:
		made.Expression = `return request.user.name.partition(" ")[0]`
	}
	return &made
}

// AttributesOf works out the rows of a preset. A preset without names of its own,
// such as JumpCloud's, has those of authentik's guide: they are typed in.
func AttributesOf(p sentry.Preset) *Attributes {
	setUp := p.SetUp()
	if !p.Mapping.Known() {
		p.Mapping = sentry.GuideMapping().Mapping
	}
	a := &Attributes{
		Preset: p.Key, Provider: setUp.Provider, AddressLabel: setUp.Address, Typed: setUp.Typed,
		Preview: AttributeSet{Reason: "authentik was not asked"}, Notes: []string{},
	}
	managed := managedMappings()
	for _, field := range sentry.FormFields() {
		row := Attribute{
			Field: field.Key, Label: field.Label, Required: field.Required, Attribute: p.Mapping.Of(field.Key), Source: sourceOf(field.Key, p.Mapping),
		}
		a.Rows = append(a.Rows, row)
		if row.Source == nil || row.Source.Managed != "" {
			continue
		}
		for _, other := range []string{"identifier", "email", "first_name"} {
			if managed[other].SAMLName == row.Attribute {
				a.Notes = append(a.Notes, fmt.Sprintf("%s must not be selected at the provider: it sends the same name as %s, and Sentry answers HTTP 500 to a name sent twice",
					managed[other].Name, row.Source.Name))
			}
		}
	}
	if !a.Typed {
		a.Notes = append(a.Notes, "the names are fixed in Sentry's code: "+p.SetUp().Provider+" asks for the address of the metadata alone")
	}
	return a
}
