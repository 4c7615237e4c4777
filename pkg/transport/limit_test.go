package transport_test

import (
	"net/http"
	"strconv"
	"strings"
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

// TestATimeThatIsNamedPausesTheWholeClient sends a POST that is told to wait:
// after a 429 it is sent again by itself, after a 503 it is handed on, and either
// way the requests of others wait as long.
func TestATimeThatIsNamedPausesTheWholeClient(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status  int
		headers []string
		pause   time.Duration
	}{
		"429":                     {http.StatusTooManyRequests, []string{"Retry-After", "5"}, 5 * time.Second},
		"503":                     {http.StatusServiceUnavailable, []string{"Retry-After", "5"}, 5 * time.Second},
		"503 with a date":         {http.StatusServiceUnavailable, []string{"Retry-After", "Sat, 01 Jan 2000 00:00:05 GMT"}, 5 * time.Second},
		"503 that names no time":  {http.StatusServiceUnavailable, nil, 0},
		"503 that names nonsense": {http.StatusServiceUnavailable, []string{"Retry-After", "soon"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const meanwhile = 100 * time.Millisecond
				began := time.Now()
				var calls atomic.Int64
				client := newClient(t, transport.Options{Clock: clock(), Base: fake(func(r *http.Request) (*http.Response, error) {
					if calls.Add(1) == 1 {
						return answer(tt.status, tt.headers...), nil
					}
					since := time.Since(began)
					if earliest := max(tt.pause, meanwhile); since < earliest || since > earliest+200*time.Millisecond {
						t.Errorf("%s was sent after %s, expected %s", r.Method, since, earliest)
					}
					return answer(http.StatusOK), nil
				})})
				first := make(chan struct{})
				go func() {
					defer close(first)
					_, _, _ = do(t.Context(), t, client, http.MethodPost, site, "x")
				}()
				time.Sleep(meanwhile)
				run(t, client, http.MethodGet, 10)
				run(t, client, http.MethodPatch, 10)
				<-first
			})
		})
	}
}

// TestAWrongClockDoesNotStallTheClient has a server that says when its window
// ends by a clock that is hours off: alone, or against its own Date header.
func TestAWrongClockDoesNotStallTheClient(t *testing.T) {
	t.Parallel()
	const hours = 3 * time.Hour
	for _, status := range []int{http.StatusOK, http.StatusTooManyRequests} {
		for name, tt := range map[string]struct {
			reset time.Duration // by how much the end of the window is off
			date  bool          // whether there is a Date header
			dated time.Duration // by how much it is off
			after string        // Retry-After of the first answer
		}{
			"reset ahead, no date":         {hours, false, 0, ""},
			"reset behind, no date":        {-hours, false, 0, ""},
			"reset ahead, right date":      {hours, true, 0, ""},
			"reset behind, right date":     {-hours, true, 0, ""},
			"both ahead":                   {hours, true, hours, ""},
			"both behind":                  {-hours, true, -hours, ""},
			"right reset, date ahead":      {0, true, hours, ""},
			"right reset, date behind":     {0, true, -hours, ""},
			"reset ahead, date behind":     {hours, true, -hours, ""},
			"reset two minutes ahead":      {2 * time.Minute, false, 0, ""},
			"a wait of hours, right reset": {0, true, 0, "7200"},
			"reset years ahead, a date":    {9000 * hours, true, 0, ""},
		} {
			t.Run(strconv.Itoa(status)+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var calls atomic.Int64
					client := newClient(t, transport.Options{Clock: clock(), Base: fake(func(*http.Request) (*http.Response, error) {
						now := time.Now()
						resp := answer(http.StatusOK, "X-Sentry-Rate-Limit-Limit", "40", "X-Sentry-Rate-Limit-Remaining", "39")
						n := calls.Add(1)
						if n%20 == 1 {
							resp = answer(status, "X-Sentry-Rate-Limit-Limit", "40", "X-Sentry-Rate-Limit-Remaining", "0")
						}
						resp.Header.Set("X-Sentry-Rate-Limit-Reset", strconv.FormatInt(now.Add(tt.reset+time.Second).Unix(), 10))
						if tt.after != "" && n == 1 {
							resp.Header.Set("Retry-After", tt.after)
							resp.StatusCode = http.StatusOK
						}
						if tt.date {
							resp.Header.Set("Date", now.Add(tt.dated).UTC().Format(http.TimeFormat))
						}
						return resp, nil
					})})
					if took := run(t, client, http.MethodPost, 200); took > 30*time.Second {
						t.Errorf("200 requests took %s", took)
					}
				})
			})
		}
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

