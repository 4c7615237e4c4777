package transport_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/transport"
)

// always is a network that answers with a status, or with an error.
func always(status int, err error, headers ...string) fake {
	return func(*http.Request) (*http.Response, error) {
		if err != nil {
			return nil, err
		}
		return answer(status, headers...), nil
	}
}

// silence is a network that never answers.
func silence() fake {
	return func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
}

// TestGivingUpTellsTheTruth looks at the words of requests that are given up:
// what the last attempt came to, how many there were, how long they took, and
// what ended them.
func TestGivingUpTellsTheTruth(t *testing.T) {
	t.Parallel()
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for name, tt := range map[string]struct {
		network http.RoundTripper
		timeout time.Duration // of the caller
		method  string
		words   string
		status  int
	}{
		"503 until the time runs out": {
			always(503, nil), 3 * time.Second, http.MethodGet,
			"answered 503 Service Unavailable (5 attempts in 3s), until the time for it ran out", 503,
		},
		"429 until the time runs out": {
			always(429, nil, "Retry-After", "2"), 3 * time.Second, http.MethodPost,
			"answered 429 Too Many Requests (2 attempts in 3s), until the time for it ran out", 429,
		},
		"broken connections until the time runs out": {
			always(0, reset), 3 * time.Second, http.MethodGet,
			"the connection broke before the whole answer had come (5 attempts in 3s), until the time for it ran out", 0,
		},
		"broken connections": {
			always(0, reset), time.Hour, http.MethodGet,
			"the connection broke before the whole answer had come (10 attempts in 23s)", 0,
		},
		"a broken connection that must not be repeated": {
			always(0, reset), time.Hour, http.MethodPost, "the connection broke before the whole answer had come", 0,
		},
		"silence": {silence(), 3 * time.Second, http.MethodGet, "the time for it ran out", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, transport.Options{Clock: clock(), Base: tt.network})
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				_, _, err := do(ctx, t, client, tt.method, site, "")
				words, _ := transport.Explain(err)
				gaveUp, ok := errors.AsType[*transport.GaveUpError](err)
				if !ok || words != tt.words || gaveUp.Status != tt.status || gaveUp.Error() != words {
					t.Errorf("%q (%v), want %q", words, gaveUp, tt.words)
				}
			})
		})
	}
}

func TestTheEffortOfAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, transport.Options{Clock: clock(), Base: always(503, nil)})
		var efforts []string
		send := func(ctx context.Context, method string) {
			req, err := http.NewRequestWithContext(ctx, method, site, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			efforts = append(efforts, transport.EffortOf(resp).Words())
		}
		send(t.Context(), http.MethodGet)
		send(t.Context(), http.MethodPost)
		ctx, backoff := transport.Journey(t.Context()), transport.NewBackoff(clock())
		for failed := range 2 { // a caller that repeats a request by itself, and looks in between
			send(ctx, http.MethodPost)
			if err := backoff.Wait(ctx, failed+6); err != nil {
				t.Fatal(err)
			}
			send(transport.Once(ctx), http.MethodGet)
		}
		want := []string{"10 attempts in 23s", "", "", "", "2 attempts in 5s", "2 attempts in 10s"}
		if diff := cmp.Diff(want, efforts); diff != "" {
			t.Error(diff)
		}
	})
}

// TestARunOfNothingButFailuresEnds sends many requests to servers that fail in
// every way. However long each of them may take, all end after five minutes,
// and none is sent later.
func TestARunOfNothingButFailuresEnds(t *testing.T) {
	t.Parallel()
	for name, network := range map[string]http.RoundTripper{
		"silence": silence(), "503": always(503, nil), "429": always(429, nil, "Retry-After", "50"),
		"broken": always(0, &net.OpError{Op: "read", Err: syscall.ECONNRESET}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				client := newClient(t, transport.Options{Clock: clock(), Base: network, MaxAttempts: 1000})
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() {
						for range 300 {
							_, _, err := do(t.Context(), t, client, http.MethodGet, site, "")
							if errors.Is(err, transport.ErrDown) {
								return
							}
						}
					})
				}
				wg.Wait()
				if took := time.Since(began); took > 5*time.Minute {
					t.Errorf("the run took %s", took)
				}
			})
		})
	}
}

func TestFailuresThatEndAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		status := http.StatusServiceUnavailable
		client := newClient(t, transport.Options{
			Clock: clock(), GiveUpAfter: time.Minute,
			Base: fake(func(*http.Request) (*http.Response, error) { return answer(status), nil }),
		})
		get := func() (int, error) {
			got, _, err := do(t.Context(), t, client, http.MethodGet, site, "")
			return got, err
		}
		for range 3 { // an outage of 23 seconds each, with an answer in between
			status = http.StatusServiceUnavailable
			if got, err := get(); got != status || err != nil {
				t.Fatalf("%d, %v", got, err)
			}
			time.Sleep(20 * time.Second)
			status = http.StatusOK
			if got, err := get(); got != status || err != nil {
				t.Fatalf("%d, %v", got, err)
			}
		}
		status = http.StatusServiceUnavailable
		for range 3 {
			_, _ = get()
		}
		time.Sleep(20 * time.Second)
		if _, err := get(); !errors.Is(err, transport.ErrDown) {
			t.Errorf("after a minute of nothing but failures: %v", err)
		}
		time.Sleep(2 * time.Minute) // the client rests: nobody waits for it
		status = http.StatusOK
		if got, err := get(); got != status || err != nil {
			t.Errorf("after a rest: %d, %v", got, err)
		}
	})
}

func TestAPauseThatIsNotBorneIsNotBegun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			counter := &transport.Counter{}
			client := newClient(t, transport.Options{
				Clock: clock(), Counter: counter, GiveUpAfter: time.Minute, Base: always(status, nil, "Retry-After", "61"),
			})
			began := time.Now()
			got, _, err := do(t.Context(), t, client, http.MethodGet, site, "")
			if got != status || err != nil || counter.Total() != 1 || time.Since(began) > 0 {
				t.Errorf("%d, %v after %d requests and %s", got, err, counter.Total(), time.Since(began))
			}
		}
	})
}

// TestWaitingIsSaid listens to clients whose server keeps them waiting.
func TestWaitingIsSaid(t *testing.T) {
	t.Parallel()
	const host = "waiting for sentry.acme.test"
	for name, tt := range map[string]struct {
		network http.RoundTripper
		n       int // requests at the same time
		timeout time.Duration
		want    []string
	}{
		"a short trouble": {always(503, nil), 1, 2 * time.Second, nil},
		"a slow answer":   {silence(), 1, 4 * time.Second, nil},
		"a server that asks for a pause": {
			always(429, nil, "Retry-After", "60"), 3, 10 * time.Second,
			[]string{host + ", which asks for a pause: the next request follows in 1m0s"},
		},
		"a short pause": {always(429, nil, "Retry-After", "3"), 1, 3 * time.Second, nil},
		"no answer": {silence(), 8, 21 * time.Second, []string{
			host + ": GET /api: no answer yet (waited 5s so far)",
			host + ": GET /api: no answer yet (waited 10s so far)",
			host + ": GET /api: no answer yet (waited 20s so far)",
		}},
		"a row of failures": {always(503, nil), 1, 20 * time.Second, []string{
			host + ": GET /api: answered 503 Service Unavailable, attempt 7 of 10 follows in 4s (waited 3.9s so far)",
			host + ": GET /api: answered 503 Service Unavailable, attempt 9 of 10 follows in 5s (waited 13s so far)",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var lines []string
				client := newClient(t, transport.Options{Clock: clock(), Base: tt.network, Waiting: func(line string) {
					mu.Lock()
					defer mu.Unlock()
					lines = append(lines, line)
				}})
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				var wg sync.WaitGroup
				for range tt.n {
					wg.Go(func() { _, _, _ = do(ctx, t, client, http.MethodGet, site+"?filter=ada", "") })
				}
				wg.Wait()
				mu.Lock() // a line may be on its way
				defer mu.Unlock()
				for i := range lines {
					lines[i] = strings.ReplaceAll(lines[i], "?filter=…", "")
				}
				if diff := cmp.Diff(tt.want, slices.Clip(lines)); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			})
		})
	}
}
