package integration_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func (f *fake) run(t *testing.T, s integration.Settings) *integration.Run {
	t.Helper()
	return &integration.Run{Client: f.client(t), Settings: s, Now: now}
}

// apply applies the settings and wants success.
func (f *fake) apply(t *testing.T, s integration.Settings) *integration.Report {
	t.Helper()
	report, err := f.run(t, s).Apply(t.Context())
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return report
}

// shown is a report in every format.
func shown(t *testing.T, r *integration.Report) string {
	t.Helper()
	var out bytes.Buffer
	for _, format := range []report.Format{report.Text, report.JSON, report.YAML} {
		if err := report.Write(&out, ui.Plain(), format, r); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(out.String(), canary) {
		t.Error("a report holds a secret")
	}
	return out.String()
}

func TestApplyMakesEverythingOnce(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]func(*testing.T) integration.Settings{"everything": everything, "the least": settings} {
		for _, release := range releases() {
			t.Run(name+" "+release, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, release)
				first := f.apply(t, settings(t))
				if len(first.Applied) != len(first.Steps) || !first.Verified {
					t.Errorf("applied %d of %d steps, verified %v", len(first.Applied), len(first.Steps), first.Verified)
				}
				shown(t, first)
				f.writes = nil
				second := f.apply(t, settings(t))
				if len(f.writes) != 0 || len(second.Applied) != 0 || !second.Verified {
					t.Errorf("the second apply wrote %v:\n%s", f.writes, shown(t, second))
				}
			})
		}
	}
}

func TestTheProviderIsAsTheGuideHasIt(t *testing.T) {
	t.Parallel()
	f := newFake(t, "2025.10")
	f.apply(t, settings(t))
	provider, application := f.one(t, "providers/saml/"), f.one(t, "core/applications/")
	for name, want := range map[string]any{
		"acs_url": "https://sentry.acme.test/saml/acs/acme/", "audience": "https://sentry.acme.test/saml/metadata/acme/",
		"sls_url": "https://sentry.acme.test/saml/sls/acme/", "sp_binding": "post", "sls_binding": "redirect",
		"sign_assertion": true, "sign_response": false, "issuer": "https://authentik.acme.test/application/saml/sentry/metadata/",
		"signature_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
	} {
		if diff := cmp.Diff(want, provider[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if application["meta_launch_url"] != "https://sentry.acme.test/auth/login/acme/" || application["slug"] != "sentry" {
		t.Errorf("the application is %v", application)
	}
}

// TestEveryDriftIsMended changes every managed field of every object, one after
// the other, to something else.
func TestEveryDriftIsMended(t *testing.T) {
	t.Parallel()
	paths := map[integration.Kind]string{
		integration.SAMLProvider: "providers/saml/", integration.SCIMProvider: "providers/scim/", integration.Application: "core/applications/",
		integration.Binding: "policies/bindings/", integration.SCIMMapping: "propertymappings/provider/scim/",
	}
	for _, release := range releases() {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			s := everything(t)
			s.BindGroups, s.BindUsers = []string{"data"}, nil
			f := newFake(t, release)
			f.apply(t, s)
			for _, o := range want(t, s, release).Objects {
				for _, field := range o.Fields {
					path := paths[o.Kind]
					if path == "" || field.Kept == integration.Always {
						continue
					}
					target := f.one(t, path)
					before := target[field.Name]
					target[field.Name] = drifted(before)
					plan, err := f.run(t, s).Plan(t.Context())
					if err != nil || len(plan.Pending()) != 1 || plan.Pending()[0].Changes[0].Field != field.Name {
						t.Fatalf("%s.%s from %v: %v\n%s", o.Kind, field.Name, before, err, shown(t, plan))
					}
					run := f.run(t, s)
					run.Adopt, run.Loosen = true, true
					if _, err := run.Apply(t.Context()); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(asJSON(t, before), asJSON(t, f.one(t, path)[field.Name])); diff != "" {
						t.Errorf("%s.%s was not mended: %s", o.Kind, field.Name, diff)
					}
				}
			}
		})
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// drifted is another value of the same type.
func drifted(value any) any {
	switch v := value.(type) {
	case bool:
		return !v
	case []any:
		return []any{}
	case float64:
		return nil
	case nil:
		return "00000000-0000-0000-0000-00000000ffff"
	case string:
		return driftedText(v)
	}
	return "something else"
}

// driftedText is another text that authentik could hold there.
func driftedText(v string) string {
	other := map[string]string{"post": "redirect", "redirect": "post", "any": "all", "default": "aws"}
	switch {
	case other[v] != "":
		return other[v]
	case strings.HasPrefix(v, "# Written by"):
		return v + "\nreturn {}"
	case strings.HasPrefix(v, "http://www.w3.org/2001/04/xmlenc#"):
		return "http://www.w3.org/2000/09/xmldsig#sha1"
	case strings.HasPrefix(v, "http://www.w3.org/"):
		return "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
	case strings.HasPrefix(v, "http"):
		return "https://elsewhere.test/"
	case len(v) == len("00000000-0000-4000-8000-00000000ffff") && strings.Count(v, "-") == 4:
		return "00000000-0000-4000-8000-00000000ffff"
	}
	return "something else"
}

func TestWhatIsNotManagedStays(t *testing.T) {
	t.Parallel()
	f := newFake(t, "2026.5")
	s := everything(t)
	f.apply(t, s)
	provider, application := f.one(t, "providers/saml/"), f.one(t, "core/applications/")
	groups := f.objects["propertymappings/provider/saml/"][3]["pk"]
	provider["session_valid_not_on_or_after"] = "hours=8"
	provider["property_mappings"] = []any{groups}
	application["backchannel_providers"] = []any{float64(7)}
	application["meta_description"] = "ours"
	f.put("policies/bindings/", object{"target": application["pk"], "policy": "00000000-0000-0000-0000-000000000abc", "enabled": true, "order": 9})
	f.apply(t, s)
	mappings, _ := provider["property_mappings"].([]any)
	back, _ := application["backchannel_providers"].([]any)
	if len(mappings) != 4 || mappings[0] != groups || len(back) != 2 || back[0] != float64(7) {
		t.Errorf("mappings %v, backchannel providers %v", mappings, back)
	}
	if provider["session_valid_not_on_or_after"] != "hours=8" || application["meta_description"] != "ours" || len(f.objects["policies/bindings/"]) != 5 {
		t.Errorf("what is not managed changed: %v", f.writes)
	}
}

func TestAForeignObjectNeedsAdopt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path   string
		object object
	}{
		"an application":    {"core/applications/", object{"slug": "sentry", "name": "Sentry", "provider": 7}},
		"another one":       {"core/applications/", object{"slug": "sentry", "name": "Something"}},
		"a SAML provider":   {"providers/saml/", object{"name": "Sentry SAML", "acs_url": "https://elsewhere.test/"}},
		"a SCIM provider":   {"providers/scim/", object{"name": "Sentry SCIM", "url": "https://elsewhere.test/", "token": canary}},
		"a SCIM mapping":    {"propertymappings/provider/scim/", object{"name": "Sentry SCIM user", "expression": "return {}"}},
		"a certificate":     {"crypto/certificatekeypairs/", object{"name": "Sentry signing", "fingerprint_sha256": "cc:dd", "private_key_available": true}},
		"hostile something": {"core/applications/", object{"slug": "sentry", "name": "\x1b[31mred"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, "2026.8")
			f.put(test.path, test.object)
			run := f.run(t, everything(t))
			refused, err := run.Apply(t.Context())
			if fault.CodeOf(err) != fault.Refused || len(f.writes) != 0 || len(fault.Hints(err)) == 0 {
				t.Fatalf("got %v, wrote %v", err, f.writes)
			}
			if out := shown(t, refused); !strings.Contains(out, "looks like somebody else's") || strings.Contains(out, "\x1b") {
				t.Errorf("the report is\n%s", out)
			}
			run.Adopt, run.Loosen = true, true
			if _, err := run.Apply(t.Context()); err != nil {
				t.Errorf("with --adopt: %v", err)
			}
		})
	}
}

