package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts requests as middleware/ratelimit.py and ratelimits/utils.py do
// for the tokens of integrations: one bucket for each method of an
// organization, in fixed windows. On self-hosted Sentry it does nothing.
type limiter struct {
	on     bool
	limits RateLimit
	now    func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	window int64 // number of the window since 1970
	count  int
	active int
}

// pass is one request's way through the limiter.
type pass struct {
	limiter *limiter
	bucket  *bucket
	header  http.Header
	refused *reply
}

func newLimiter(state State, now func() time.Time) *limiter {
	l := &limiter{on: state.saas(), now: now, buckets: map[string]*bucket{}}
	if state.RateLimit != nil {
		l.limits = *state.RateLimit
	}
	l.limits.Limit = cmp.Or(l.limits.Limit, 40)
	l.limits.Window = cmp.Or(l.limits.Window, 1)
	l.limits.ConcurrentLimit = cmp.Or(l.limits.ConcurrentLimit, 25)
	return l
}

// enter counts a request. Whoever enters leaves, refused or not.
func (l *limiter) enter(method string, authorized bool) *pass {
	p := &pass{limiter: l}
	if !l.on {
		return p
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	window := l.now().Unix() / int64(l.limits.Window)
	p.bucket = l.bucketOf(method, authorized, window)
	p.bucket.count++
	p.bucket.active++
	p.header = l.header(p.bucket)
	switch {
	case p.bucket.count > l.limits.Limit:
		p.refuse(fmt.Sprintf("You are attempting to use this endpoint too frequently. Limit is %d requests in %d seconds", l.limits.Limit, l.limits.Window))
	case p.bucket.active > l.limits.ConcurrentLimit || l.limits.ConcurrentExhausted:
		p.refuse(fmt.Sprintf("You are attempting to go above the allowed concurrency for this endpoint. Concurrency limit is %d", l.limits.ConcurrentLimit))
	}
	return p
}

// bucketOf finds the bucket and moves it to the present window. Requests
// without the token are counted elsewhere, by address, which is one bucket here.
func (l *limiter) bucketOf(method string, authorized bool, window int64) *bucket {
	key := method
	if !authorized {
		key = "anonymous"
	}
	b, ok := l.buckets[key]
	if !ok {
		b = &bucket{window: window}
		if l.limits.Exhausted {
			b.count = l.limits.Limit
		}
		if len(l.buckets) < maxBuckets {
			l.buckets[key] = b
		}
	}
	if b.window != window {
		b.window, b.count = window, 0
	}
	return b
}

// maxBuckets bounds what invented methods can fill.
const maxBuckets = 32

func (l *limiter) header(b *bucket) http.Header {
	concurrent := max(0, l.limits.ConcurrentLimit-b.active)
	if l.limits.ConcurrentExhausted {
		concurrent = 0
	}
	numbers := map[string]int64{
		"Limit":               int64(l.limits.Limit),
		"Remaining":           int64(max(0, l.limits.Limit-b.count)),
		"Reset":               (b.window + 1) * int64(l.limits.Window),
		"ConcurrentLimit":     int64(l.limits.ConcurrentLimit),
		"ConcurrentRemaining": int64(concurrent),
	}
	header := http.Header{}
	for name, n := range numbers {
		header.Set("X-Sentry-Rate-Limit-"+name, strconv.FormatInt(n, 10))
	}
	return header
}

// refuse answers 429 as Sentry does: JSON that says it is HTML, and no Retry-After.
func (p *pass) refuse(detail string) {
	text, _ := json.Marshal(map[string]string{"detail": detail})
	p.refused = &reply{status: http.StatusTooManyRequests, contentType: html, header: p.header, body: string(text)}
}

// leave gives the place back.
func (p *pass) leave() {
	if p.bucket == nil {
		return
	}
	p.limiter.mu.Lock()
	defer p.limiter.mu.Unlock()
	p.bucket.active--
}

// mark adds the headers to an answer.
func (p *pass) mark(answer reply) reply {
	if p.header == nil {
		return answer
	}
	header := maps.Clone(p.header)
	maps.Copy(header, answer.header)
	answer.header = header
	return answer
}
