package integration_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// plainSettings name nothing but who may use the application, and SCIM.
func plainSettings(t *testing.T) integration.Settings {
	t.Helper()
	s := everything(t)
	s.BindGroups, s.BindUsers, s.Teams, s.Signing = []string{"data"}, nil, nil, integration.Signing{}
	return s
}

// alwaysSet are the fields that Sentry takes in one form only, or that say which
// object it is; everything else is a choice.
func alwaysSet() map[string][]string {
	return map[string][]string{
		"providers/saml": {
			"acs_url", "audience", "sls_url", "sp_binding", "sls_binding", "sign_assertion", "verification_kp", "encryption_kp", "name_id_mapping", "property_mappings",
		},
		"providers/scim":                 {"url", "token", "property_mappings"},
		"core/applications":              {"slug", "provider", "backchannel_providers"},
		"policies/bindings":              {"target", "group", "user", "policy", "enabled", "negate", "expiring", "expires"},
		"propertymappings/provider/scim": {"expression", "managed"},
	}
}

// elsewise is another value of a field, as somebody may have chosen.
func elsewise(state *emulated.State, field string, value any) any {
	other := func(path, not string) any {
		all := state.Objects[path]
		return all[slices.IndexFunc(all, func(o emulated.Object) bool { return o["pk"] != not })]["pk"]
	}
	held, _ := value.(string)
	switch field {
	case "authorization_flow", "invalidation_flow", "authentication_flow":
		return other("flows/instances", held)
	case "signing_kp":
		return other("crypto/certificatekeypairs", held)
	case "authn_context_class_ref_mapping":
		return other("propertymappings/provider/saml", held)
	case "filter_group":
		return other("core/groups", held)
	case "group_filters":
		return []any{other("core/groups", ""), other("core/groups", "00000000-0000-4000-8000-000000000001")}
	case "property_mappings_group":
		return []any{other("propertymappings/provider/scim", "")}
	case "signature_algorithm":
		return "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	case "digest_algorithm":
		return "http://www.w3.org/2001/04/xmlenc#sha512"
	case "auth_oauth":
		return "00000000-0000-4000-8000-0000000000aa"
	case "auth_oauth_params":
		return emulated.Object{"scope": "scim"}
	case "meta_launch_url", "meta_icon":
		return "https://elsewhere.test/"
	}
	if one := map[string]string{
		"policy_engine_mode": "all", "logout_method": "frontchannel_native", "compatibility_mode": "aws", "auth_mode": "oauth",
		"default_name_id_policy": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
	}[field]; one != "" {
		return one
	}
	switch v := value.(type) {
	case bool:
		return !v
	case int:
		return v + 7
	case []any:
		return v
	}
	return "set by hand"
}

// TestNoChoiceIsTakenBack sets every field that nobody names by hand, in one object
// after the other and in every release: apply leaves each as it is, and shows those
// that it knows.
func TestNoChoiceIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, release := range emulated.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, string(release)), plainSettings(t)
			c.addPair(t)
			if _, err := c.run(s).Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, path := range slices.Sorted(maps.Keys(alwaysSet())) {
				hand := c.setByHand(path)
				report, err := c.run(s).Apply(t.Context())
				if err != nil || len(report.Applied) > 0 {
					t.Errorf("%s: %v\n%s", path, err, shown(t, report))
				}
				for field, value := range hand {
					c.own(path, func(o emulated.Object) {
						if diff := cmp.Diff(asJSON(t, value), asJSON(t, o[field])); diff != "" {
							t.Errorf("%s %s was taken back: %s", path, field, diff)
						}
					})
					c.toldAsKept(t, s, report, path, field)
				}
			}
		})
	}
}

// setByHand sets all choices of an object, and returns them.
func (c *company) setByHand(path string) map[string]any {
	hand := map[string]any{}
	c.Edit(func(state *emulated.State) {
		all := state.Objects[path]
		o := all[slices.IndexFunc(all, func(o emulated.Object) bool { return o["managed"] == nil })]
		for field, value := range o {
			if field != "pk" && !slices.Contains(alwaysSet()[path], field) {
				hand[field] = elsewise(state, field, value)
			}
		}
		maps.Copy(o, hand)
	})
	return hand
}

