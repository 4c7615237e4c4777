package transport

import (
	"context"
	"encoding/binary"
	"io"
	"time"
)

// Clock is where a client takes time and chance from.
type Clock struct {
	// Now returns the present time.
	Now func() time.Time
	// Rand is where jitter comes from. It is read from several goroutines at
	// once, as crypto/rand.Reader allows.
	Rand io.Reader
	// Sleep waits for d or until ctx ends, and then returns why it ended. Nil
	// means a real timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Wait sleeps for d; a d of zero or less only asks whether ctx has ended.
func (c Clock) Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	sleep := c.Sleep
	if sleep == nil {
		sleep = timer
	}
	began := c.Now()
	err := sleep(ctx, d)
	journeyOf(ctx).wait(c.Now().Sub(began))
	return err
}

func timer(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// jitter returns a random duration below d. Without randomness it returns d,
// the careful end.
func (c Clock) jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	var raw [8]byte
	if _, err := io.ReadFull(c.Rand, raw[:]); err != nil {
		return d
	}
	fraction := float64(binary.BigEndian.Uint64(raw[:])>>11) / (1 << 53)
	return time.Duration(fraction * float64(d))
}

// Backoff is exponential waiting with full jitter: the wait before attempt n+1
// is random between zero and min(Cap, Base·2ⁿ).
type Backoff struct {
	Base, Cap time.Duration
	Clock     Clock
}

// NewBackoff returns the backoff used between attempts: from 250 ms to 10 s.
func NewBackoff(clock Clock) Backoff {
	return Backoff{Base: 250 * time.Millisecond, Cap: 10 * time.Second, Clock: clock}
}

// Wait sleeps after the attempt that was number failed, counted from zero. It
// returns early, with the reason, when ctx ends.
func (b Backoff) Wait(ctx context.Context, failed int) error {
	pause := b.pause(failed)
	journeyOf(ctx).pause(pause)
	return b.Clock.Wait(ctx, pause)
}

// pause is how long to wait after the attempt that was number failed.
func (b Backoff) pause(failed int) time.Duration { return b.Clock.jitter(b.ceiling(failed)) }

func (b Backoff) ceiling(failed int) time.Duration {
	ceiling := b.Base
	for range failed {
		if ceiling >= b.Cap {
			break
		}
		ceiling *= 2
	}
	return min(ceiling, b.Cap)
}
