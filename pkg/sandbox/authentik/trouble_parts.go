package authentik

import (
	"slices"
	"strings"
	"time"
)

func (a *Authentik) signingChanges() map[string]change {
	own := func(name string) change {
		return a.saml(func(p Object) Object { return Object{name: p["signing_kp"]} })
	}
	return map[string]change{
		"signing-off":    a.saml(func(Object) Object { return Object{"signing_kp": nil} }),
		"sign-both":      a.saml(func(Object) Object { return Object{"sign_response": true} }),
		"signature-sha1": a.saml(func(Object) Object { return Object{"signature_algorithm": signatures()[0]} }),
		"signature-kind": a.saml(func(Object) Object { return Object{"signature_algorithm": signatures()[5]} }),
		"encryption":     own("encryption_kp"),
		"verification":   own("verification_kp"),
		"cert-expired":   a.resign("certificate of last year", 0),
		"cert-soon":      a.resign("certificate that ends soon", 10),
		"cert-replaced":  a.resign("another certificate", 365),
	}
}

// resign lets the provider sign with a pair made for it, valid for days.
func (a *Authentik) resign(name string, days int) change {
	return func() (func(), error) {
		_, provider, err := a.connected()
		if err != nil {
			return nil, err
		}
		certificate, key, err := a.selfSigned(name, days, "rsa")
		if err != nil {
			return nil, err
		}
		k := a.kinds[pathKeyPairs]
		pair := k.fresh()
		pair["name"], pair["certificate_data"], pair["key_data"] = name, certificate, key
		if err := a.insert(k, pair); err != nil {
			return nil, err
		}
		return both(func() { a.remove(k, pair) }, swap(provider, "signing_kp", pair[pk])), nil
	}
}

func (a *Authentik) mappingChanges() map[string]change {
	managed := func(name string) Object {
		for _, m := range a.state.Objects[pathSAMLMappings] {
			if m["managed"] == "goauthentik.io/providers/saml/"+name {
				return m
			}
		}
		return Object{}
	}
	without := func(name string) change {
		return a.saml(func(p Object) Object {
			selected, _ := p["property_mappings"].([]any)
			return Object{"property_mappings": slices.DeleteFunc(slices.Clone(selected), func(key any) bool { return key == managed(name)[pk] })}
		})
	}
	const email = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
	return map[string]change{
		"mapping-email":     without("email"),
		"mapping-uid":       without("uid"),
		"mapping-none":      a.saml(func(Object) Object { return Object{"property_mappings": []any{}} }),
		"attribute-renamed": func() (func(), error) { return swap(managed("email"), "saml_name", "email"), nil },
		"attribute-twice": func() (func(), error) {
			_, provider, err := a.connected()
			if err != nil {
				return nil, err
			}
			selected, _ := provider["property_mappings"].([]any)
			upn := managed("upn")
			more := append(slices.Clone(selected), upn[pk])
			if slices.Contains(selected, upn[pk]) {
				more = selected
			}
			return both(swap(upn, "saml_name", email), swap(provider, "property_mappings", more)), nil
		},
	}
}

func (a *Authentik) bindingChanges() map[string]change {
	each := func(name string, value any) change {
		return func() (func(), error) {
			app, _, err := a.connected()
			if err != nil {
				return nil, err
			}
			var undo []func()
			for _, b := range a.bindingsOf(app) {
				undo = append(undo, swap(b, name, value))
			}
			if len(undo) == 0 {
				return nil, errNoBindings
			}
			return both(undo...), nil
		}
	}
	return map[string]change{
		"bindings-off":     each("enabled", false),
		"bindings-negated": each("negate", true),
		"access-denied":    a.deny,
		"bindings-expired": func() (func(), error) {
			if !a.since(Release202608) {
				return nil, errRelease
			}
			// The date first: a binding that has expired is not found again.
			dated, err := each("expires", a.config.Now().Add(-time.Hour).UTC().Format(time.RFC3339))()
			if err != nil {
				return nil, err
			}
			ended, err := each("expiring", true)()
			return both(dated, ended), err
		},
	}
}

// deny binds a policy that nobody passes.
func (a *Authentik) deny() (func(), error) {
	app, _, err := a.connected()
	if err != nil {
		return nil, err
	}
	policies, bound := a.kinds[pathPolicies], a.kinds[pathBindings]
	policy, binding := policies.fresh(), bound.fresh()
	policy["name"], policy["expression"] = "nobody", "return False"
	if err := a.insert(policies, policy); err != nil {
		return nil, err
	}
	binding["target"], binding["policy"], binding["order"] = app[pk], policy[pk], 1000
	if err := a.insert(bound, binding); err != nil {
		return nil, err
	}
	return both(func() { a.remove(policies, policy) }, func() { a.remove(bound, binding) }, swap(app, "policy_engine_mode", "all")), nil
}

func (a *Authentik) scimChanges() map[string]change {
	first := func(path string, wanted func(Object) bool, name string, value func(old string) any) change {
		return func() (func(), error) {
			at := slices.IndexFunc(a.state.Objects[path], wanted)
			if len(a.state.Objects[pathSCIM]) == 0 || at < 0 {
				return nil, errNoSCIM
			}
			o := a.state.Objects[path][at]
			return swap(o, name, value(toText(o[name]))), nil
		}
	}
	anyone := func(Object) bool { return true }
	return map[string]change{
		"scim-mapping": first(pathSCIMMappings, func(m Object) bool { return m["managed"] == nil }, "expression", func(string) any { return codeUser }),
		"scim-address": first(pathSCIM, anyone, "url", func(old string) any { return strings.Replace(old, "/organizations/", "/organizations/another-", 1) }),
		"scim-dry-run": first(pathSCIM, anyone, "dry_run", func(string) any { return true }),
	}
}
