package transport_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sentryidp/sentryidp/pkg/transport"
)

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
