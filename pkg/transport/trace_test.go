package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func TestTraceShowsNoPeopleAndNoToken(t *testing.T) {
	t.Parallel()
	var lines []string
	n := 0
	still := instant()
	still.Now = func() time.Time { return time.Unix(0, 0) }
	client := newClient(t, transport.Options{
		Origin: site, Token: secret.New(canary), Clock: still,
		Trace: func(line string) { lines = append(lines, line) },
		Base: fake(func(*http.Request) (*http.Response, error) {
			if n++; n == 1 {
				return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
			}
			return answer(http.StatusOK), nil
		}),
	})
	target := site + "/Users?" + url.Values{"filter": {`userName eq "ada@acme.test"`}, "startIndex": {"101"}, "count": {"100"}}.Encode()
	if _, _, err := do(t.Context(), t, client, http.MethodGet, target, "secret body"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /api/Users?count=100&filter=…&startIndex=101 failed (the connection broke before the whole answer had come) 0s",
		"GET /api/Users?count=100&filter=…&startIndex=101 200 0s attempt 2",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if all := strings.Join(lines, "\n"); strings.Contains(all, canary) || strings.Contains(all, "ada") || strings.Contains(all, "body") {
		t.Errorf("the trace shows too much: %s", all)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err    error
		words  string
		advice bool
	}{
		{context.Canceled, "it was cancelled", false},
		{context.DeadlineExceeded, "the time for it ran out", true},
		{&net.DNSError{Name: "sentry.acme.test", IsNotFound: true}, "no such host: sentry.acme.test", true},
		{&net.DNSError{Name: "sentry.acme.test", Err: "server misbehaving"}, "the name sentry.acme.test could not be looked up: server misbehaving", true},
		{&net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Err: syscall.ECONNREFUSED}, "connection refused at 127.0.0.1:1", true},
		{winsock("dial", 10061), "connection refused at 127.0.0.1:1", true},
		{winsock("read", 10054), "the connection broke before the whole answer had come", false},
		{winsock("read", 10053), "the connection broke before the whole answer had come", false},
		{winsock("write", 10058), "the connection broke before the whole answer had come", false},
		{winsock("dial", 10060), "timeout at 127.0.0.1:1", true},
		{&net.OpError{Op: "read", Err: syscall.ECONNABORTED}, "the connection broke before the whole answer had come", false},
		{&net.OpError{Op: "write", Err: syscall.EPIPE}, "the connection broke before the whole answer had come", false},
		{io.ErrUnexpectedEOF, "the connection broke before the whole answer had come", false},
		{http.ErrSchemeMismatch, "the server speaks plain HTTP on this port", true},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "it does not speak TLS: first record does not look like a TLS handshake", true},
		{errors.New("odd"), "odd", false},
	} {
		words, advice := transport.Explain(&url.Error{Op: "Get", URL: "https://x/?filter=ada", Err: tt.err})
		if words != tt.words || (advice != "") != tt.advice {
			t.Errorf("Explain(%v) = %q, %q", tt.err, words, advice)
		}
	}
}

// winsock is an error as net gives it on Windows.
func winsock(op string, number syscall.Errno) error {
	call := map[string]string{"dial": "connectex", "read": "wsarecv", "write": "wsasend"}[op]
	return &net.OpError{Op: op, Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, Err: os.NewSyscallError(call, number)}
}

func TestTheEnvironmentIsAdvisedOnlyWhereGoReadsIt(t *testing.T) {
	t.Parallel()
	for goos, want := range map[string]bool{"linux": true, "freebsd": true, "darwin": false, "windows": false} {
		advice := transport.TrustAdvice(goos)
		if strings.Contains(advice, "SSL_CERT_FILE") != want || !strings.HasPrefix(advice, "install the authority's certificate") {
			t.Errorf("%s: %q", goos, advice)
		}
	}
}

func TestAnUntrustedCertificateIsExplainedAndNotRetried(t *testing.T) {
	t.Parallel()
	silent := slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = silent
	server.StartTLS()
	defer server.Close()
	counter := &transport.Counter{}
	client := newClient(t, transport.Options{Clock: instant(), Counter: counter})
	_, _, err := do(t.Context(), t, client, http.MethodGet, server.URL, "")
	words, advice := transport.Explain(err)
	if !strings.Contains(words, "cannot be trusted") || advice != transport.TrustAdvice(runtime.GOOS) || counter.Total() != 1 {
		t.Errorf("%q, %q, %d requests", words, advice, counter.Total())
	}
	old := &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	weak := httptest.NewUnstartedServer(http.NotFoundHandler())
	weak.TLS, weak.Config.ErrorLog = old, silent
	weak.StartTLS()
	defer weak.Close()
	if _, _, err := do(t.Context(), t, client, http.MethodGet, weak.URL, ""); err == nil || counter.Total() != 2 {
		t.Errorf("TLS 1.1: %v after %d requests", err, counter.Total())
	}
}
