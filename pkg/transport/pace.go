package transport

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// share is the part of a server's limit that is used: a request that is held up
// on its way must not fall into the next window as one too many.
const share = 0.97

// pace spreads requests evenly. Each method has a lane, whose rate the server
// tells; the ceiling is over all of them.
type pace struct {
	clock   Clock
	ceiling *rate.Limiter

	mu    sync.Mutex
	lanes map[string]*lane
	known limits // the last that any method was told, a guess for the others
}

type lane struct {
	limiter *rate.Limiter
	window  time.Duration
	hold    time.Time // nothing remains before this
}

func newPace(perSecond float64, clock Clock) *pace {
	ceiling := rate.NewLimiter(rate.Inf, 1)
	if perSecond > 0 {
		ceiling.SetLimit(rate.Limit(perSecond))
	}
	return &pace{clock: clock, ceiling: ceiling, lanes: map[string]*lane{}}
}

// wait returns when a request with method may be sent, or ctx ends.
func (p *pace) wait(ctx context.Context, method string) error {
	now := p.clock.Now()
	own, hold := p.lane(method, now)
	if err := p.clock.Wait(ctx, hold); err != nil {
		return err
	}
	for _, limiter := range []*rate.Limiter{own, p.ceiling} {
		now := p.clock.Now()
		turn := limiter.ReserveN(now, 1)
		if err := p.clock.Wait(ctx, turn.DelayFrom(now)); err != nil {
			turn.CancelAt(p.clock.Now())
			return err
		}
	}
	return nil
}

func (p *pace) lane(method string, now time.Time) (*rate.Limiter, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.open(method, now)
	return l.limiter, l.hold.Sub(now)
}

// open returns the lane of method. The caller holds the lock.
func (p *pace) open(method string, now time.Time) *lane {
	l, ok := p.lanes[method]
	if !ok {
		l = &lane{limiter: rate.NewLimiter(rate.Inf, 1)}
		p.lanes[method] = l
		l.set(p.known, now)
	}
	return l
}

// learn takes the limit an answer told for method.
func (p *pace) learn(method string, told limits, now time.Time) {
	if told.limit == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.open(method, now)
	l.set(told, now)
	if told.rateSpent && told.wait > 0 {
		l.hold = now.Add(min(told.wait, l.window)) // a clock that is wrong must not stop the run
	}
	p.known = limits{limit: told.limit, window: l.window}
}

// set changes the rate. One answer tells only what is left of its window, so
// the longest seen counts.
func (l *lane) set(told limits, now time.Time) {
	if told.limit == 0 {
		return
	}
	l.window = max(l.window, told.window, time.Second)
	perSecond := rate.Limit(share * float64(told.limit) / l.window.Seconds())
	if perSecond != l.limiter.Limit() {
		l.limiter.SetLimitAt(now, perSecond)
	}
}
