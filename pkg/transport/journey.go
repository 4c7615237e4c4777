package transport

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// journey is what one call of the caller has been through: how many attempts
// were sent and how long it waited. A nil journey forgets everything.
type journey struct {
	attempts atomic.Int64
	waited   atomic.Int64
}

type journeyKey struct{}

func journeys(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		ctx := context.WithValue(req.Context(), journeyKey{}, &journey{})
		return next.RoundTrip(req.WithContext(ctx))
	})
}

func journeyOf(ctx context.Context) *journey {
	j, _ := ctx.Value(journeyKey{}).(*journey)
	return j
}

func (j *journey) wait(d time.Duration) {
	if j != nil {
		j.waited.Add(int64(d))
	}
}

// next returns the number of the attempt about to be sent, from 1, and the
// time waited before it since the attempt that preceded it.
func (j *journey) next() (attempt int64, waited time.Duration) {
	if j == nil {
		return 1, 0
	}
	return j.attempts.Add(1), time.Duration(j.waited.Swap(0))
}
