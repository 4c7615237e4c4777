package transport

import (
	"context"
	"fmt"
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
