package transport_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

const canary = "sntrys_canary_0123456789"

// half is randomness that always says the same: about a half.
type half struct{}

func (half) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0x80
	}
	return len(p), nil
}

// fake is a function as the network.
type fake func(*http.Request) (*http.Response, error)

func (f fake) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// clock is the time of the test (virtual in a synctest bubble).
func clock() transport.Clock { return transport.Clock{Now: time.Now, Rand: half{}} }

// instant is a clock whose waits take no real time: they turn it forward.
func instant() transport.Clock {
	var waited atomic.Int64
	return transport.Clock{
		Now:  func() time.Time { return time.Now().Add(time.Duration(waited.Load())) },
		Rand: half{},
		Sleep: func(ctx context.Context, d time.Duration) error {
			waited.Add(int64(d))
			return context.Cause(ctx)
		},
	}
}

func answer(status int, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("{}")), ContentLength: -1}
}

func newClient(t *testing.T, o transport.Options) *http.Client {
	t.Helper()
	client, err := transport.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// do sends a request and returns the status and body.
func do(ctx context.Context, t *testing.T, client *http.Client, method, url, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		return 0, "", err
	}
	text, err := transport.ReadAll(resp, 1<<20)
	return resp.StatusCode, string(text), err
}

func TestTheTokenStaysAtItsOrigin(t *testing.T) {
	t.Parallel()
	var stolen []string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stolen = append(stolen, r.Header.Get("Authorization"))
	}))
	defer thief.Close()
	var got string
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		http.Redirect(w, r, thief.URL, http.StatusFound)
	}))
	defer home.Close()

	client := newClient(t, transport.Options{Origin: home.URL + "/api", Token: secret.New(canary), Clock: clock()})
	status, _, err := do(t.Context(), t, client, http.MethodGet, home.URL, "")
	if err != nil || status != http.StatusFound || got != "Bearer "+canary {
		t.Fatalf("status %d, error %v, token %q", status, err, got)
	}
	if len(stolen) != 0 {
		t.Fatal("a redirect was followed")
	}
	client.CheckRedirect = nil // follow them after all
	if _, _, err := do(t.Context(), t, client, http.MethodGet, home.URL, ""); err != nil {
		t.Fatal(err)
	}
	if len(stolen) != 1 || stolen[0] != "" {
		t.Errorf("the other server got %q", stolen)
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	const home = "https://Sentry.acme.test/api/0"
	for url, want := range map[string]bool{
		"https://sentry.acme.test/x":       true,
		"https://sentry.acme.test:443/x":   true,
		"HTTPS://SENTRY.ACME.TEST":         true,
		"http://sentry.acme.test/x":        false,
		"https://sentry.acme.test:8443/x":  false,
		"https://sentry.acme.test.evil/x":  false,
		"https://evil.test/sentry.acme.te": false,
	} {
		var got string
		client := newClient(t, transport.Options{
			Origin: home, Token: secret.New(canary), Clock: clock(),
			Base: fake(func(r *http.Request) (*http.Response, error) {
				got = r.Header.Get("Authorization")
				return answer(http.StatusOK), nil
			}),
		})
		if _, _, err := do(t.Context(), t, client, http.MethodGet, url, ""); err != nil {
			t.Fatal(err)
		}
		if (got != "") != want {
			t.Errorf("%s got %q, want a token: %t", url, got, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]transport.Options{
		"no clock":               {},
		"a token of nowhere":     {Clock: clock(), Token: secret.New(canary)},
		"a token of no URL":      {Clock: clock(), Token: secret.New(canary), Origin: "http://[::1"},
		"a token of a bare path": {Clock: clock(), Token: secret.New(canary), Origin: "/api?token=" + canary},
	} {
		_, err := transport.New(o)
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusalsAreScrubbed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "you sent "+r.Header.Get("Authorization"), http.StatusBadRequest)
	}))
	defer server.Close()
	client := newClient(t, transport.Options{Origin: server.URL, Token: secret.New(canary), Clock: clock()})
	status, body, err := do(t.Context(), t, client, http.MethodGet, server.URL, "")
	if err != nil || status != http.StatusBadRequest || strings.Contains(body, canary) || !strings.Contains(body, "Bearer [redacted]") {
		t.Errorf("%d %q %v", status, body, err)
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	var got string
	client := newClient(t, transport.Options{
		UserAgent: "sentryidp/1.0", Clock: clock(),
		Base: fake(func(r *http.Request) (*http.Response, error) {
			got = r.UserAgent()
			return answer(http.StatusOK), nil
		}),
	})
	if _, _, err := do(t.Context(), t, client, http.MethodGet, "https://sentry.acme.test/", ""); err != nil || got != "sentryidp/1.0" {
		t.Errorf("agent %q, error %v", got, err)
	}
}

func TestWhole(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			_, _ = io.WriteString(w, strings.Repeat("x", 2000))
		case "/half":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		case "/stall":
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
			<-release
		}
	}))
	defer server.Close()
	defer close(release)
	chain := transport.Whole(1000, 200*time.Millisecond)(transport.NewBase(1, nil))
	client := &http.Client{Transport: chain}
	for path, want := range map[string]error{
		"/big": transport.ErrTooLarge, "/half": io.ErrUnexpectedEOF, "/stall": transport.ErrSlow, "/": nil,
	} {
		if _, _, err := do(t.Context(), t, client, http.MethodGet, server.URL+path, ""); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
}
