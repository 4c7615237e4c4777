package transport

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrDown ends a run of nothing but failures.
var ErrDown = errors.New("there was nothing but failures")

// GaveUpError is a request that was given up without an answer that settles it.
type GaveUpError struct {
	Effort

	// Status is what the last attempt was answered with, 0 where it got no
	// answer; Last says then why, and is nil where there was no attempt.
	Status int
	Last   error
	// Err is what ended it: the error of the last attempt, the end of the
	// request's context, or ErrDown.
	Err error
}

// Error says what became of the last attempt, how many there were, how long they
// took, and what ended them.
func (e *GaveUpError) Error() string {
	words, _ := Explain(e)
	return words
}

// Unwrap returns what ended it.
func (e *GaveUpError) Unwrap() error { return e.Err }

// words says all of it, beginning with what the last attempt came to.
func (e *GaveUpError) words() string {
	last, end := e.Last, ""
	if e.Status != 0 || last != nil && !errors.Is(e.Err, last) {
		end, _ = explain(e.Err)
		end = ", until " + end
	}
	if last == nil {
		last = e.Err
	}
	text, _ := explain(last)
	switch {
	case e.Status != 0:
		text = answered(e.Status)
	case e.Attempts == 0 && !errors.Is(e.Err, ErrDown):
		text += " before it was sent"
	}
	if effort := e.Words(); effort != "" {
		text += " (" + effort + ")"
	}
	return text + end
}

// Words writes the effort as "4 attempts in 12s"; it is empty for a single
// attempt.
func (e Effort) Words() string {
	if e.Attempts < 2 {
		return ""
	}
	return fmt.Sprintf("%d attempts in %s", e.Attempts, rounded(e.Took))
}

func answered(status int) string {
	return fmt.Sprintf("answered %d %s", status, http.StatusText(status))
}

// rounded is d as people say it.
func rounded(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}
