package transport

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// journey is what a request has been through: how often it was sent, how long it
// waited, and what its last attempt came to. A nil journey forgets everything.
type journey struct {
	mu       sync.Mutex
	began    time.Time
	ended    time.Time
	attempts map[string]int // by method: a look between two attempts is none of them
	waited   time.Duration  // since the last attempt
	paused   time.Duration  // the part of it that the caller waited

	status int   // of the last attempt; 0: no answer
	err    error // why there was none
}

type journeyKey struct{}

// Journey returns a context whose requests, of each method, are attempts at one
// thing: for a caller that sends a request again by itself. Errors and the trace
// count them all.
func Journey(ctx context.Context) context.Context {
	return context.WithValue(ctx, journeyKey{}, &journey{})
}

func journeyOf(ctx context.Context) *journey {
	j, _ := ctx.Value(journeyKey{}).(*journey)
	return j
}

// journeys makes one call of the caller one journey, unless it is a part of
// one. What ends without an answer ends in a GaveUpError.
func journeys(p *patience) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			if journeyOf(req.Context()) == nil {
				req = req.WithContext(Journey(req.Context()))
			}
			j := journeyOf(req.Context())
			j.begin(p.clock.Now())
			err := p.enter()
			var resp *http.Response
			if err == nil {
				resp, err = next.RoundTrip(req)
				p.leave()
			}
			j.end(p.clock.Now())
			if err != nil {
				return nil, j.gaveUp(req.Method, err)
			}
			resp.Request = req
			return resp, nil
		})
	}
}

// Effort is how much a request took.
type Effort struct {
	Attempts int           // how often it was sent
	Took     time.Duration // from the first attempt to the last answer, with the waits
}

// EffortOf returns what it took to get resp, which a client of New gave.
func EffortOf(resp *http.Response) Effort {
	if resp.Request == nil {
		return Effort{}
	}
	return journeyOf(resp.Request.Context()).effort(resp.Request.Method)
}

func (j *journey) begin(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.began.IsZero() {
		j.began, j.attempts = now, map[string]int{}
	}
}

func (j *journey) end(now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = now
}

func (j *journey) effort(method string) Effort {
	if j == nil {
		return Effort{}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return Effort{Attempts: j.attempts[method], Took: j.ended.Sub(j.began)}
}

func (j *journey) wait(d time.Duration) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.waited += d
}

func (j *journey) pause(d time.Duration) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.paused += d
}

// next counts the attempt that is about to be sent. paused is what the caller
// waited before it.
func (j *journey) next(method string) (paused time.Duration) {
	if j == nil {
		return 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.attempts[method]++
	paused, j.paused = j.paused, 0
	return paused
}

// attempt is the number of the attempt under way, from 1, and the time waited
// before it since the attempt that preceded it.
func (j *journey) attempt(method string) (number int, waited time.Duration) {
	if j == nil {
		return 1, 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	waited, j.waited = j.waited, 0
	return j.attempts[method], waited
}

// came notes what an attempt came to.
func (j *journey) came(status int, err error) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.status, j.err = status, err
}

// gaveUp is the error of a journey that err ended.
func (j *journey) gaveUp(method string, err error) error {
	effort := j.effort(method)
	j.mu.Lock()
	defer j.mu.Unlock()
	return &GaveUpError{Effort: effort, Status: j.status, Last: j.err, Err: err}
}
