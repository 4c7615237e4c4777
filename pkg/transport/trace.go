package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Trace gives one line for each attempt to show: method, path, status, time,
// attempt and wait. It shows no header and no body, and of the query only the
// numbers of the page: filters hold people. A nil show traces nothing.
func Trace(show func(line string), clock Clock) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		if show == nil {
			return next
		}
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			attempt, waited := journeyOf(req.Context()).attempt(req.Method)
			began := clock.Now()
			resp, err := next.RoundTrip(req)
			took := clock.Now().Sub(began).Round(time.Millisecond)
			line := fmt.Sprintf("%s %s %s %s", req.Method, masked(req.URL), outcome(resp, err), took)
			if attempt > 1 {
				line += fmt.Sprintf(" attempt %d", attempt)
			}
			if waited >= time.Millisecond {
				line += fmt.Sprintf(" after waiting %s", waited.Round(time.Millisecond))
			}
			show(line)
			return resp, err
		})
	}
}

func outcome(resp *http.Response, err error) string {
	if err != nil {
		words, _ := Explain(err)
		return "failed (" + words + ")"
	}
	return strconv.Itoa(resp.StatusCode)
}

// masked writes the path and the names in the query, and the values of those
// that can name nobody.
func masked(u *url.URL) string {
	query := u.Query()
	if len(query) == 0 {
		return u.EscapedPath()
	}
	var parts []string
	for name, values := range query {
		value := "…"
		switch name {
		case "startIndex", "count", "page", "page_size":
			value = url.QueryEscape(strings.Join(values, ","))
		}
		parts = append(parts, url.QueryEscape(name)+"="+value)
	}
	slices.Sort(parts)
	return u.EscapedPath() + "?" + strings.Join(parts, "&")
}
