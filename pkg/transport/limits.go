package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// limits is what an answer says about rates. Zero values mean "not said".
type limits struct {
	limit      int           // requests in a window
	window     time.Duration // at least as long
	timed      bool          // wait is said
	wait       time.Duration // until the window ends, or what Retry-After asks for
	rateSpent  bool          // nothing remains in the window
	concurrent int           // requests under way at once
}

// skewAllowed is the difference of clocks below which the one here is used: a
// Date header is cut to the second, and windows may be as short.
const skewAllowed = 2 * time.Second

// longestWindow is the longest window that is believed. Sentry's are a second by
// default (ratelimits/config.py): one that ends later was told by a clock that is
// wrong. Its end is then not said, and the client goes by the limit or, after a
// 429, by its own guesses.
const longestWindow = time.Minute + skewAllowed

// readLimits reads the X-Sentry-Rate-Limit headers (Sentry,
// middleware/ratelimit.py; Reset is in epoch seconds) and Retry-After.
func readLimits(h http.Header, now time.Time) limits {
	told := limits{
		limit:      number(h, "X-Sentry-Rate-Limit-Limit"),
		concurrent: number(h, "X-Sentry-Rate-Limit-ConcurrentLimit"),
	}
	there := serverTime(h, now)
	if reset := number(h, "X-Sentry-Rate-Limit-Reset"); reset > 0 {
		end := time.Unix(int64(reset), 0)
		told.window = window(h, end, there)
		told.rateSpent = h.Get("X-Sentry-Rate-Limit-Remaining") == "0"
		if left := end.Sub(there); left <= longestWindow {
			told.timed, told.wait = true, max(0, left)
		}
	}
	if wait := retryAfter(h.Get("Retry-After"), there); wait > told.wait {
		told.timed, told.wait = true, wait
	}
	return told
}

// window is how long the server's window is at least, as far as one answer
// tells: the time from the answer's own date to its end.
func window(h http.Header, end, there time.Time) time.Duration {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		there = date
	}
	if seconds := end.Sub(there.Truncate(time.Second)).Round(time.Second); seconds <= longestWindow {
		return max(0, seconds)
	}
	return 0
}

// serverTime is the time by the server's clock, as far as it matters.
func serverTime(h http.Header, now time.Time) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || date.Sub(now).Abs() < skewAllowed {
		return now
	}
	return date
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3).
func retryAfter(value string, there time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, date.Sub(there))
}

func number(h http.Header, name string) int {
	n, err := strconv.ParseFloat(h.Get(name), 64)
	if err != nil || !(n > 0 && n < 1<<40) {
		return 0
	}
	return int(n)
}
