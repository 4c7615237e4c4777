package metadata_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// saying is a Sentry that says this of itself, and answers this for metadata.
func saying(config string, metadata http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/saml/", metadata)
	mux.HandleFunc("/api/client-config/", func(w http.ResponseWriter, _ *http.Request) {
		if config == "" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write([]byte(config))
	})
	return mux
}

func prefixed(prefix string) string {
	return `{"version":{"current":"26.8.0"},"isSelfHosted":true,"urlPrefix":"` + prefix + `"}`
}

// TestVerifySaysWhatIsWrong has the causes of HTTP 500, of a missing slash, and
// of other documents: system.url-prefix is named where it is the cause.
func TestVerifySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	broken := answering(http.StatusInternalServerError, "<h1>Internal Server Error</h1>")
	for name, tt := range map[string]struct {
		handler   http.Handler
		code      string
		says, not string
	}{
		"prefix not set":      {saying(prefixed(""), broken), "host", "its system.url-prefix is not set", ""},
		"prefix without dot":  {saying(prefixed("http://sentry:9000"), broken), "host", "refuses system.url-prefix, which is http://sentry:9000", ""},
		"prefix is fine":      {saying(prefixed("https://sentry.acme.test"), broken), "server-error", "system.url-prefix https://sentry.acme.test is not the cause", "set system.url-prefix"},
		"prefix is not known": {saying("", broken), "server-error", "is one cause, a database that is down another", "set system.url-prefix"},
		"a page for config":   {saying("<html>", broken), "server-error", "is one cause", ""},
		"down":                {saying("", answering(http.StatusBadGateway, "")), "status", "502 Bad Gateway; see that Sentry's web container is up", "system.url-prefix"},
		"a web page":          {answering(http.StatusOK, "<!DOCTYPE html><html><title>Sign in</title></html>"), "no-metadata", "shows a web page (HTML) instead of SAML metadata", ""},
		"other XML":           {answering(http.StatusOK, "<feed/>"), "no-metadata", "it has no EntityDescriptor", "web page"},
		"published without slash": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := serviceProvider("http://" + r.Host)
			_, _ = w.Write([]byte(strings.ReplaceAll(text, `/acme/"`, `/acme"`)))
		}), "slash", "Sentry itself never leaves it out; let the proxy", "system.url-prefix"},
		"redirect without slash": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/"), http.StatusMovedPermanently)
		}), "slash", "the slash at the end is missing", "system.url-prefix"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.Close)
			v := verify(t, server.URL, "acme")
			if diff := cmp.Diff([]string{tt.code}, problemsOf(v)); diff != "" {
				t.Fatalf("problems (-want +got):\n%s", diff)
			}
			words := v.Problems[0].Message + "; " + v.Problems[0].Fix
			if !strings.Contains(words, tt.says) || tt.not != "" && strings.Contains(words, tt.not) {
				t.Errorf("%q, want %q and not %q", words, tt.says, tt.not)
			}
		})
	}
}

func TestVerifyNamesAdvisories(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		config  string
		assumed sentry.Release
		release string
		found   int
	}{
		"Sentry says":            {`{"version":{"current":"26.4.0"},"isSelfHosted":true,"urlPrefix":""}`, sentry.Release{Year: 26, Month: 8}, "26.4.0", 3},
		"Sentry does not say":    {"", sentry.Release{Year: 26, Month: 7, Patch: 1}, "26.7.1", 1},
		"nobody says":            {"", sentry.Release{}, "", 0},
		"Sentry SaaS":            {`{"version":{"current":"26.1.0.dev0"},"isSelfHosted":false,"urlPrefix":""}`, sentry.Release{}, "", 0},
		"without the weaknesses": {`{"version":{"current":"26.8.0"},"isSelfHosted":true,"urlPrefix":""}`, sentry.Release{}, "26.8.0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(saying(tt.config, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(serviceProvider("http://" + r.Host)))
			})))
			t.Cleanup(server.Close)
			base, _, err := sentry.ParseBase(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			v, err := metadata.Verify(t.Context(), client(t), sentry.URLsOf(base, "acme"), tt.assumed)
			if err != nil || !v.OK || v.Release.String() != tt.release || len(v.Advisories) != tt.found {
				t.Errorf("error %v, release %q, %d advisories: %+v", err, v.Release, len(v.Advisories), v.Problems)
			}
		})
	}
}

func TestTheDefaultAddressIsNotBlamed(t *testing.T) {
	t.Parallel()
	v := &metadata.Verification{Problems: []metadata.Problem{{Code: "slug", Message: "no", Fix: "give the slug"}}}
	v.OnlyDefault(sentry.SaaS)
	const want = "if Sentry is not at https://sentry.io, which is only the default, pass --sentry-url with its address and change nothing yet; otherwise give the slug"
	if got := v.Problems[0].Fix; got != want {
		t.Errorf("fix %q", got)
	}
}
