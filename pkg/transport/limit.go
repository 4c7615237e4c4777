package transport

import (
	"context"
	"net/http"
	"time"
)

// limit makes the whole client a good guest. At most concurrency requests are
// under way; they are paced to rate a second (zero: no ceiling) and to what
// X-Sentry-Rate-Limit-Limit and -Remaining say for their method (Sentry counts
// each method by itself, ratelimits/utils.py). After a 429, of any method,
// everything waits until the moment the answer names, or else ever longer; the
// request is then sent again, at most attempts times. A wait that p does not bear
// is not begun: the 429 is handed on.
func limit(concurrency int, rate float64, attempts int, p *patience, g *gate) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return &limiter{
			next: next, attempts: attempts, clock: p.clock, patience: p,
			gate: g, pace: newPace(rate, p.clock), slots: newSlots(concurrency),
		}
	}
}

type limiter struct {
	next     http.RoundTripper
	attempts int
	clock    Clock
	patience *patience
	gate     *gate
	pace     *pace
	slots    *slots
}

// RoundTrip sends req when its turn has come, and again after each 429.
func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	for failed := 0; ; failed++ {
		attempt, err := again(req, failed)
		if err != nil {
			return nil, err
		}
		resp, err := l.send(attempt)
		if err != nil || resp.StatusCode != http.StatusTooManyRequests {
			return resp, err
		}
		if failed+1 >= l.attempts || !repeatable(req) || l.gate.remaining() > l.patience.remaining() {
			return resp, nil
		}
		discard(resp)
	}
}

func (l *limiter) send(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := l.slots.acquire(ctx); err != nil {
		return nil, err
	}
	defer l.slots.release()
	if err := l.admit(ctx, req); err != nil {
		return nil, err
	}
	admitted := l.clock.Now()
	resp, err := l.next.RoundTrip(req)
	if err == nil {
		l.learn(req.Method, resp, admitted)
	}
	return resp, err
}

// admit waits for the gate and then for the pace, and once more when the gate
// closed meanwhile: whoever passes it is paced, so that nobody storms it. A gate
// that stays closed for longer than is borne is passed: the server shall say
// again what it wants, and the caller is told.
func (l *limiter) admit(ctx context.Context, req *http.Request) error {
	for {
		if err := l.gate.wait(ctx, req.URL.Host); err != nil {
			return err
		}
		if err := l.pace.wait(ctx, req.Method); err != nil {
			return err
		}
		if wait := l.gate.remaining(); wait <= 0 || wait > l.patience.remaining() {
			return nil
		}
	}
}

// learn takes what the answer says about limits. A 503 that names a time is
// obeyed as a 429 is (RFC 9110 section 10.2.3); Retry sends it again.
func (l *limiter) learn(method string, resp *http.Response, admitted time.Time) {
	now := l.clock.Now()
	told := readLimits(resp.Header, now)
	l.slots.cap(told.concurrent)
	l.pace.learn(method, told, now)
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		l.gate.close(admitted, told)
		if !told.rateSpent {
			l.slots.shrink(admitted, now)
		}
	case http.StatusServiceUnavailable:
		if told.wait > 0 {
			l.gate.close(admitted, told)
		}
		l.slots.shrink(admitted, now)
	default:
		l.gate.passed()
		l.slots.grow()
	}
}
