package transport

import (
	"maps"
	"net/http"
	"sync"
)

// Counter counts the requests that were sent, every attempt as one. The zero
// value is ready, and it may be used from several goroutines.
type Counter struct {
	mu       sync.Mutex
	byMethod map[string]int
}

// ByMethod returns how many requests were sent with each method. The map is
// the caller's own and never nil.
func (c *Counter) ByMethod() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int, len(c.byMethod))
	maps.Copy(counts, c.byMethod)
	return counts
}

// Total returns how many requests were sent.
func (c *Counter) Total() int {
	total := 0
	for _, n := range c.ByMethod() {
		total += n
	}
	return total
}

func (c *Counter) add(method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byMethod == nil {
		c.byMethod = map[string]int{}
	}
	c.byMethod[method]++
}

// Count counts every request that passes into c. A nil c counts nothing.
func Count(c *Counter) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		if c == nil {
			return next
		}
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			c.add(req.Method)
			return next.RoundTrip(req)
		})
	}
}
