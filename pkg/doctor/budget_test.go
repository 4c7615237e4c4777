package doctor_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/doctor"
)

// counting answers with its own count and a body of so many bytes.
type counting struct {
	mu    *sync.Mutex
	asked map[string]int
	size  int
}

func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[req.Method+" "+req.URL.Path+req.Header.Get("Authorization")]++
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(strings.Repeat("x", c.size)))}, nil
}

func TestWhatWasReadIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method      string
		size, asked int
	}{
		"the same":          {method: http.MethodGet, size: 10, asked: 1},
		"too large to keep": {method: http.MethodGet, size: 2 << 20, asked: 3},
		"a change":          {method: http.MethodPost, size: 10, asked: 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := counting{&sync.Mutex{}, map[string]int{}, test.size}
			budget := &doctor.Budget{}
			client := &http.Client{Transport: budget.Wrap(base)}
			var group sync.WaitGroup
			for range 3 {
				group.Go(func() {
					req, err := http.NewRequestWithContext(t.Context(), test.method, "http://sentry.test/a", http.NoBody)
					if err != nil {
						t.Error(err)
						return
					}
					resp, err := client.Do(req)
					if err != nil {
						t.Error(err)
						return
					}
					body, err := io.ReadAll(resp.Body)
					if err != nil || len(body) != test.size || resp.Body.Close() != nil {
						t.Errorf("read %d bytes: %v", len(body), err)
					}
				})
			}
			group.Wait()
			if base.asked[test.method+" /a"] != test.asked || budget.Sent() != test.asked {
				t.Errorf("asked %d times, counted %d", base.asked[test.method+" /a"], budget.Sent())
			}
		})
	}
}

func TestAnAnswerIsOfItsToken(t *testing.T) {
	t.Parallel()
	base := counting{&sync.Mutex{}, map[string]int{}, 1}
	client := &http.Client{Transport: (&doctor.Budget{}).Wrap(base)}
	for _, token := range []string{"", "Bearer one", "Bearer two"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://sentry.test/a", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		resp, err := client.Do(req)
		if err != nil || resp.Body.Close() != nil {
			t.Fatal(err)
		}
	}
	if len(base.asked) != 3 {
		t.Errorf("asked %v", base.asked)
	}
}
