package transport

import "sync"

// The retry budget: a full purse pays for a bad minute, each answer pays for
// two retries, and a server that answers nothing empties it.
const (
	budgetFull  = 100
	budgetStart = 50
	budgetGive  = 2
)

type budget struct {
	mu   sync.Mutex
	left int
}

func newBudget() *budget { return &budget{left: budgetStart} }

func (b *budget) take() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return false
	}
	b.left--
	return true
}

func (b *budget) give() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = min(budgetFull, b.left+budgetGive)
}
