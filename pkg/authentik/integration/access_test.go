package integration_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// strict is an integration whose application wants all of two bindings to pass.
func strict(t *testing.T, release emulated.Release) *company {
	t.Helper()
	c := handmade(t, release, func(g *emulated.Guide) { g.Groups = []string{"data", "sentry users"} })
	c.own("core/applications", func(o emulated.Object) { o["policy_engine_mode"] = "all" })
	return c
}

func TestNobodyIsLetInUnasked(t *testing.T) {
	t.Parallel()
	more := `R&D "${x}"`
	for name, test := range map[string]struct {
		change func(*company, *integration.Settings, *integration.Run)
		code   fault.Code
		hint   string
		mode   string
	}{
		"what is bound stays": {func(_ *company, s *integration.Settings, _ *integration.Run) { s.BindGroups = []string{"data"} }, fault.OK, "", "all"},
		"one group more":      {func(_ *company, s *integration.Settings, _ *integration.Run) { s.BindGroups = []string{more} }, fault.Refused, "--policy-engine-mode any", "all"},
		"one group more, all": {func(_ *company, s *integration.Settings, _ *integration.Run) {
			s.BindGroups, s.PolicyMode = []string{more}, "all"
		}, fault.OK, "", "all"},
		"any, not by a flag": {func(_ *company, s *integration.Settings, _ *integration.Run) {
			s.BindGroups, s.PolicyMode = []string{more}, "any"
		}, fault.Refused, "--policy-engine-mode any as a flag", "all"},
		"any, adopted": {func(_ *company, s *integration.Settings, r *integration.Run) {
			s.PolicyMode, r.Adopt, r.Loosen = "any", true, true
		}, fault.Refused, "--policy-engine-mode any as a flag", "all"},
		"any, by a flag": {func(_ *company, s *integration.Settings, r *integration.Run) {
			s.BindGroups, s.PolicyMode, r.LoosenMode = []string{more}, "any", true
		}, fault.OK, "", "any"},
		"a binding is off": {func(c *company, s *integration.Settings, _ *integration.Run) {
			s.BindGroups = []string{"data"}
			c.own("policies/bindings", func(o emulated.Object) { o["enabled"] = false })
		}, fault.Refused, "--loosen-access", "all"},
		"a binding is turned round": {func(c *company, s *integration.Settings, r *integration.Run) {
			s.BindGroups, r.LoosenMode = []string{"data"}, true
			c.own("policies/bindings", func(o emulated.Object) { o["negate"] = true })
		}, fault.Refused, "--loosen-access", "all"},
		"a binding is on again": {func(c *company, s *integration.Settings, r *integration.Run) {
			s.BindGroups, r.Loosen = []string{"data"}, true
			c.own("policies/bindings", func(o emulated.Object) { o["enabled"] = false })
		}, fault.OK, "", "all"},
		"a single binding": {func(c *company, s *integration.Settings, _ *integration.Run) {
			s.BindGroups, s.PolicyMode = nil, "any"
			c.own("policies/bindings", func(o emulated.Object) { o["enabled"] = false })
		}, fault.OK, "", "any"},
	} {
		for _, release := range emulated.Releases() {
			t.Run(name+" "+string(release), func(t *testing.T) {
				t.Parallel()
				c, s := strict(t, release), settings(t)
				run := c.run(s)
				test.change(c, &run.Settings, run)
				report, err := run.Apply(t.Context())
				if hints := strings.Join(fault.Hints(err), "\n"); fault.CodeOf(err) != test.code || !strings.Contains(hints, test.hint) {
					t.Fatalf("got %v (%s)\n%s", err, hints, shown(t, report))
				}
				if refused := test.code == fault.Refused; refused != report.Refused || refused && (len(c.writes()) > 0 || !strings.Contains(shown(t, report), "changes who gets in:")) {
					t.Errorf("wrote %v\n%s", c.writes(), shown(t, report))
				}
				if mode := c.Snapshot().Objects["core/applications"][0]["policy_engine_mode"]; mode != test.mode {
					t.Errorf("the mode is %v", mode)
				}
			})
		}
	}
}

// appearing answers with the emulated authentik, and lets somebody else make
// objects as soon as the first write comes.
type appearing struct {
	direct
	made func()
}

