package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault   sandbox.Fault
		status  int // 0: no answer
		body    string
		broken  bool
		written bool
	}{
		"none":          {sandbox.Fault{}, 201, `{"schemas":`, false, true},
		"delayed":       {sandbox.Fault{Delay: time.Millisecond}, 201, `{"schemas":`, false, true},
		"before":        {sandbox.Fault{Status: 502, Body: "bad gateway"}, 502, "bad gateway", false, false},
		"after":         {sandbox.Fault{Status: 504, ContentType: "text/plain", Body: "late", After: true}, 504, "late", false, true},
		"cut before":    {sandbox.Fault{Cut: true}, 0, "", true, false},
		"cut after":     {sandbox.Fault{Cut: true, After: true}, 0, "", true, true},
		"cut in a body": {sandbox.Fault{Status: 200, Body: "0123456789", Cut: true}, 200, "01234", true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config()
			c.Fault = func(n int, r *http.Request) sandbox.Fault {
				if n == 1 && r.Method == http.MethodPost {
					return tt.fault
				}
				return sandbox.Fault{}
			}
			s := newSentry(t, small(), c)
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			status, body, err := post(t, server, `{"userName":"new@acme.test"}`)
			if status != tt.status || !strings.HasPrefix(body, tt.body) || (err != nil) != tt.broken {
				t.Errorf("got %d %q %v, want %+v", status, body, err, tt)
			}
			if written := len(s.Snapshot().Members) > len(small().Members); written != tt.written {
				t.Errorf("written: got %v, want %v", written, tt.written)
			}
			if got := s.Requests()[0].Status; got != tt.status {
				t.Errorf("journal: got status %d, want %d", got, tt.status)
			}
		})
	}
}

func post(t *testing.T, server *httptest.Server, body string) (int, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+scim+"/Users", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := server.Client().Do(r)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), errors.Join(err, response.Body.Close())
}
