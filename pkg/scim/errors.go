package scim

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What an APIError can be, for errors.Is.
var (
	// ErrNotFound says that the user or team of a request is gone. A page that
	// does not come from Sentry is never it.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that the e-mail or team slug is taken. Of a user with a
	// pending invitation Sentry 25.8 and later says so with 400.
	ErrConflict = errors.New("already there")
	// ErrUnknownMember says that a change of a team names a member who no longer
	// exists; nothing of that request was done.
	ErrUnknownMember = errors.New("a member no longer exists")
)

// APIError is an answer that refuses a request. Detail is the server's reason
// in one line, Body the beginning of the answer, at most 512 bytes; both are
// safe to print.
type APIError struct {
	Method, Path string
	Status       int
	Detail       string
	SCIMType     string
	Body         string

	json bool // the answer was JSON, so it came from Sentry and no proxy
}

// Error says which request was refused, how and why.
func (e *APIError) Error() string {
	words := fmt.Sprintf("%s %s: answered %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Detail == "" {
		return strings.TrimSpace(words)
	}
	return strings.TrimSpace(words) + ": " + strings.TrimSuffix(e.Detail, ".")
}

// Is makes errors.Is find ErrNotFound, ErrConflict and ErrUnknownMember.
func (e *APIError) Is(target error) bool {
	unknown := e.Status == http.StatusNotFound && e.Detail == "User not found."
	switch target {
	case ErrUnknownMember:
		return unknown
	case ErrNotFound:
		return e.Status == http.StatusNotFound && e.json && !unknown
	case ErrConflict:
		return e.Status == http.StatusConflict || e.Status == http.StatusBadRequest && taken(e.Detail)
	}
	return false
}

// taken knows the texts that say so with 400
// (core/endpoints/organization_member_index.py, team_details.py).
func taken(detail string) bool {
	for _, text := range []string{"has already been invited", "is already a member", "is already in use"} {
		if strings.Contains(detail, text) {
			return true
		}
	}
	return false
}

// AnswerError is an answer that says success and cannot be read: HTML, broken
// or missing JSON, or JSON of another shape.
type AnswerError struct {
	Method, Path string
	Status       int
	Problem      string
}

// Error says which request was answered with what.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("%s %s: answered %d with %s", e.Method, e.Path, e.Status, e.Problem)
}

// UnreachableError is a request without an answer.
type UnreachableError struct {
	Method, Path string
	Words        string // why, as transport.Explain says it
	Err          error
}

// Error says which request got no answer, and why.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("%s %s: no answer: %s", e.Method, e.Path, e.Words)
}

// Unwrap returns the error of the HTTP client.
func (e *UnreachableError) Unwrap() error { return e.Err }
