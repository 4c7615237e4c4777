package samlresponse

import (
	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Mapping is an attribute mapping with the name that texts give it.
type Mapping struct {
	Name string `json:"name"` // such as "Sentry's Okta provider", or where it was given
	sentry.Mapping

	assumed bool // because the identity provider is authentik
}

// Outcome is what a mapping finds in a response.
type Outcome struct {
	Key      string   `json:"key"`  // of the preset
	Name     string   `json:"name"` // of the mapping
	Works    bool     `json:"works"`
	Identity Identity `json:"identity"`
	Missing  []string `json:"missing"` // fields and their attributes; empty where it works, or is typed in by hand

	structured string // attribute that holds an element instead of text, which is HTTP 500
}

// authentikPath is where authentik serves SAML for an application (authentik,
// providers/saml/urls.py).
var authentikPath = pattern.New(`/application/saml/[^/]+/`)

// isAuthentik recognises authentik by its endpoint, by the entity ID that it has
// from 2026.5 on, and by the one that it had before.
func (p Provider) isAuthentik() bool {
	return p.EntityID == "authentik" || authentikPath().MatchString(p.EntityID) || authentikPath().MatchString(p.SSOURL)
}

// mapping is the one that counts, or nil where that is not known.
func (j *judgement) mapping() *Mapping {
	switch {
	case j.Mapping != nil:
		return j.Mapping
	case j.Provider.isAuthentik():
		guide := sentry.GuideMapping()
		return &Mapping{Name: guide.Name, Mapping: guide.Mapping, assumed: true}
	}
	return nil
}

func (j *judgement) assume(what string) {
	j.verdict.Assumptions = append(j.verdict.Assumptions, what)
}

// outcome maps the attributes as Sentry does.
func (j *judgement) outcome(m Mapping) Outcome {
	attributes := j.verdict.Attributes
	o := Outcome{Name: m.Name, Missing: []string{}}
	o.Identity = Identity{Identifier: firstValue(attributes, m.Identifier), Email: firstValue(attributes, m.Email)}
	o.Identity.Name = fullName(firstValue(attributes, m.FirstName), firstValue(attributes, m.LastName))
	for _, field := range []struct{ what, name, value string }{
		{"identifier", m.Identifier, o.Identity.Identifier}, {"email", m.Email, o.Identity.Email},
	} {
		if field.value == "" && field.name != "" {
			o.Missing = append(o.Missing, field.what+" ("+field.name+")")
		}
	}
	o.structured = j.structured(m.Identifier, m.Email)
	o.Works = m.Known() && len(o.Missing) == 0 && o.structured == ""
	return o
}

// undecided is the finding where it is not known which mapping Sentry has.
func (j *judgement) undecided() finding {
	for _, p := range sentry.Presets() {
		o := j.outcome(Mapping{Name: p.Name, Mapping: p.Mapping})
		o.Key = p.Key
		j.verdict.Mappings = append(j.verdict.Mappings, o)
	}
	return finding{
		unknown: true,
		saw:     "attributes " + orNothing(keys(j.verdict.Attributes)),
		wanted:  "attributes that the mapping in Sentry names",
		fix:     "the identity depends on the mapping in Sentry, which is not known here: pass it with --map, or set saml.attributes",
	}
}
