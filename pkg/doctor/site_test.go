package doctor_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// site is an emulated Sentry and an emulated authentik that are set up for each
// other, and the means to put a fault between them.
type site struct {
	t *testing.T

	sentryURL, authentikURL string
	front, back             *handlers // answer instead of Sentry and of authentik
	admin                   *authentik.Client
	settings                integration.Settings
	doctor                  *doctor.Doctor
	budget                  *doctor.Budget
}

// handlers answer paths instead of the product behind them.
type handlers struct {
	product http.Handler
	all     http.HandlerFunc
	paths   map[string]http.HandlerFunc
	ahead   time.Duration // of the server's clock
}

// dated is an answer of another time than the emulator's.
type dated struct {
	http.ResponseWriter

	date time.Time
}

func (d *dated) WriteHeader(status int) {
	d.Header().Set("Date", d.date.UTC().Format(http.TimeFormat))
	d.ResponseWriter.WriteHeader(status)
}

func (d *dated) Write(data []byte) (int, error) {
	d.Header().Set("Date", d.date.UTC().Format(http.TimeFormat)) // without effect once WriteHeader was called
	return d.ResponseWriter.Write(data)
}

func (h *handlers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w = &dated{ResponseWriter: w, date: time.Now().Add(h.ahead)}
	handler := h.paths[r.URL.Path]
	switch {
	case handler != nil:
		handler(w, r)
	case h.all != nil:
		h.all(w, r)
	default:
		h.product.ServeHTTP(w, r)
	}
}

const (
	scimToken      = "scim"
	apiToken       = "api"
	authentikToken = "ak"
	org            = "acme"
)

// api is the path of the organization in Sentry's API.
func api(path string) string { return "/api/0/organizations/" + org + "/" + path }

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, budget: &doctor.Budget{}}
	s.front = &handlers{paths: map[string]http.HandlerFunc{}}
	s.back = &handlers{paths: map[string]http.HandlerFunc{}}
	s.sentryURL, s.authentikURL = s.serve(s.front), s.serve(s.back)
	fake, err := sandbox.NewSentry(sandbox.SampleState(), sandbox.Config{Token: scimToken, BaseURL: s.sentryURL, Now: time.Now, Rand: rand.Reader, SAMLURL: sentry.IsSAMLURL})
	s.check(err)
	s.front.product = fake
	state := emulated.FreshState([]emulated.Person{{Username: "ada", Name: "Ada Example", Email: "ada@acme.test", Groups: []string{"staff"}}}, []string{"staff"})
	idp, err := emulated.New(state, emulated.Config{Token: authentikToken, BaseURL: s.authentikURL, Now: time.Now, Rand: rand.Reader, SCIM: &http.Client{}})
	s.check(err)
	s.back.product = idp
	s.describeOrganization()
	s.connect()
	return s
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) serve(h http.Handler) string {
	server := httptest.NewServer(h)
	s.t.Cleanup(server.Close)
	return server.URL
}

// describeOrganization answers what the emulated Sentry does not.
func (s *site) describeOrganization() {
	s.answer(api("auth-provider/"), map[string]any{
		"id": "1", "provider_name": "saml2", "pending_links_count": 1, "default_role": "member", "require_link": true, "scim_enabled": true,
	})
	s.answer(api(""), map[string]any{"features": []string{"invite-members", "sso-saml2"}})
	s.members(
		linkedOwner("owner@acme.test"), linkedOwner("second@acme.test"),
		map[string]any{"email": "invited@acme.test", "orgRole": "member", "pending": true, "flags": map[string]bool{"idp:provisioned": true}},
	)
	s.answer(api("audit-logs/"), map[string]any{"rows": []any{}, "options": []string{}})
}

func linkedOwner(email string) map[string]any {
	return map[string]any{"email": email, "orgRole": "owner", "flags": map[string]bool{"sso:linked": true}}
}

func (s *site) members(list ...map[string]any) { s.answer(api("members/"), list) }

// answer lets Sentry answer a path with JSON, to a token alone.
func (s *site) answer(path string, body any) {
	s.front.paths[path] = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(body)
	}
}

// connect applies the integration, and makes the Doctor.
func (s *site) connect() {
	base, _, err := sentry.ParseBase(s.sentryURL)
	s.check(err)
	urls := sentry.URLsOf(base, org)
	s.admin, err = authentik.New(s.authentikURL, s.client(s.authentikURL, authentikToken, nil))
	s.check(err)
	s.settings = integration.Settings{URLs: urls, AuthentikURL: s.authentikURL, Application: "sentry", BindGroups: []string{"staff"}}
	_, err = (&integration.Run{Client: s.admin, Settings: s.settings, Now: time.Now}).Apply(s.t.Context())
	s.check(err)
	counted, err := authentik.New(s.authentikURL, s.client(s.authentikURL, authentikToken, s.budget.Wrap))
	s.check(err)
	provision, err := scim.New(urls.SCIMBaseURL, s.client(s.sentryURL, scimToken, s.budget.Wrap))
	s.check(err)
	public := s.client("", "", s.budget.Wrap)
	s.doctor = &doctor.Doctor{
		Subject: doctor.Subject{
			SentryURL: s.sentryURL, URLs: &urls, AuthentikURL: s.authentikURL, Application: "sentry",
			MetadataURL: s.authentikURL + "/application/saml/sentry/metadata/",
		},
		Web: public, IDPWeb: public, LookUp: func(context.Context, string) []netip.Addr { return nil },
		SCIM: provision, Members: s.client(s.sentryURL, apiToken, s.budget.Wrap), API: s.client(s.sentryURL, apiToken, s.budget.Wrap), Authentik: counted,
		Integration: &integration.Run{Client: counted, Settings: s.settings, Now: time.Now},
		Drift:       func(context.Context) (string, error) { return "", nil },
		Requests:    s.budget.Sent, Now: time.Now, Bound: 5 * time.Second,
	}
}

func (s *site) client(address, token string, wrap transport.Middleware) *http.Client {
	s.t.Helper()
	client, err := transport.New(transport.Options{
		Origin: address, Token: secret.New(token), MaxAttempts: 1, Wrap: wrap, Clock: transport.Clock{Now: time.Now, Rand: rand.Reader},
	})
	s.check(err)
	return client
}

// provider changes the SAML provider in authentik, as somebody would by hand.
func (s *site) provider(fields authentik.Fields) {
	s.t.Helper()
	all, err := s.admin.SAMLProviders().List(s.t.Context(), nil)
	s.check(err)
	_, err = s.admin.SAMLProviders().Patch(s.t.Context(), all[0].Key(), fields)
	s.check(err)
}

// metadata changes the metadata that authentik serves.
func (s *site) metadata(change func(xml string) string) {
	s.t.Helper()
	s.back.paths["/application/saml/sentry/metadata/"] = func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		s.back.product.ServeHTTP(recorded, r)
		_, _ = w.Write([]byte(change(recorded.Body.String())))
	}
}

func (s *site) replaced(old, with string) {
	s.t.Helper()
	s.metadata(func(xml string) string { return strings.ReplaceAll(xml, old, with) })
}

func (s *site) examine() *doctor.Report {
	s.t.Helper()
	report, err := s.doctor.Examine(s.t.Context())
	s.check(err)
	return report
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func page(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

func elsewhere(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}
