package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ErrTooLarge says that an answer has more bytes than its reader allows.
var ErrTooLarge = errors.New("the answer is too large")

// ErrSlow says that an answer did not arrive whole in time.
var ErrSlow = errors.New("no whole answer in time")

// ReadAll reads the body of resp to its end and closes it. It fails with
// ErrTooLarge beyond limit bytes, and when the body is cut short.
func ReadAll(resp *http.Response, limit int64) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read", ErrTooLarge, resp.ContentLength, limit)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: at most %d bytes are read", ErrTooLarge, limit)
	}
	return body, nil
}

// Whole reads every answer to its end, within limit bytes and timeout, before
// it hands it on. A body that is cut short or stalls is then a failed attempt,
// which Retry can repeat, and no caller can forget a body or hang on one.
func Whole(limit int64, timeout time.Duration) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithTimeoutCause(req.Context(), timeout, ErrSlow)
			defer cancel()
			resp, err := readWhole(next, req.WithContext(ctx), limit)
			if err != nil && errors.Is(context.Cause(ctx), ErrSlow) {
				return nil, fmt.Errorf("%w (%s)", ErrSlow, timeout)
			}
			return resp, err
		})
	}
}

func readWhole(next http.RoundTripper, req *http.Request, limit int64) (*http.Response, error) {
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := ReadAll(resp, limit)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}