// toldAsKept wants a field that the integration knows to be shown as kept.
func (c *company) toldAsKept(t *testing.T, s integration.Settings, report *integration.Report, path, field string) {
	t.Helper()
	kind := map[string]integration.Kind{
		"providers/saml": integration.SAMLProvider, "providers/scim": integration.SCIMProvider, "core/applications": integration.Application,
	}[path]
	known := slices.ContainsFunc(want(t, s, c.release).Objects, func(o integration.Object) bool {
		return o.Kind == kind && slices.ContainsFunc(o.Fields, func(f integration.Field) bool { return f.Name == field })
	})
	kept := slices.ContainsFunc(report.Steps, func(step integration.Step) bool {
		return step.Kind == kind && slices.ContainsFunc(step.Kept, func(k integration.KeptField) bool { return k.Field == field && k.Value != k.Default })
	})
	if known != kept {
		t.Errorf("%s %s: kept and shown so: %v\n%s", path, field, kept, shown(t, report))
	}
}

// addPair gives authentik another certificate to sign with.
func (c *company) addPair(t *testing.T) {
	t.Helper()
	pair, err := newPair(keypair.RSA2048)
	certificate, key := asPEM(t, pair, err)
	if _, err := c.client.KeyPairs().Create(t.Context(), map[string]any{"name": "Our own", "certificate_data": certificate, "key_data": key}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsNamedIsSet(t *testing.T) {
	t.Parallel()
	c, s := newCompany(t, "2026.8"), plainSettings(t)
	c.addPair(t)
	c.mended(t, s, "from nothing")
	s.Issuer, s.AuthorizationFlow, s.Name = "https://pinned.test/", "default-provider-authorization-explicit-consent", "Errors"
	s.Teams, s.PolicyMode, s.Signing.Name = []string{"sentry users"}, "all", "Our own"
	c.mended(t, s, "everything named")
	c.keeps(t, plainSettings(t))
}

// keeps applies settings that change nothing.
func (c *company) keeps(t *testing.T, s integration.Settings) {
	t.Helper()
	report, err := c.run(s).Apply(t.Context())
	if err != nil || len(report.Applied) > 0 {
		t.Fatalf("what was named before is taken back: %v\n%s", err, shown(t, report))
	}
	out := shown(t, report)
	for _, want := range []string{"kept signing_kp: Our own (default authentik Self-signed Certificate)", "kept issuer_override: https://pinned.test/", "kept group_filters: sentry users (default data)"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not shown in\n%s", want, out)
		}
	}
}

// TestObjectsAreToldByName points every field that holds a key at something else:
// no report shows the key alone.
func TestObjectsAreToldByName(t *testing.T) {
	t.Parallel()
	c, s := handmade(t, "2026.8", nil), plainSettings(t)
	c.addPair(t)
	c.Edit(func(state *emulated.State) {
		provider, ours := state.Objects["providers/saml"][0], state.Objects["crypto/certificatekeypairs"][1]["pk"]
		provider["verification_kp"], provider["encryption_kp"], provider["signing_kp"] = ours, ours, ours
		provider["name_id_mapping"] = state.Objects["propertymappings/provider/saml"][0]["pk"]
		provider["invalidation_flow"] = state.Objects["flows/instances"][0]["pk"]
		state.Objects["providers/scim"][0]["group_filters"] = []any{state.Objects["core/groups"][0]["pk"]}
		state.Objects["providers/scim"][0]["property_mappings"] = []any{
			state.Objects["propertymappings/provider/scim"][0]["pk"], state.Objects["propertymappings/provider/scim"][2]["pk"],
		}
	})
	report, err := c.run(s).Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := shown(t, report)
	for _, want := range []string{
		"encryption_kp: Our own -> (empty)", "verification_kp: Our own -> (empty)", "name_id_mapping: upn -> uid", "kept invalidation_flow: default-provider-authorization-implicit-consent",
		"kept group_filters: sentry users (default data)", "property_mappings: Sentry SCIM user, user -> Sentry SCIM user",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-`).MatchString(out) {
		t.Errorf("a key is shown in\n%s", out)
	}
}
