package transport_test

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sentryidp/sentryidp/pkg/transport"
)

// window is a server that allows limit requests of a method in each second, as
// Sentry's SaaS does, and answers after latency.
type window struct {
	limit   int
	latency time.Duration
	headers bool
	refuse  http.Header // headers of a 429

	mu      sync.Mutex
	second  map[string]int64
	count   map[string]int
	refused int
}

func (w *window) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(w.latency / 2)
	resp := w.decide(r.Method)
	time.Sleep(w.latency - w.latency/2)
	return resp, nil
}

func (w *window) decide(method string) *http.Response {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.second == nil {
		w.second, w.count = map[string]int64{}, map[string]int{}
	}
	now := time.Now()
	if w.second[method] != now.Unix() {
		w.second[method], w.count[method] = now.Unix(), 0
	}
	w.count[method]++
	resp := answer(http.StatusOK, "Date", now.UTC().Format(http.TimeFormat))
	if w.count[method] > w.limit {
		w.refused++
		resp = answer(http.StatusTooManyRequests)
		resp.Header = w.refuse.Clone()
		if resp.Header == nil {
			resp.Header = http.Header{}
		}
	}
	if w.headers {
		resp.Header.Set("X-Sentry-Rate-Limit-Limit", strconv.Itoa(w.limit))
		resp.Header.Set("X-Sentry-Rate-Limit-Remaining", strconv.Itoa(max(0, w.limit-w.count[method])))
		resp.Header.Set("X-Sentry-Rate-Limit-Reset", strconv.FormatInt(now.Unix()+1, 10))
	}
	return resp
}

// run sends n requests by as many workers as the transport would let through
// and more, and returns how long it took. All must succeed.
func run(t *testing.T, client *http.Client, method string, n int) time.Duration {
	t.Helper()
	began := time.Now()
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	for range 32 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if status, _, err := do(t.Context(), t, client, method, site, "x"); err != nil || status != http.StatusOK {
					t.Errorf("status %d, error %v", status, err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

func TestPacingKeepsWithinTheServersLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, limit = 2000, 40
		server := &window{limit: limit, latency: 60 * time.Millisecond, headers: true}
		client := newClient(t, transport.Options{Clock: clock(), Base: server})
		took := run(t, client, http.MethodPost, n)
		if ideal := time.Second * n / limit; took > ideal*105/100 {
			t.Errorf("took %s, more than 5 %% above %s", took, ideal)
		}
		if server.refused > n/100 {
			t.Errorf("%d of %d requests were refused, at most 1 %% may be", server.refused, n)
		}
	})
}

func TestWithoutALimitConcurrencyIsUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, concurrency, latency = 4000, 16, 5 * time.Millisecond
		server := &window{limit: 1 << 30, latency: latency}
		client := newClient(t, transport.Options{Clock: clock(), Base: server, Concurrency: concurrency})
		took := run(t, client, http.MethodPost, n)
		if ideal := latency * n / concurrency; took > ideal*100/90 {
			t.Errorf("took %s, less than 90 %% of the speed of %s", took, ideal)
		}
	})
}

func TestTheCeilingOfTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, transport.Options{Clock: clock(), Base: &window{limit: 1 << 30}, Rate: 10})
		took := run(t, client, http.MethodGet, 51)
		if took < 5*time.Second || took > 5100*time.Millisecond {
			t.Errorf("51 requests at 10 a second took %s", took)
		}
	})
}

func TestAfterA429TheWholeClientWaits(t *testing.T) {
	t.Parallel()
	// The bubble's clock starts at midnight, so the second is whole.
	epoch := func(d time.Duration) string {
		return strconv.FormatInt(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Unix(), 10)
	}
	tests := map[string]struct {
		headers  []string
		from, to time.Duration
		handedOn bool
	}{
		"reset":                {[]string{"X-Sentry-Rate-Limit-Reset", epoch(7 * time.Second), "X-Sentry-Rate-Limit-Remaining", "0"}, 7 * time.Second, 8 * time.Second, false},
		"retry after seconds":  {[]string{"Retry-After", "5"}, 5 * time.Second, 6 * time.Second, false},
		"retry after date":     {[]string{"Retry-After", "Sat, 01 Jan 2000 00:00:09 GMT"}, 9 * time.Second, 10 * time.Second, false},
		"the later of both":    {[]string{"Retry-After", "3", "X-Sentry-Rate-Limit-Reset", epoch(time.Second)}, 3 * time.Second, 4 * time.Second, false},
		"clock of the server":  {[]string{"Date", "Sat, 01 Jan 2000 01:00:00 GMT", "X-Sentry-Rate-Limit-Reset", epoch(time.Hour + 4*time.Second)}, 4 * time.Second, 5 * time.Second, false},
		"over when it arrives": {[]string{"X-Sentry-Rate-Limit-Reset", epoch(0)}, 0, 100 * time.Millisecond, false},
		"nothing":              {nil, 500 * time.Millisecond, 2 * time.Second, false},
		"nonsense":             {[]string{"Retry-After", "-5", "X-Sentry-Rate-Limit-Reset", "NaN"}, 500 * time.Millisecond, 2 * time.Second, false},
		"too long":             {[]string{"Retry-After", "7200"}, 0, time.Millisecond, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var calls atomic.Int64
				client := newClient(t, transport.Options{Clock: clock(), Base: fake(func(*http.Request) (*http.Response, error) {
					if calls.Add(1) == 1 {
						return answer(http.StatusTooManyRequests, tt.headers...), nil
					}
					if since := time.Since(began); since < tt.from || since > tt.to {
						t.Errorf("a request came after %s, want %s to %s", since, tt.from, tt.to)
					}
					return answer(http.StatusOK), nil
				})})
				status, _, err := do(t.Context(), t, client, http.MethodPost, site, "x")
				if err != nil || (status == http.StatusTooManyRequests) != tt.handedOn {
					t.Fatalf("status %d, error %v", status, err)
				}
				run(t, client, http.MethodGet, 20)
			})
		})
	}
}

func TestAServerThatOnlyRefusesIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		counter := &transport.Counter{}
		client := newClient(t, transport.Options{
			Clock: clock(), Counter: counter, MaxAttempts: 3,
			Base: fake(func(*http.Request) (*http.Response, error) { return answer(http.StatusTooManyRequests), nil }),
		})
		status, _, err := do(t.Context(), t, client, http.MethodPost, site, "x")
		if err != nil || status != http.StatusTooManyRequests || counter.Total() != 3 {
			t.Errorf("status %d, error %v, %d requests", status, err, counter.Total())
		}
	})
}

func TestConcurrencyAdapts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const allowed = 4
		var busy, refused, most atomic.Int64
		client := newClient(t, transport.Options{Clock: clock(), Concurrency: 16, Base: fake(func(*http.Request) (*http.Response, error) {
			defer busy.Add(-1)
			now := busy.Add(1)
			if most.Load() < now {
				most.Store(now)
			}
			time.Sleep(10 * time.Millisecond)
			if now > allowed {
				refused.Add(1)
				return answer(http.StatusTooManyRequests, "X-Sentry-Rate-Limit-ConcurrentLimit", strconv.Itoa(allowed)), nil
			}
			return answer(http.StatusOK), nil
		})})
		run(t, client, http.MethodPost, 500)
		if most.Load() > 16 || refused.Load() > 20 {
			t.Errorf("%d at once, %d refused; the server's limit was not learnt", most.Load(), refused.Load())
		}
	})
}
