package doctor

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
)

// MaxRequests is how many requests an examination sends, retries included.
const MaxRequests = 40

// ErrBudget says that an examination would send more requests than it may.
var ErrBudget = errors.New("it would take more requests than an examination sends")

// Budget counts the requests of all clients of an examination, and lets no more
// than Max pass. What was read once is not asked for again. The zero value is ready.
type Budget struct {
	Max int // 0: MaxRequests

	asked atomic.Int64

	mu   sync.Mutex
	kept map[string]*kept // by what was asked, and with which token
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

// RoundTrip sends the request if nobody has sent it before and the budget has room
// for it.
func (c counted) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return c.send(req)
	}
	k := c.budget.keep(req)
	var first *http.Response
	k.once.Do(func() { first = k.read(c.send(req)) }) //nolint:bodyclose // read closes it, or hands it on
	switch {
	case first != nil:
		return first, nil
	case k.err != nil:
		return nil, k.err
	case k.answer == nil:
		return c.send(req)
	}
	return k.again(req), nil
}

func (c counted) send(req *http.Request) (*http.Response, error) {
	if c.budget.asked.Add(1) > c.budget.most() {
		return nil, ErrBudget
	}
	return c.next.RoundTrip(req)
}

func (b *Budget) keep(req *http.Request) *kept {
	key := req.URL.String() + "\n" + req.Header.Get("Authorization") + "\n" + req.Header.Get("Accept")
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil {
		b.kept = map[string]*kept{}
	}
	if b.kept[key] == nil {
		b.kept[key] = &kept{}
	}
	return b.kept[key]
}
