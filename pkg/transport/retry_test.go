package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/transport"
)

const site = "https://sentry.acme.test/api"

func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	tests := map[string]struct {
		method string
		status int
		err    error
		want   int // requests
	}{
		"get 503":                     {http.MethodGet, 503, nil, 2},
		"get 502":                     {http.MethodGet, 502, nil, 2},
		"get 504":                     {http.MethodGet, 504, nil, 2},
		"get reset":                   {http.MethodGet, 0, reset, 2},
		"get end of file":             {http.MethodGet, 0, io.ErrUnexpectedEOF, 2},
		"put 503":                     {http.MethodPut, 503, nil, 2},
		"delete reset":                {http.MethodDelete, 0, reset, 2},
		"marked patch":                {"marked", 503, nil, 2},
		"marked patch reset":          {"marked", 0, reset, 2},
		"patch 503":                   {http.MethodPatch, 503, nil, 1},
		"post 503":                    {http.MethodPost, 503, nil, 1},
		"post reset":                  {http.MethodPost, 0, reset, 1},
		"get 500":                     {http.MethodGet, 500, nil, 1},
		"get 404":                     {http.MethodGet, 404, nil, 1},
		"refused at first":            {http.MethodGet, 0, refused, 1},
		"post 429":                    {http.MethodPost, 429, nil, 2},
		"patch 429":                   {http.MethodPatch, 429, nil, 2},
		"get reset on Windows":        {http.MethodGet, 0, winsock("read", 10054), 2},
		"refused at first on Windows": {http.MethodGet, 0, winsock("dial", 10061), 1},
		"wrong scheme":                {http.MethodGet, 0, http.ErrSchemeMismatch, 1},
		"the answer is large":         {http.MethodGet, 0, transport.ErrTooLarge, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var bodies []string
			counter := &transport.Counter{}
			client := newClient(t, transport.Options{Clock: instant(), Counter: counter, Base: fake(func(r *http.Request) (*http.Response, error) {
				body, _ := io.ReadAll(r.Body)
				bodies = append(bodies, string(body))
				if len(bodies) > 1 {
					return answer(http.StatusOK), nil
				}
				if tt.err != nil {
					return nil, tt.err
				}
				return answer(tt.status), nil
			})})
			method := tt.method
			if method == "marked" {
				method = http.MethodPatch
			}
			req, err := http.NewRequestWithContext(t.Context(), method, site, strings.NewReader("body"))
			if err != nil {
				t.Fatal(err)
			}
			if tt.method == "marked" {
				transport.MarkIdempotent(req)
			}
			resp, err := client.Do(req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if counter.Total() != tt.want || counter.ByMethod()[method] != tt.want {
				t.Errorf("%d requests, want %d", counter.Total(), tt.want)
			}
			for _, body := range bodies {
				if body != "body" {
					t.Errorf("a body was sent as %q", body)
				}
			}
			if tt.want == 2 && (err != nil || resp.StatusCode != http.StatusOK) {
				t.Errorf("the second answer was not handed on: %v", err)
			}
		})
	}
}

