package integration_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// handmade is an authentik in which somebody followed the integration guide.
func handmade(t *testing.T, release emulated.Release, change func(*emulated.Guide)) *company {
	t.Helper()
	c := newCompany(t, string(release))
	g := emulated.Guide{
		SentryURL: "https://sentry.acme.test", Org: "acme", Slug: "sentry", Groups: []string{"data"},
		SCIMURL: "https://sentry.acme.test/api/0/organizations/acme/scim/v2/", SCIMToken: canary,
	}
	if change != nil {
		change(&g)
	}
	if err := c.FollowGuide(g); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatTheGuideMadeIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*emulated.Guide, *integration.Settings){
		"everything":         func(*emulated.Guide, *integration.Settings) {},
		"single sign-on":     func(g *emulated.Guide, s *integration.Settings) { g.SCIMURL, s.WithSCIM = "", false },
		"SCIM is left alone": func(_ *emulated.Guide, s *integration.Settings) { s.WithSCIM = false },
		"bindings are left":  func(_ *emulated.Guide, s *integration.Settings) { s.BindGroups = nil },
		"another slug":       func(g *emulated.Guide, s *integration.Settings) { g.Slug, s.Application = "errors", "errors" },
	} {
		for _, release := range emulated.Releases() {
			t.Run(name+" "+string(release), func(t *testing.T) {
				t.Parallel()
				s := plainSettings(t)
				c := handmade(t, release, func(g *emulated.Guide) { change(g, &s) })
				before := c.Snapshot()
				report, err := c.run(s).Apply(t.Context())
				if err != nil || !report.Verified || len(c.writes()) > 0 {
					t.Fatalf("apply: %v, wrote %v\n%s", err, c.writes(), shown(t, report))
				}
				if diff := cmp.Diff(before.Objects["providers/saml"], c.Snapshot().Objects["providers/saml"]); diff != "" {
					t.Error(diff)
				}
				out := shown(t, report)
				for _, want := range []string{"Provider for Sentry", "taken over: the application has it", "kept authorization_flow: default-provider-authorization-explicit-consent"} {
					if !strings.Contains(out, want) {
						t.Errorf("%q is not in\n%s", want, out)
					}
				}
				if s.WithSCIM && !strings.Contains(out, "taken over: its expression is the integration guide's") {
					t.Errorf("the guide's mapping is not told in\n%s", out)
				}
			})
		}
	}
}

// TestWhatBreaksSentryIsMendedByItself leaves everything as the guide made it but
// what Sentry does not take.
func TestWhatBreaksSentryIsMendedByItself(t *testing.T) {
	t.Parallel()
	for _, release := range emulated.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			c, s := handmade(t, release, func(g *emulated.Guide) { g.Binding = "redirect" }), plainSettings(t)
			report, err := c.run(s).Apply(t.Context())
			if err != nil || len(report.Applied) != 1 || len(report.Applied[0].Changes) != 1 || report.Applied[0].Changes[0].Field != "sp_binding" {
				t.Fatalf("apply: %v\n%s", err, shown(t, report))
			}
			if writes := c.writes(); len(writes) != 1 || !strings.HasPrefix(writes[0], http.MethodPatch) {
				t.Errorf("wrote %v", writes)
			}
		})
	}
}

func TestAnIssuerOfAnUpgradedProviderStays(t *testing.T) {
	t.Parallel()
	c := handmade(t, "2026.8", nil)
	c.own("providers/saml", func(o emulated.Object) { o["issuer_override"] = "authentik" })
	report, err := c.run(plainSettings(t)).Apply(t.Context())
	if err != nil || len(c.writes()) > 0 {
		t.Fatalf("apply: %v, wrote %v", err, c.writes())
	}
	out := shown(t, report)
	if !strings.Contains(out, "kept issuer_override: authentik\n") || strings.Contains(out, "issuer-by-host") {
		t.Errorf("the report is\n%s", out)
	}
}

// TestAMappingOfSomebodysOwnIsAskedAbout is about a SCIM provider that maps in a
// way of its own.
func TestAMappingOfSomebodysOwnIsAskedAbout(t *testing.T) {
	t.Parallel()
	c, s := handmade(t, "2026.8", nil), plainSettings(t)
	c.own("propertymappings/provider/scim", func(o emulated.Object) {
		o["expression"], o["name"] = `return {"userName": request.user.email}`, "Our users"
	})
	refused, err := c.run(s).Apply(t.Context())
	if hints := strings.Join(fault.Hints(err), "\n"); fault.CodeOf(err) != fault.Refused || !strings.Contains(hints, "--scim-mapping") || len(c.writes()) > 0 {
		t.Fatalf("got %v (%s), wrote %v\n%s", err, hints, c.writes(), shown(t, refused))
	}
	s.SCIMMapping = "Sentry users by sentryidp"
	c.mended(t, s, "another name")
	if len(c.made("propertymappings/provider/scim")) != 2 || c.made("propertymappings/provider/scim")[0]["name"] != "Our users" {
		t.Errorf("the mappings are %v", c.made("propertymappings/provider/scim"))
	}
}

func TestTheMappingThatIsUsedIsFound(t *testing.T) {
	t.Parallel()
	c := handmade(t, "2026.8", nil)
	c.own("propertymappings/provider/scim", func(o emulated.Object) { o["name"] = "Our users" })
	for name, test := range map[string]struct {
		slug, name, want string
	}{
		"by the application":        {"sentry", "", "Our users"},
		"by its name":               {"sentry", "Our users", "Our users"},
		"a name that is not there":  {"sentry", "Sentry SCIM user", ""},
		"without the application":   {"nothing", "", ""},
		"one that authentik brings": {"nothing", "authentik default SCIM Mapping: User", "authentik default SCIM Mapping: User"},
	} {
		found, ok, err := integration.FindMapping(t.Context(), c.client, test.slug, test.name)
		if err != nil || ok != (test.want != "") || found.Name != test.want {
			t.Errorf("%s: %q, %v, %v", name, found.Name, ok, err)
		}
	}
}

// TestAnotherProviderOfTheApplicationIsNamed is about an application that logs people
// in at something else, and about a provider of another name than the settings say.
func TestAnotherProviderOfTheApplicationIsNamed(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*company, *integration.Settings){
		"something else": func(c *company, _ *integration.Settings) {
			c.own("providers/saml", func(o emulated.Object) {
				o["acs_url"], o["audience"], o["sls_url"] = "https://wiki.test/saml/acs/", "https://wiki.test/", ""
			})
		},
		"named otherwise": func(_ *company, s *integration.Settings) { s.SAMLProvider = "Sentry by SAML" },
	} {
		c, s := handmade(t, "2026.8", nil), plainSettings(t)
		change(c, &s)
		refused, err := c.run(s).Apply(t.Context())
		if fault.CodeOf(err) != fault.Refused || len(c.writes()) > 0 {
			t.Errorf("%s: %v, wrote %v", name, err, c.writes())
		}
		if out := shown(t, refused); !strings.Contains(out, "it has another provider, Provider for Sentry") {
			t.Errorf("%s: the report is\n%s", name, out)
		}
	}
}
