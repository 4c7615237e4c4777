package transport

import (
	"context"
	"slices"
	"sync"
	"time"
)

// slots bounds how many requests are under way. The bound adapts: it halves
// when the server is overrun and grows by one for every round that goes well
// (additive increase, multiplicative decrease), between 1 and the ceiling.
type slots struct {
	mu       sync.Mutex
	ceiling  float64
	bound    float64
	busy     int
	queue    []chan struct{} // first come, first served
	shrunkAt time.Time
}

func newSlots(ceiling int) *slots {
	return &slots{ceiling: float64(ceiling), bound: float64(ceiling)}
}

// acquire waits for a slot, or for the end of ctx.
func (s *slots) acquire(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	if len(s.queue) == 0 && s.busy < int(s.bound) {
		s.busy++
		s.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	s.queue = append(s.queue, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		s.leave(turn)
		return context.Cause(ctx)
	}
}

// leave gives up a turn, or the slot if it was given in the same moment.
func (s *slots) leave(turn chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.queue, turn); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
		return
	}
	s.busy--
	s.admit()
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	s.admit()
}

// admit gives free slots to those who wait. The caller holds the lock.
func (s *slots) admit() {
	for len(s.queue) > 0 && s.busy < int(s.bound) {
		close(s.queue[0])
		s.queue = s.queue[1:]
		s.busy++
	}
}

// cap lowers the ceiling to what the server told; zero tells nothing.
func (s *slots) cap(told int) {
	if told == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ceiling = min(s.ceiling, float64(told))
	s.bound = min(s.bound, s.ceiling)
}

// shrink halves the bound, once for all requests that were admitted before it
// last shrank.
func (s *slots) shrink(admitted, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.shrunkAt.IsZero() && !admitted.After(s.shrunkAt) {
		return
	}
	s.shrunkAt = now
	s.bound = max(1, s.bound/2)
}

func (s *slots) grow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bound = min(s.ceiling, s.bound+1/s.bound)
	s.admit()
}