func TestRefusedConnectionsAreRetriedOnceTheServerWasThere(t *testing.T) {
	t.Parallel()
	n := 0
	client := newClient(t, transport.Options{Clock: instant(), Base: fake(func(*http.Request) (*http.Response, error) {
		if n++; n == 2 {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
		return answer(http.StatusOK), nil
	})})
	for range 2 {
		if _, _, err := do(t.Context(), t, client, http.MethodGet, site, ""); err != nil {
			t.Fatal(err)
		}
	}
	if n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestOnceIsOnce(t *testing.T) {
	t.Parallel()
	counter := &transport.Counter{}
	client := newClient(t, transport.Options{
		Clock: instant(), Counter: counter,
		Base: fake(func(*http.Request) (*http.Response, error) { return answer(http.StatusServiceUnavailable), nil }),
	})
	status, _, err := do(transport.Once(t.Context()), t, client, http.MethodGet, site, "")
	if err != nil || status != http.StatusServiceUnavailable || counter.Total() != 1 {
		t.Errorf("%d, %v, %d requests", status, err, counter.Total())
	}
}

// TestWhatTakesTooLongIsHandedOnToWhoDividesIt has a server that answers a first
// request, then fails once.
func TestWhatTakesTooLongIsHandedOnToWhoDividesIt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status     int
		err        error
		want       int // requests
		unanswered bool
	}{
		"503":     {503, nil, 2, false},
		"429":     {429, nil, 2, false},
		"502":     {502, nil, 1, false},
		"504":     {504, nil, 1, false},
		"refused": {0, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, 2, false},
		"reset":   {0, &net.OpError{Op: "read", Err: syscall.ECONNRESET}, 1, true},
		"cut":     {0, io.ErrUnexpectedEOF, 1, true},
		"timeout": {0, context.DeadlineExceeded, 1, true},
		"large":   {0, transport.ErrTooLarge, 1, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			client := newClient(t, transport.Options{Clock: instant(), Base: fake(func(*http.Request) (*http.Response, error) {
				if n++; n != 2 {
					return answer(http.StatusOK), nil
				}
				if tt.err != nil {
					return nil, tt.err
				}
				return answer(tt.status), nil
			})})
			if _, _, err := do(t.Context(), t, client, http.MethodGet, site, ""); err != nil {
				t.Fatal(err)
			}
			status, _, err := do(transport.Divisible(t.Context()), t, client, http.MethodPatch, site, "x")
			if n-1 != tt.want {
				t.Errorf("%d requests, expected %d", n-1, tt.want)
			}
			if repeated := tt.want == 2; repeated != (err == nil && status == http.StatusOK) {
				t.Errorf("status %d, error %v", status, err)
			}
			if transport.Unanswered(err) != tt.unanswered {
				t.Errorf("%v: unanswered is %t", err, !tt.unanswered)
			}
		})
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	counter := &transport.Counter{}
	client := newClient(t, transport.Options{
		Clock: instant(), Counter: counter, MaxAttempts: 4,
		Base: fake(func(*http.Request) (*http.Response, error) { return answer(http.StatusServiceUnavailable), nil }),
	})
	status, _, err := do(t.Context(), t, client, http.MethodGet, site, "")
	if err != nil || status != http.StatusServiceUnavailable {
		t.Fatalf("status %d, error %v", status, err)
	}
	if diff := cmp.Diff(map[string]int{http.MethodGet: 4}, counter.ByMethod()); diff != "" {
		t.Error(diff)
	}
	for range 1000 { // the server is down: the budget ends the retries of everybody
		_, _, _ = do(t.Context(), t, client, http.MethodGet, site, "")
	}
	if retries := counter.Total() - 1001; retries != 50 {
		t.Errorf("%d retries of a server that never answered, want the budget of 50", retries)
	}
}

func TestEveryOtherRequestFailing(t *testing.T) {
	t.Parallel()
	n := 0
	client := newClient(t, transport.Options{Clock: instant(), Base: fake(func(*http.Request) (*http.Response, error) {
		if n++; n%2 == 0 {
			return answer(http.StatusBadGateway), nil
		}
		return answer(http.StatusOK), nil
	})})
	for i := range 1000 {
		if status, _, err := do(t.Context(), t, client, http.MethodGet, site, ""); err != nil || status != http.StatusOK {
			t.Fatalf("request %d: %d, %v", i, status, err)
		}
	}
}

func TestCancellingEndsEveryWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("stop")
		for _, status := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests} {
			client := newClient(t, transport.Options{Clock: clock(), Concurrency: 1, Base: fake(func(*http.Request) (*http.Response, error) {
				return answer(status, "Retry-After", "300"), nil
			})})
			ctx, cancel := context.WithCancelCause(t.Context())
			began := time.Now()
			time.AfterFunc(time.Second, func() { cancel(stop) })
			done := make(chan error)
			for range 3 { // one waits for the gate, the others for the slot
				go func() {
					_, _, err := do(ctx, t, client, http.MethodGet, site, "")
					done <- err
				}()
			}
			for range 3 {
				if err := <-done; !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
					t.Errorf("%d: %v", status, err)
				}
			}
			if took := time.Since(began); took != time.Second {
				t.Errorf("%d: the waits ended after %s", status, took)
			}
		}
	})
}

func TestBackoffHasFullJitter(t *testing.T) {
	t.Parallel()
	var waits []time.Duration
	c := clock()
	c.Sleep = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d.Round(time.Millisecond))
		return nil
	}
	backoff := transport.NewBackoff(c)
	for failed := range 8 {
		if err := backoff.Wait(t.Context(), failed); err != nil {
			t.Fatal(err)
		}
	}
	// About half of 250 ms · 2ⁿ, at most 10 s.
	for i, want := range []int64{126, 251, 502, 1004, 2008, 4016, 5020, 5020} {
		if off := waits[i].Milliseconds() - want; off < -5 || off > 5 {
			t.Errorf("wait %d is %s, want about %d ms", i, waits[i], want)
		}
	}
	if err := (transport.Backoff{}).Wait(t.Context(), 3); err != nil {
		t.Errorf("the zero backoff waits: %v", err)
	}
}
