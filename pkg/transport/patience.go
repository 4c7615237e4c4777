package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

const (
	// firstWord is how long a client waits in sum before it says so; then it says
	// so whenever the sum has doubled.
	firstWord = 5 * time.Second
	// fresh is how long a client rests until its failures are forgotten.
	fresh = time.Minute
)

// patience is how long a client bears with its server. It adds up what was spent
// on waiting and on attempts that failed, says so, and ends a run of nothing but
// failures. What several requests wait at the same time counts once; that a
// request is paced is no waiting.
type patience struct {
	clock Clock
	end   time.Duration     // of a run of nothing but failures
	say   func(line string) // nil: nobody listens

	mu      sync.Mutex
	busy    int       // journeys under way
	failing time.Time // since when nothing but failures came; zero: the last was none
	failed  time.Time // when the last came
	counted time.Time // up to which waiting is counted
	sum     time.Duration
	next    time.Duration // the sum to say so at
}

func newPatience(end time.Duration, say func(string), clock Clock) *patience {
	return &patience{end: end, say: say, clock: clock, next: firstWord}
}

// enter begins a journey, unless the run of failures has lasted too long.
func (p *patience) enter() error {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy == 0 && now.Sub(p.failed) > fresh {
		p.failing = time.Time{}
	}
	if p.left(now) <= 0 {
		return p.down()
	}
	p.busy++
	return nil
}

func (p *patience) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
}

func (p *patience) down() error { return fmt.Errorf("%w for %s", ErrDown, p.end) }

// left is how much longer failures are borne. The caller holds the lock.
func (p *patience) left(now time.Time) time.Duration {
	if p.failing.IsZero() {
		return p.end
	}
	return p.end - now.Sub(p.failing)
}

// remaining is how much longer failures are borne.
func (p *patience) remaining() time.Duration {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left(now)
}

// came notes what the attempt that began at that time came to.
func (p *patience) came(began time.Time, failed bool) {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !failed {
		p.failing = time.Time{}
		return
	}
	p.failed = now
	if p.failing.IsZero() {
		p.failing = began
	}
}

// count adds the time between from and to, which may be still to come, to what
// was waited, and says the line when that has become much.
func (p *patience) count(from, to time.Time, line string) {
	now := p.clock.Now()
	p.mu.Lock()
	if from.Before(p.counted) {
		from = p.counted
	}
	if to.After(from) {
		p.sum += to.Sub(from)
		p.counted = to
	}
	sum, loud := p.sum, p.say != nil && p.sum >= p.next
	if loud {
		p.next = 2 * p.sum
	}
	ahead := max(0, p.counted.Sub(now))
	p.mu.Unlock()
	if !loud {
		return
	}
	if soFar := rounded(sum - ahead); soFar >= time.Second {
		line += fmt.Sprintf(" (waited %s so far)", soFar)
	}
	p.say(line)
}

// pause waits for d, which counts.
func (p *patience) pause(ctx context.Context, d time.Duration, line string) error {
	now := p.clock.Now()
	p.count(now, now.Add(d), line)
	return p.clock.Wait(ctx, d)
}

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
	done := make(chan struct{})
	go func() {
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
	return func() { close(done) }
}

// about names a request by what may be shown of it.
func about(req *http.Request) string {
	return "waiting for " + req.URL.Host + ": " + req.Method + " " + masked(req.URL)
}
