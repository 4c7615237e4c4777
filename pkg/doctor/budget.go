package doctor

import (
	"errors"
	"net/http"
	"sync/atomic"
)

// MaxRequests is how many requests an examination sends, retries included.
const MaxRequests = 40

// ErrBudget says that an examination would send more requests than it may.
var ErrBudget = errors.New("it would take more requests than an examination sends")

// Budget counts the requests of all clients of an examination, and lets no more
// than Max pass. The zero value is ready.
type Budget struct {
	Max int // 0: MaxRequests

	asked atomic.Int64
}

// Sent is how many requests were sent.
func (b *Budget) Sent() int { return int(min(b.asked.Load(), b.most())) }

func (b *Budget) most() int64 {
	if b.Max == 0 {
		return MaxRequests
	}
	return int64(b.Max)
}

// Wrap makes a client's requests count.
func (b *Budget) Wrap(next http.RoundTripper) http.RoundTripper { return counted{b, next} }

type counted struct {
	budget *Budget
	next   http.RoundTripper
}

// RoundTrip sends the request if the budget has room for it.
func (c counted) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.budget.asked.Add(1) > c.budget.most() {
		return nil, ErrBudget
	}
	return c.next.RoundTrip(req)
}