func TestAFailureHalfWayIsToldAndFinishedByTheNext(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"crypto/certificatekeypairs/", "providers/saml/", "core/applications/", "policies/bindings/", "providers/scim/"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, "2026.8")
			f.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, path) {
					return false
				}
				reply(w, http.StatusForbidden, object{"detail": "You do not have permission to perform this action."})
				return true
			}
			report, err := f.run(t, everything(t)).Apply(t.Context())
			want := fault.Partial
			if len(f.writes) == 0 {
				want = fault.Credential
			}
			made := len(slices.DeleteFunc(slices.Clone(f.writes), func(w string) bool { return !strings.HasPrefix(w, http.MethodPost) }))
			if fault.CodeOf(err) != want || report == nil || report.Failed == nil || len(report.Applied) != made {
				t.Fatalf("got %v, wrote %v, %+v", err, f.writes, report)
			}
			if hints := strings.Join(fault.Hints(err), " "); !strings.Contains(hints, ".add_") {
				t.Errorf("the hints are %q", hints)
			}
			shown(t, report)
			f.before = nil
			f.apply(t, everything(t))
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		release string
		change  func(*fake, *integration.Settings)
		want    []string
	}{
		"no bindings":    {"2025.10", func(*fake, *integration.Settings) {}, []string{"no-bindings"}},
		"issuer by host": {"2026.5", func(_ *fake, s *integration.Settings) { s.BindGroups = []string{"data"} }, []string{"issuer-by-host"}},
		"a token of its own": {"2026.8", func(f *fake, s *integration.Settings) {
			*s = withSCIM(*s)
			s.Issuer = "https://a.test/"
			f.put("providers/scim/", object{"name": "Sentry SCIM", "url": s.URLs.SCIMBaseURL, "token_ref": nil})
		}, []string{"scim-deactivated-stay", "scim-repeated-puts", "scim-members-stop", "scim-token-ref"}},
		"an old certificate": {"2025.10", func(f *fake, s *integration.Settings) {
			s.BindGroups = []string{"data"}
			f.objects["crypto/certificatekeypairs/"][0]["cert_expiry"] = "2026-12-01T00:00:00Z"
		}, []string{"expires-soon"}},
		"an EC key": {"2025.10", func(f *fake, s *integration.Settings) {
			s.BindGroups = []string{"data"}
			f.objects["crypto/certificatekeypairs/"][0]["key_type"] = "ec"
			f.put("providers/saml/", object{
				"name": "Sentry SAML", "acs_url": s.URLs.ACSURL, "issuer": s.MetadataURL(), "signing_kp": f.objects["crypto/certificatekeypairs/"][0]["pk"],
				"signature_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
			})
		}, []string{"signature-algorithm"}},
		"another issuer": {"2025.10", func(f *fake, s *integration.Settings) {
			s.BindGroups = []string{"data"}
			f.put("providers/saml/", object{"name": "Sentry SAML", "acs_url": s.URLs.ACSURL, "issuer": "authentik"})
		}, []string{"sentry-trust"}},
		"SCIM of 2025.10": {"2025.10", func(_ *fake, s *integration.Settings) { *s = withSCIM(*s) }, []string{"scim-deactivated-stay", "scim-repeated-puts", "scim-members-stop", "scim-everybody"}},
		"SCIM of 2026.5":  {"2026.5", func(_ *fake, s *integration.Settings) { *s = withSCIM(*s); s.Issuer = "https://a.test/" }, []string{"scim-deactivated-stay", "scim-repeated-puts", "scim-discovery"}},
		"SCIM of 2026.8":  {"2026.8", func(_ *fake, s *integration.Settings) { *s = withSCIM(*s); s.Issuer = "https://a.test/" }, []string{"scim-deactivated-stay", "scim-repeated-puts", "scim-members-stop"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s := newFake(t, test.release), settings(t)
			test.change(f, &s)
			plan, err := f.run(t, s).Plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := []string{}
			for _, w := range plan.Warnings {
				got = append(got, w.Code)
				if w.Text == "" || w.Reason == "" || w.Fix == "" {
					t.Errorf("%+v says too little", w)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("warnings differ (-want +got):\n%s", diff)
			}
			shown(t, plan)
		})
	}
}

