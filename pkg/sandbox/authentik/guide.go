package authentik

import (
	"fmt"
	"slices"
	"strings"
)

// Guide is what authentik's integration guide for Sentry has an administrator
// fill in (website/integrations/monitoring/sentry/index.mdx).
type Guide struct {
	SentryURL, Org string // Sentry's address without a slash at the end, and the slug of its organization
	Slug           string // of the application; one that exists is used
	Binding        string // the service provider binding, post or redirect; empty: post, as the form has it
	// SCIMURL and SCIMToken are what Sentry shows in its settings; empty: the
	// optional part of the guide is left out.
	SCIMURL, SCIMToken string
	// Groups are bound to the application, by name.
	Groups []string
}

// The names that the wizard proposes, and the one that the guide says.
const (
	guideApplication = "Sentry"
	guideSAML        = "Provider for Sentry"
	guideSCIM        = "SCIM for Sentry"
	guideMapping     = "Sentry SCIM user"
)

// codeGuide does what the guide's mapping does.
const codeGuide = `if not request.user.email: # Sentry wants an address
    raise SkipObject
given_name, family_name = request.user.name, ' '
formatted = request.user.name + ' '
if ' ' in request.user.name:
    given_name, _, family_name = request.user.name.partition(' ')
    formatted = request.user.name
return {'userName': request.user.email,
    'name': {'formatted': formatted, 'givenName': given_name, 'familyName': family_name},
    'active': request.user.is_active, 'emails': [{'value': request.user.email, 'type': 'work', 'primary': True}]}`

// FollowGuide makes the objects of the integration as somebody does who follows
// the guide click by click, with the defaults of the forms.
func (a *Authentik) FollowGuide(g Guide) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.base = a.config.BaseURL
	if err := a.certify(); err != nil {
		return err
	}
	saml, err := a.fill(pathSAML, a.guidedSAML(g))
	if err != nil {
		return err
	}
	application := a.kinds[pathApplications].of(a, g.Slug)
	if application == nil {
		if application, err = a.fill(pathApplications, Object{"name": guideApplication, "slug": g.Slug}); err != nil {
			return err
		}
	}
	application["provider"] = saml[pk]
	if !a.since(Release202605) {
		saml["issuer"] = a.base + "/application/saml/" + g.Slug + "/metadata/"
	}
	for i, name := range g.Groups {
		if _, err := a.fill(pathBindings, Object{"target": application[pk], "order": i, "group": a.state.keyOf(pathGroups, "name", name)}); err != nil {
			return err
		}
	}
	if g.SCIMURL == "" {
		return nil
	}
	return a.guidedSCIM(g, application)
}

func (a *Authentik) guidedSAML(g Guide) Object {
	binding := g.Binding
	if binding == "" {
		binding = "post"
	}
	mappings := []any{}
	for _, m := range a.state.Objects[pathSAMLMappings] {
		if m["managed"] != nil {
			mappings = append(mappings, m[pk])
		}
	}
	return Object{
		"name":               guideSAML,
		"authorization_flow": a.state.keyOf(pathFlows, "slug", "default-provider-authorization-explicit-consent"),
		"invalidation_flow":  a.state.keyOf(pathFlows, "slug", "default-provider-invalidation-flow"),
		"acs_url":            g.SentryURL + "/saml/acs/" + g.Org + "/", "audience": g.SentryURL + "/saml/metadata/" + g.Org + "/",
		"sls_url": g.SentryURL + "/saml/sls/" + g.Org + "/", "sp_binding": binding, "property_mappings": mappings,
		"signing_kp": a.state.keyOf(pathKeyPairs, "name", defaultPair), "sign_assertion": true,
		"name_id_mapping": a.state.keyOf(pathSAMLMappings, "managed", "goauthentik.io/providers/saml/uid"),
	}
}

func (a *Authentik) guidedSCIM(g Guide, application Object) error {
	mapping, err := a.fill(pathSCIMMappings, Object{"name": guideMapping, "expression": codeGuide})
	if err != nil {
		return err
	}
	provider, err := a.fill(pathSCIM, Object{
		"name": guideSCIM, "url": g.SCIMURL, "token": g.SCIMToken, "property_mappings": []any{mapping[pk]},
		"property_mappings_group": []any{a.state.keyOf(pathSCIMMappings, "managed", "goauthentik.io/providers/scim/group")},
	})
	if err == nil {
		application["backchannel_providers"] = []any{provider[pk]}
	}
	return err
}

// fill makes an object as a form does: through the API's checks.
func (a *Authentik) fill(path string, filled Object) (Object, error) {
	k := a.kinds[path]
	o := k.fresh()
	if problems := a.set(k, o, filled, true); problems != nil {
		return nil, fmt.Errorf("%s: %v", path, problems)
	}
	if err := a.insert(k, o); err != nil {
		return nil, err
	}
	if k.saved != nil {
		k.saved(a, o, true)
	}
	return o, nil
}

// keyOf is the key of the object whose field is value, nil for none.
func (s *State) keyOf(path, name string, value any) any {
	for _, o := range s.Objects[path] {
		if o[name] == value {
			return o[pk]
		}
	}
	return nil
}

// Drift gets a few things wrong in what FollowGuide made, for Edit: the audience
// lacks its slash, the response goes by redirect, and the e-mail address is not
// sent.
func Drift(s *State) {
	email := s.keyOf(pathSAMLMappings, "managed", "goauthentik.io/providers/saml/email")
	for _, o := range s.Objects[pathSAML] {
		if o["name"] != guideSAML {
			continue
		}
		audience, _ := o["audience"].(string)
		mappings, _ := o["property_mappings"].([]any)
		o["audience"], o["sp_binding"] = strings.TrimSuffix(audience, "/"), "redirect"
		o["property_mappings"] = slices.DeleteFunc(slices.Clone(mappings), func(key any) bool { return key == email })
	}
}
