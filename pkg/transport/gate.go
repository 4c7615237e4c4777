package transport

import (
	"context"
	"sync"
	"time"
)

// gate is what the whole client waits at after a 429.
type gate struct {
	clock    Clock
	patience *patience

	mu       sync.Mutex
	until    time.Time
	closedAt time.Time
	strikes  int // incidents since the last answer that was none
}

// close shuts the gate for the time told, or for an ever longer one when none
// was or when obeying it did not help. Answers to requests that were admitted
// before it shut belong to the same incident and only extend it.
func (g *gate) close(admitted time.Time, told limits) {
	now := g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	fresh := g.closedAt.IsZero() || admitted.After(g.closedAt)
	if !told.timed && !fresh {
		return
	}
	if fresh {
		g.closedAt = now
		g.strikes++
	}
	if until := now.Add(g.pause(told)); until.After(g.until) {
		g.until = until
	}
}

// pause is how long to wait. A time that was told may be over already when the
// answer arrives: then a moment is enough, but not twice in a row.
func (g *gate) pause(told limits) time.Duration {
	guesses := Backoff{Base: time.Second, Cap: time.Minute}
	if told.timed {
		wait := told.wait
		if g.strikes > 1 {
			wait = max(wait, guesses.ceiling(g.strikes-2))
		}
		return wait + g.clock.jitter(100*time.Millisecond) // not on the dot: others wait for it too
	}
	guess := guesses.ceiling(g.strikes - 1)
	return guess/2 + g.clock.jitter(guess/2)
}

// passed notes an answer that was no 429.
func (g *gate) passed() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.strikes = 0
}

// remaining is how long the gate stays shut.
func (g *gate) remaining() time.Duration {
	now := g.clock.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.until.Sub(now)
}

// wait returns when the gate is open, stays shut for longer than is borne, or ctx
// ends. host is who asked for it.
func (g *gate) wait(ctx context.Context, host string) error {
	for {
		left := g.remaining()
		if left <= 0 || left > g.patience.remaining() {
			return context.Cause(ctx)
		}
		line := "waiting for " + host + ", which asks for a pause: the next request follows in " + rounded(left).String()
		if err := g.patience.pause(ctx, left, line); err != nil {
			return err
		}
	}
}
