package cmd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestTheQueryOfAURLIsInNoError gives every command that takes a URL one with a
// secret in its query, as a signed link has, and lets it go wrong in many ways.
func TestTheQueryOfAURLIsInNoError(t *testing.T) {
	t.Parallel()
	const canary = "sntrys_canary"
	hosts := []string{
		serverOf(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }),
		serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere?"+r.URL.RawQuery, http.StatusFound)
		}),
		serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("<html><title>Sign in</title>" + r.URL.RawQuery))
		}),
		"http://127.0.0.1:1", "https://127.0.0.1:1", "http://user:" + canary + "@127.0.0.1:1", "http://127.0.0.1:99999", "ftp://127.0.0.1",
		"http://127.0.0.1:x", "http://[::1", "http://127.0.0.1:1/%zz", "https://",
	}
	for _, line := range []string{
		"saml metadata fetch URL", "saml metadata lint URL", "saml metadata lint URL -o json", "saml cert inspect URL", "saml cert check --metadata URL",
		"saml urls --org acme --verify --sentry-url URL", "scim status --org acme --file ../testdata/directory/people.yaml --sentry-url URL",
		"scim push --org acme --file ../testdata/directory/people.yaml --sentry-url URL", "scim map --authentik-url URL", "scim map --file URL",
		"authentik apply --org acme --authentik-url URL", "authentik status --org acme --authentik-url URL", "saml metadata render --authentik-url URL",
		"saml response inspect URL", "saml response inspect ../testdata/response/accepted.b64 --metadata URL", "scim restore URL --dry-run", "config validate URL",
		"version --config URL", "scim export --org acme --config URL", "saml cert rotate --org acme --authentik-url URL",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			for _, host := range hosts {
				for _, tail := range []string{"/metadata?token=" + canary, "/?token=" + canary + "%zz", "#" + canary} {
					a, _, messages := testApp()
					a.now, a.rand = noon, newChance()
					a.env = []string{"HOME=" + t.TempDir(), "SENTRY_AUTH_TOKEN=t", "AUTHENTIK_TOKEN=t"}
					args := strings.Fields(strings.ReplaceAll(line, "URL", "\x00"))
					for i := range args {
						args[i] = strings.ReplaceAll(args[i], "\x00", host+tail)
					}
					a.run(t.Context(), append(args, "--timeout", "1s", "-v"))
					if strings.Contains(messages.String(), canary) {
						t.Errorf("%s%s: said %q", host, tail, messages)
					}
				}
			}
		})
	}
}

func serverOf(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func noon() time.Time { return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC) }
