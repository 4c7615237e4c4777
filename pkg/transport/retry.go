package transport

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
)

// MarkIdempotent says that sending req twice has the effect of sending it once,
// for methods of which that is not known (PATCH). It sets what net/http itself
// understands: an Idempotency-Key without values, which is never sent.
func MarkIdempotent(req *http.Request) {
	req.Header["Idempotency-Key"] = []string{}
}

// idempotent reports what RFC 9110 section 9.2.2 or the caller says.
func idempotent(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	_, marked := req.Header["Idempotency-Key"]
	return marked
}

type onceKey struct{}

// Once returns a context whose requests are sent once only: for a look that may
// fail.
func Once(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

type divisibleKey struct{}

// Divisible returns a context whose requests the caller divides into smaller ones
// when they ask for more than can be done in time. Whatever their method, they
// are sent again only where the server has done nothing: the answer is 503, or
// no connection could be made. Where the answer is 502 or 504 or does not come
// (see Unanswered), that is handed on at once. Such a request must not be marked
// as idempotent: net/http repeats those by itself.
func Divisible(ctx context.Context) context.Context {
	return context.WithValue(ctx, divisibleKey{}, true)
}

// Unanswered reports whether err, which a client of New gave, says that a request
// was sent and got no whole answer: the server may carry it out all the same.
func Unanswered(err error) bool { return err != nil && transient(err, false) }

// retry sends idempotent requests again, at most attempts times each, when the
// answer is 502, 503 or 504, or when there is none for a reason that may pass.
// Requests with a context of Once or Divisible are repeated less. It waits with
// full jitter, or as long as the gate is shut, if p bears that. It keeps a budget,
// so that a server that is down is not asked by everybody ten times.
func retry(attempts int, p *patience, g *gate) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return &retrier{next: next, attempts: attempts, backoff: NewBackoff(p.clock), budget: newBudget(), patience: p, gate: g}
	}
}

type retrier struct {
	next     http.RoundTripper
	attempts int
	backoff  Backoff
	budget   *budget
	patience *patience
	gate     *gate
	reached  atomic.Bool // an answer has come, so the address is right
}

// RoundTrip sends req until it is answered or given up.
func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Context().Value(onceKey{}) != nil {
		return r.once(req)
	}
	for failed := 0; ; failed++ {
		attempt, err := again(req, failed)
		if err != nil {
			return nil, err
		}
		resp, err := r.next.RoundTrip(attempt)
		if !r.worthAnother(req, resp, err) {
			return resp, err
		}
		pause := r.backoff.pause(failed)
		if failed+1 >= r.attempts || max(pause, r.gate.remaining()) > r.patience.remaining() || !r.budget.take() {
			return resp, err
		}
		line := fmt.Sprintf("%s: %s, attempt %d of %d follows in %s", about(req), ended(resp, err), failed+2, r.attempts, rounded(pause))
		discard(resp)
		if err := r.patience.pause(req.Context(), pause, line); err != nil {
			return nil, err
		}
	}
}

func ended(resp *http.Response, err error) string {
	if err != nil {
		return cameTo(0, err)
	}
	return cameTo(resp.StatusCode, nil)
}

// worthAnother also keeps the books: what was answered fills the budget.
func (r *retrier) worthAnother(req *http.Request, resp *http.Response, err error) bool {
	if err == nil {
		r.reached.Store(true)
		if !passing(resp.StatusCode) {
			r.budget.give()
			return false
		}
	} else if req.Context().Err() != nil || !transient(err, r.reached.Load()) {
		return false
	}
	return mayRepeat(req, resp, err) && repeatable(req)
}

// mayRepeat reports whether it does no harm to send req again after a failure.
func mayRepeat(req *http.Request, resp *http.Response, err error) bool {
	if req.Context().Value(divisibleKey{}) == nil {
		return idempotent(req)
	}
	if err != nil {
		return !Unanswered(err)
	}
	return resp.StatusCode == http.StatusServiceUnavailable
}

// once sends req with a body that is empty and cannot be had again: net/http
// itself repeats other requests when a kept connection breaks.
func (r *retrier) once(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		req.Body = io.NopCloser(bytes.NewReader(nil))
	}
	req.GetBody = nil
	return r.next.RoundTrip(req)
}

func passing(status int) bool {
	switch status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// repeatable reports whether the body of req can be had again.
func repeatable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// again returns req for the attempt that follows failed others: a copy whose
// body is at its start.
func again(req *http.Request, failed int) (*http.Request, error) {
	if failed == 0 || req.GetBody == nil {
		return req, nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("send the request again: %w", err)
	}
	copied := req.Clone(req.Context())
	copied.Body = body
	return copied, nil
}

// discard drops an answer that is not handed on. Whole has read it already.
func discard(resp *http.Response) {
	if resp != nil {
		_ = resp.Body.Close()
	}
}
