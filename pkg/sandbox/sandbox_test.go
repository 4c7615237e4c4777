package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

const (
	token = "test-token"
	scim  = "/api/0/organizations/acme/scim/v2"

	ownToken = "own-token"
	inside   = "http://127.0.0.1:9000/_sandbox/"
)

// zeros is randomness that is always the same.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func noon() time.Time { return time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC) }

func config() sandbox.Config {
	return sandbox.Config{Token: token, SandboxToken: ownToken, Now: noon, Rand: zeros{}}
}

func newSentry(tb testing.TB, state sandbox.State, config sandbox.Config) *sandbox.Sentry {
	tb.Helper()
	s, err := sandbox.NewSentry(state, config)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// ask sends a request with the token, and header pairs, straight to the handler.
func ask(tb testing.TB, h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	tb.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(tb.Context(), method, path, reader)
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// want checks status and body of an answer.
func want(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("answer:\n got %d %s\nwant %d %s", w.Code, w.Body, status, body)
	}
}

func quote(tb testing.TB, value any) string {
	tb.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}
