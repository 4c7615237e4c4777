package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestServeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	listener, err := sandbox.Listen(t.Context(), "localhost:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	entered, ended := make(chan struct{}), make(chan error, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-ctx.Done() // the server is told to stop while this request runs
		w.WriteHeader(http.StatusTeapot)
	})
	go func() { ended <- sandbox.Serve(ctx, listener, handler) }()
	go func() {
		<-entered
		cancel()
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusTeapot {
		t.Errorf("the request under way: got %d %v", response.StatusCode, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("end: %v", err)
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	t.Parallel()
	listener, err := sandbox.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.Serve(t.Context(), listener, http.NotFoundHandler()); err == nil {
		t.Error("wanted an error")
	}
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"0.0.0.0:0":       "wanted a loopback address",
		":0":              "wanted a loopback address",
		"[::]:0":          "wanted a loopback address",
		"192.0.2.1:0":     "wanted a loopback address",
		"127.0.0.1":       "wanted host:port",
		"127.0.0.1:http!": "wanted a port",
	}
	for addr, wanted := range tests {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			listener, err := sandbox.Listen(t.Context(), addr, false)
			if err == nil {
				_ = listener.Close()
			}
			if err == nil || !strings.Contains(err.Error(), wanted) {
				t.Errorf("got %v, want %s", err, wanted)
			}
		})
	}
}

func TestListenMayBePublic(t *testing.T) {
	t.Parallel()
	listener, err := sandbox.Listen(t.Context(), ":0", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
}
