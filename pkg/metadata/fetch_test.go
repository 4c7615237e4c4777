package metadata_test

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func client(t *testing.T) *http.Client {
	t.Helper()
	c, err := transport.New(transport.Options{
		MaxAttempts: 1, MaxBody: metadata.MaxFetched, AttemptTimeout: 5 * time.Second,
		Clock: transport.Clock{Now: time.Now, Rand: rand.Reader},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFetch(t *testing.T) {
	t.Parallel()
	good := entity(cert("", "AAAA") + sso)
	mux := http.NewServeMux()
	answer := func(path string, status int, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	answer("/good", http.StatusOK, good)
	answer("/odd-status", http.StatusTeapot, good)
	answer("/created", http.StatusCreated, good)
	answer("/missing", http.StatusNotFound, "<!DOCTYPE html><br>")
	answer("/login", http.StatusOK, "<!DOCTYPE html><br>")
	answer("/unavailable", http.StatusServiceUnavailable, "")
	answer("/huge", http.StatusOK, good+strings.Repeat(" ", metadata.MaxFetched))
	mux.Handle("/redirect", http.RedirectHandler("https://me:sntrys_canary@id.acme.test/if/flow/login/?next=/", http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	secure := httptest.NewUnstartedServer(mux)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it is refused, as it should be
	secure.StartTLS()
	t.Cleanup(secure.Close)
	tests := map[string]struct {
		url, want string
		code      fault.Code
	}{
		"good":        {server.URL + "/good", "", fault.OK},
		"created":     {server.URL + "/created", "", fault.OK},
		"a query":     {server.URL + "/good?key=sntrys_canary", "", fault.OK},
		"odd status":  {server.URL + "/odd-status?key=sntrys_canary", "/odd-status?…: answered 418 I'm a teapot with SAML metadata", fault.Failed},
		"missing":     {server.URL + "/missing", "/missing: answered 404 Not Found with a web page (HTML)", fault.Failed},
		"login":       {server.URL + "/login?key=sntrys_canary", "/login?…: expected SAML metadata but this is a web page (HTML)", fault.Usage},
		"unavailable": {server.URL + "/unavailable", "/unavailable: answered 503 Service Unavailable", fault.Failed},
		"huge":        {server.URL + "/huge", "too large", fault.Failed},
		"redirect":    {server.URL + "/redirect", "it redirects to https://…@id.acme.test/if/flow/login/?…", fault.Failed},
		"untrusted":   {secure.URL + "/good", "its certificate cannot be trusted", fault.Failed},
		"no server":   {"http://127.0.0.1:1/", "connection refused", fault.Failed},
		"no URL":      {"idp.xml", "is not an absolute http or https URL", fault.Usage},
		"a blank":     {"http://id.acme.test/a b?key=sntrys_canary", `is not an absolute http or https URL: "http://id.acme.test/a b?…"`, fault.Usage},
		"a fragment":  {"http://id.acme.test/?key=sntrys_canary#sntrys_canary", "must have no fragment: http://id.acme.test/?…", fault.Usage},
		"credentials": {"https://me:sntrys_canary@id.acme.test/", "credentials", fault.Usage},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := metadata.Fetch(t.Context(), client(t), tt.url)
			if told := strings.Join(fault.Hints(err), ""); strings.Contains(told, "would take this metadata all the same") != (name == "odd status") {
				t.Errorf("hints %q", told)
			}
			if tt.want == "" {
				if err != nil || string(got) != good {
					t.Errorf("got %q, error %v", got, err)
				}
				return
			}
			if fault.CodeOf(err) != tt.code || !contains(err.Error(), tt.want) || contains(err.Error(), "canary") {
				t.Errorf("error %v, want %q with code %d", err, tt.want, tt.code)
			}
		})
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	type test struct {
		prefix string // Sentry's system.url-prefix; empty: where it is
		org    string
		want   []string
	}
	tests := map[string]test{
		"equal":            {"", "acme", []string{}},
		"another slug":     {"", "acme-inc", []string{"slug"}},
		"https":            {"https://HOST", "acme", []string{"scheme"}},
		"another host":     {"https://sentry.acme.test", "acme", []string{"scheme", "host", "port"}},
		"no dot in a name": {"http://sentry:9000", "acme", []string{"host"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(nil)
			host := server.Listener.Addr().String()
			state := sandbox.SampleState()
			emulated, err := sandbox.NewSentry(state, sandbox.Config{
				BaseURL: strings.Replace(tt.prefix, "HOST", host, 1), Now: now, Rand: rand.Reader, SAMLURL: sentry.IsSAMLURL,
			})
			if err != nil {
				t.Fatal(err)
			}
			server.Config.Handler = emulated
			server.Start()
			t.Cleanup(server.Close)
			v := verify(t, "http://"+host, tt.org)
			if diff := cmp.Diff(tt.want, problemsOf(v)); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%+v", diff, v)
			}
			if v.OK != (len(tt.want) == 0) {
				t.Errorf("OK is %v with %v", v.OK, v.Problems)
			}
		})
	}
}

func TestVerifyOddAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.Handler
		want    []string
	}{
		"to https": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
		}), []string{"scheme"}},
		"to a login": {http.RedirectHandler("/auth/login/", http.StatusFound), []string{"redirect"}},
		"a page":     {answering(http.StatusOK, "<!DOCTYPE html><br>"), []string{"no-metadata"}},
		"an IdP":     {answering(http.StatusOK, entity(sso)), []string{"no-metadata"}},
		"forbidden":  {answering(http.StatusForbidden, ""), []string{"status"}},
		"a path in front": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, serviceProvider("http://"+r.Host+"/errors"))
		}), []string{"path"}},
		"no location": {answering(http.StatusOK, open+`<SPSSODescriptor/>`+shut), []string{"path"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.Close)
			v := verify(t, server.URL, "acme")
			if diff := cmp.Diff(tt.want, problemsOf(v)); diff != "" || v.OK {
				t.Errorf("OK %v, problems (-want +got):\n%s", v.OK, diff)
			}
		})
	}
}

func serviceProvider(prefix string) string {
	const bindings = "urn:oasis:names:tc:SAML:2.0:bindings:"
	return strings.Replace(open, `"idp"`, `"`+prefix+`/saml/metadata/acme/"`, 1) + "<SPSSODescriptor>" +
		`<SingleLogoutService Binding="` + bindings + `HTTP-Redirect" Location="` + prefix + `/saml/sls/acme/"/>` +
		`<AssertionConsumerService Binding="` + bindings + `HTTP-POST" Location="` + prefix + `/saml/acs/acme/"/>` + "</SPSSODescriptor>" + shut
}

func answering(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
}

func verify(t *testing.T, base, org string) *metadata.Verification {
	t.Helper()
	parsed, _, err := sentry.ParseBase(base)
	if err != nil {
		t.Fatal(err)
	}
	v, err := metadata.Verify(t.Context(), client(t), sentry.URLsOf(parsed, sentry.Slug(org)), sentry.Release{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func problemsOf(v *metadata.Verification) []string {
	codes := []string{}
	for _, p := range v.Problems {
		codes = append(codes, p.Code)
	}
	return codes
}
