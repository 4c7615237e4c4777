package transport

import (
	"bytes"
	"io"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/secret"
)

// Scrub takes token out of the bodies of refusals, which end up in errors and
// reports: some servers and proxies repeat the request they refuse. It expects
// bodies that Whole has read.
func Scrub(token secret.String) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		if token.IsZero() {
			return next
		}
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err != nil || resp.StatusCode < http.StatusMultipleChoices {
				return resp, err
			}
			body, err := ReadAll(resp, DefaultMaxBody)
			if err != nil {
				return nil, err
			}
			body = bytes.ReplaceAll(body, []byte(token.Reveal()), []byte(secret.Redacted))
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			return resp, nil
		})
	}
}
