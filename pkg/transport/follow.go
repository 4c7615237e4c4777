package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// follow notes the attempts of each journey, and cuts one that would outlast a
// run of nothing but failures.
func follow(p *patience) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			left := p.remaining()
			if left <= 0 {
				return nil, p.down()
			}
			ctx, cancel := context.WithTimeoutCause(req.Context(), left, ErrDown)
			defer cancel()
			began, j := p.clock.Now(), journeyOf(ctx)
			if paused := j.next(req.Method); paused > 0 {
				p.count(began.Add(-paused), began, about(req)+" is sent again")
			}
			stop := p.watch(began, req)
			resp, err := next.RoundTrip(req.WithContext(ctx))
			stop()
			if req.Context().Err() != nil && err != nil {
				return nil, err // which says nothing of the server
			}
			if errors.Is(context.Cause(ctx), ErrDown) && err != nil {
				err = fmt.Errorf("%w: %w", ErrSlow, p.down())
			}
			p.note(req, began, resp, err)
			return resp, err
		})
	}
}

// note keeps what an attempt came to.
func (p *patience) note(req *http.Request, began time.Time, resp *http.Response, err error) {
	status := 0
	if err == nil {
		status = resp.StatusCode
	}
	failed := err != nil || passing(status) || status == http.StatusTooManyRequests
	journeyOf(req.Context()).came(status, err)
	p.came(began, failed)
	if failed {
		p.count(began, p.clock.Now(), about(req)+": "+cameTo(status, err))
	}
}

func cameTo(status int, err error) string {
	if err == nil {
		return answered(status)
	}
	words, _ := Explain(err)
	return words
}

// watch counts the time that an attempt takes which lasts, until stop.
func (p *patience) watch(began time.Time, req *http.Request) (stop func()) {
	if p.say == nil {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticks := time.NewTicker(firstWord)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				p.count(began, p.clock.Now(), about(req)+": no answer yet")
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-ended // nothing is said after the answer
	}
}

// about names a request by what may be shown of it.
func about(req *http.Request) string {
	return "waiting for " + req.URL.Host + ": " + req.Method + " " + masked(req.URL)
}