// TestNothingIsSentWhileNothingRemains spends the window of one method.
func TestNothingIsSentWhileNothingRemains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var sent []string
		client := newClient(t, transport.Options{Clock: clock(), Base: fake(func(r *http.Request) (*http.Response, error) {
			sent = append(sent, r.Method+" "+time.Since(began).Truncate(time.Second).String())
			return answer(http.StatusOK, "X-Sentry-Rate-Limit-Limit", "1000", "X-Sentry-Rate-Limit-Remaining", "0",
				"X-Sentry-Rate-Limit-Reset", strconv.FormatInt(time.Now().Unix()+3, 10)), nil
		})})
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPost} {
			if _, _, err := do(t.Context(), t, client, method, site, "x"); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(sent, ", "); got != "POST 0s, GET 0s, POST 3s" {
			t.Error(got)
		}
	})
}

// TestRefusalsOfOneMomentAreOneIncident refuses all requests under way at once,
// the later ones with a shorter time or none.
func TestRefusalsOfOneMomentAreOneIncident(t *testing.T) {
	t.Parallel()
	const concurrency = 8
	for name, tt := range map[string]struct {
		first []string
		pause time.Duration
	}{
		"no time":        {nil, 750 * time.Millisecond},
		"the first only": {[]string{"Retry-After", "5"}, 5050 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var calls, again atomic.Int64
				client := newClient(t, transport.Options{Clock: clock(), Concurrency: concurrency, Base: fake(func(*http.Request) (*http.Response, error) {
					n := calls.Add(1)
					if n > concurrency {
						if time.Since(began) < 100*time.Millisecond+tt.pause+time.Second {
							again.Add(1)
						}
						time.Sleep(time.Second)
						return answer(http.StatusOK), nil
					}
					time.Sleep(100*time.Millisecond + time.Duration(n))
					headers := tt.first
					if n > 1 && headers != nil {
						headers = []string{"Retry-After", "1"}
					}
					return answer(http.StatusTooManyRequests, headers...), nil
				})})
				run(t, client, http.MethodPost, concurrency)
				// All wait the same pause, and then half as many are sent at once.
				if again.Load() != concurrency/2 {
					t.Errorf("%d requests were sent at once after the pause, expected %d", again.Load(), concurrency/2)
				}
			})
		})
	}
}

// TestRefusalsOneAfterAnotherMeanLongerPauses refuses the first five attempts:
// three quarters of 1, 2, 4, 8 and 16 seconds with this randomness.
func TestRefusalsOneAfterAnotherMeanLongerPauses(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"no time":              nil,
		"over when it arrives": {"X-Sentry-Rate-Limit-Reset", "946684800"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				client := newClient(t, transport.Options{Clock: clock(), Base: fake(func(*http.Request) (*http.Response, error) {
					if calls++; calls <= 5 {
						return answer(http.StatusTooManyRequests, headers...), nil
					}
					return answer(http.StatusOK), nil
				})})
				if took := run(t, client, http.MethodPost, 1); took < 15*time.Second || took > 24*time.Second {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// TestATroubledServerIsAskedLess counts how many requests are under way at most
// after one went wrong, at once and after many that went well.
func TestATroubledServerIsAskedLess(t *testing.T) {
	t.Parallel()
	const concurrency = 8
	for name, tt := range map[string]struct {
		status  int
		headers []string
		want    int64
	}{
		"unavailable":     {http.StatusServiceUnavailable, nil, concurrency / 2},
		"too many":        {http.StatusTooManyRequests, nil, concurrency / 2},
		"the rate was it": {http.StatusTooManyRequests, []string{"X-Sentry-Rate-Limit-Remaining", "0", "X-Sentry-Rate-Limit-Reset", "946684800"}, concurrency},
		"a fault":         {http.StatusInternalServerError, nil, concurrency},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var calls, busy, most atomic.Int64
				client := newClient(t, transport.Options{Clock: clock(), Concurrency: concurrency, MaxAttempts: 1, Base: fake(func(*http.Request) (*http.Response, error) {
					if calls.Add(1) == 1 {
						return answer(tt.status, tt.headers...), nil
					}
					defer busy.Add(-1)
					now := busy.Add(1)
					for seen := most.Load(); seen < now && !most.CompareAndSwap(seen, now); seen = most.Load() {
					}
					time.Sleep(time.Second)
					return answer(http.StatusOK), nil
				})})
				if _, _, err := do(t.Context(), t, client, http.MethodPost, site, "x"); err != nil {
					t.Fatal(err)
				}
				run(t, client, http.MethodPost, concurrency)
				if most.Load() != tt.want {
					t.Errorf("%d requests were under way, expected %d", most.Load(), tt.want)
				}
				run(t, client, http.MethodPost, 10*concurrency)
				if most.Load() != concurrency {
					t.Errorf("%d requests were under way later, expected %d", most.Load(), concurrency)
				}
			})
		})
	}
}