// RoundTrip hands the request over.
func (a *appearing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet && a.made != nil {
		made := a.made
		a.made = nil
		defer made()
	}
	return a.direct.RoundTrip(r)
}

// TestWhatAppearsMeanwhileIsNotOverwritten has somebody make an object after it
// was planned and before it is its turn, with --adopt, which is about what the plan
// showed.
func TestWhatAppearsMeanwhileIsNotOverwritten(t *testing.T) {
	t.Parallel()
	for path, text := range map[string]string{
		"providers/saml":    `{"name":"Sentry SAML","acs_url":"https://elsewhere.test/","authorization_flow":"FLOW","invalidation_flow":"FLOW"}`,
		"core/applications": `{"name":"Sentry","slug":"sentry"}`,
		"providers/scim":    `{"name":"Sentry SCIM","url":"https://elsewhere.test/","token":"theirs"}`,
	} {
		for _, adopt := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, adopted %v", path, adopt), func(t *testing.T) {
				t.Parallel()
				c, s := newCompany(t, "2026.8"), plainSettings(t)
				theirs := strings.ReplaceAll(text, "FLOW", asText(c.Snapshot().Objects["flows/instances"][0]["pk"]))
				transport := &appearing{direct: direct{c, c.Authentik}, made: func() { c.post(t, path, theirs) }}
				client, err := authentik.New("https://authentik.test", &http.Client{Transport: transport})
				if err != nil {
					t.Fatal(err)
				}
				run := c.run(s)
				run.Client, run.Adopt = client, adopt
				report, err := run.Apply(t.Context())
				if fault.CodeOf(err) != fault.Partial || report.Failed == nil || !strings.Contains(err.Error(), "while this ran") {
					t.Fatalf("got %v\n%s", err, shown(t, report))
				}
				if slices.ContainsFunc(c.writes(), func(w string) bool { return strings.HasPrefix(w, "PATCH /api/v3/"+path) }) {
					t.Errorf("it was overwritten: %v", c.writes())
				}
			})
		}
	}
}

func asText(value any) string {
	text, _ := value.(string)
	return text
}

// post makes an object through the API.
func (c *company) post(t *testing.T, path, body string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v3/"+path+"/", strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+c.Token())
	answer := httptest.NewRecorder()
	if c.ServeHTTP(answer, request); answer.Code != http.StatusCreated {
		t.Errorf("POST %s: %d %s", path, answer.Code, answer.Body)
	}
}

// TestTheCertificateThatWasNamedOnceStays is about an apply without the file of
// the certificate after one with it.
func TestTheCertificateThatWasNamedOnceStays(t *testing.T) {
	t.Parallel()
	for _, release := range emulated.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, string(release)), uploading(t)
			c.mended(t, s, "from nothing")
			writes := len(c.writes())
			s.Signing = integration.Signing{}
			report, err := c.run(s).Apply(t.Context())
			if err != nil || len(c.writes()) != writes {
				t.Fatalf("apply: %v, wrote %v", err, c.writes()[writes:])
			}
			if out := shown(t, report); !strings.Contains(out, "kept signing_kp: Sentry signing (default "+integration.DefaultKeyPair+")") {
				t.Errorf("the report is\n%s", out)
			}
		})
	}
}

// TestAnApplicationIsNotOpenBeforeItIsBound ends apply before the bindings are made:
// without them everybody could log in, so that the application has no provider yet.
func TestAnApplicationIsNotOpenBeforeItIsBound(t *testing.T) {
	t.Parallel()
	for name, exists := range map[string]bool{"from nothing": false, "an application without a provider": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, "2026.8"), plainSettings(t)
			if exists {
				c.post(t, "core/applications", `{"name":"Sentry","slug":"sentry"}`)
			}
			c.fails = func(r *http.Request) bool {
				return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/policies/bindings/")
			}
			report, err := c.run(s).Apply(t.Context())
			if fault.CodeOf(err) != fault.Partial {
				t.Fatalf("got %v\n%s", err, shown(t, report))
			}
			if provider := c.made("core/applications")[0]["provider"]; provider != nil {
				t.Errorf("nothing is bound, and the application has the provider %v", provider)
			}
			c.fails = nil
			c.mended(t, s, "finished")
			if provider := c.made("core/applications")[0]["provider"]; provider == nil {
				t.Error("the application has no provider")
			}
		})
	}
}