func withSCIM(s integration.Settings) integration.Settings {
	s.WithSCIM, s.BindGroups = true, []string{"data", "sentry users"}
	return s
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*fake, *integration.Settings)
		words  string
		code   fault.Code
	}{
		"a flow":  {func(_ *fake, s *integration.Settings) { s.AuthorizationFlow = "nope" }, `flow with the slug "nope"`, fault.Failed},
		"a group": {func(_ *fake, s *integration.Settings) { s.BindGroups = []string{"nope"} }, `group with the name "nope"`, fault.Failed},
		"a pair":  {func(_ *fake, s *integration.Settings) { s.Signing.Name = "nope" }, `certificate with the name "nope"`, fault.Failed},
		"a key": {func(f *fake, _ *integration.Settings) {
			f.objects["crypto/certificatekeypairs/"][0]["private_key_available"] = false
		}, "no private key", fault.Failed},
		"a usable key": {func(f *fake, _ *integration.Settings) {
			f.objects["crypto/certificatekeypairs/"][0]["key_type"] = "ed25519"
		}, `"ed25519"`, fault.Usage},
		"a mapping": {func(f *fake, _ *integration.Settings) { f.objects["propertymappings/provider/saml/"] = nil }, "SAML mapping", fault.Failed},
		"a token":   {func(_ *fake, s *integration.Settings) { *s = withSCIM(*s) }, "sentry.scim.token", fault.Credential},
		"one of two": {func(f *fake, _ *integration.Settings) {
			f.put("providers/saml/", object{"name": "Sentry SAML"})
			f.put("providers/saml/", object{"name": "Sentry SAML"})
		}, "2 of the SAML provider", fault.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, s := newFake(t, "2026.5"), settings(t)
			test.change(f, &s)
			_, err := f.run(t, s).Apply(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.words) || fault.CodeOf(err) != test.code || len(fault.Hints(err)) == 0 {
				t.Errorf("got %v (code %d, hints %q), want %q and code %d", err, fault.CodeOf(err), fault.Hints(err), test.words, test.code)
			}
			if len(f.writes) != 0 {
				t.Errorf("wrote %v", f.writes)
			}
		})
	}
}
