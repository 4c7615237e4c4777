package integration

import "github.com/sentryidp/sentryidp/pkg/secret"

// Kind is a kind of object that the integration makes or refers to.
type Kind string

// The kinds. A Backchannel is the application again, once its SCIM provider
// exists.
const (
	KeyPair      Kind = "certificate"
	SCIMMapping  Kind = "scim_mapping"
	SAMLProvider Kind = "saml_provider"
	Application  Kind = "application"
	Binding      Kind = "binding"
	SCIMProvider Kind = "scim_provider"
	Backchannel  Kind = "backchannel"

	Flow        Kind = "flow"
	SAMLMapping Kind = "saml_mapping"
	Group       Kind = "group"
	User        Kind = "user"
)

// facts are the names of a kind: in words, in blueprints (app.model) and in
// Terraform, as a resource and as a data source (terraform-provider-authentik,
// docs).
type facts struct{ words, model, resource, data string }

// Model is the kind's name in blueprints.
func (k Kind) Model() string { return k.facts().model }

// Words is the kind's name for people.
func (k Kind) Words() string { return k.facts().words }

func (k Kind) facts() facts {
	return map[Kind]facts{
		KeyPair: {"certificate", "authentik_crypto.certificatekeypair", "authentik_certificate_key_pair", "authentik_certificate_key_pair"},
		SCIMMapping: {
			"SCIM mapping", "authentik_providers_scim.scimmapping",
			"authentik_property_mapping_provider_scim", "authentik_property_mapping_provider_scim",
		},
		SAMLProvider: {"SAML provider", "authentik_providers_saml.samlprovider", "authentik_provider_saml", ""},
		Application:  {"application", "authentik_core.application", "authentik_application", ""},
		Binding:      {"binding", "authentik_policies.policybinding", "authentik_policy_binding", ""},
		SCIMProvider: {"SCIM provider", "authentik_providers_scim.scimprovider", "authentik_provider_scim", ""},
		Backchannel:  {"backchannel", "authentik_core.application", "authentik_application", ""},
		Flow:         {"flow", "authentik_flows.flow", "", "authentik_flow"},
		SAMLMapping:  {"SAML mapping", "authentik_providers_saml.samlpropertymapping", "", "authentik_property_mapping_provider_saml"},
		Group:        {"group", "authentik_core.group", "", "authentik_group"},
		User:         {"user", "authentik_core.user", "", "authentik_user"},
	}[k]
}

// Value is what a field is to be: a string, a bool, an int, nil for nothing, or
// one of the types below.
type Value any

// Ref is the primary key of the integration's object with that ID.
type Ref string

// Lookup is the primary key of an object that authentik has: the one of the kind
// whose field By is Value.
type Lookup struct {
	Kind      Kind
	By, Value string
}

// List is these values in any order, and no others.
type List []Value

// Includes is at least these values: others that are there stay.
type Includes []Value

// Own is at least these values and none that authentik manages: others that
// somebody made stay.
type Own []Value

// Kept says which value of an object that exists stays as it is.
type Kept int

// The answers. What Sentry takes in one form only, and what the settings name, is
// Never kept; a choice that nobody named is, and its Value is for what is made new.
const (
	Never Kept = iota
	IfSet      // all but an empty one
	Always
)

// Secret is a value that is never written down. Blueprints take it from the
// variable Env of authentik's worker, Terraform from the variable Variable; the
// API is sent Value. Setting says where a value comes from.
type Secret struct {
	Env, Variable string
	Setting       string
	Value         secret.String
}

// Field is a field of an object by its name in the API.
type Field struct {
	Name  string
	Value Value
	// Proof stands for a field that authentik does not tell: Told is the field
	// that it tells instead, Want what that is then. Letter case is ignored.
	Told, Want string
	// Kept says which value of an object that exists stays, and Fits which others are
	// as good as Value.
	Kept Kept
	Fits []string
}

// Part is a part of the integration that can be rolled out by itself. SCIM has
// to wait: its token exists once SAML works.
type Part string

// The parts.
const (
	SAML Part = "saml"
	SCIM Part = "scim"
)

// Parts lists the parts.
func Parts() []string { return []string{string(SAML), string(SCIM)} }

// Object is an object as it should be.
type Object struct {
	ID     string // unique in the integration
	Kind   Kind
	Part   Part
	Name   string  // for people
	Named  bool    // the settings name it: it is looked for by Match alone
	Match  []Field // say which one it is
	Fields []Field // that are managed, in the API's order
	// Together are fields that are sent whenever one of them is: authentik judges
	// a request by itself (providers/saml/api/providers.py validate). Those of
	// Match count too.
	Together []string
}

// Desired is everything that the integration needs in authentik, in the order in
// which it can be made.
type Desired struct {
	Release string // of authentik
	Objects []Object
}

// Of returns the objects of a part.
func (d *Desired) Of(part Part) []Object {
	var objects []Object
	for _, o := range d.Objects {
		if o.Part == part {
			objects = append(objects, o)
		}
	}
	return objects
}

// object returns the object with the ID, nil for none.
func (d *Desired) object(id string) *Object {
	for i := range d.Objects {
		if d.Objects[i].ID == id {
			return &d.Objects[i]
		}
	}
	return nil
}

// field returns the field of that name, nil for none.
func (o *Object) field(name string) *Field {
	for _, fields := range [][]Field{o.Match, o.Fields} {
		for i := range fields {
			if fields[i].Name == name {
				return &fields[i]
			}
		}
	}
	return nil
}
