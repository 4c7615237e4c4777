package authentik

import (
	"errors"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/answer"
)

// What an APIError can be, for errors.Is.
var (
	// ErrNotFound says that the object of a request does not exist, or that the
	// token may not see it. A page that does not come from authentik is never it.
	ErrNotFound = errors.New("not found")
	// ErrInvalid says that authentik refuses what was sent (400).
	ErrInvalid = errors.New("not valid")
	// ErrForbidden says that the token lacks a permission (403).
	ErrForbidden = errors.New("not permitted")
)

// APIError is an answer that refuses a request. Detail is the server's reason in
// one line and safe to print. Effort is what the answer took, as "4 attempts in
// 12s", empty for a single attempt.
type APIError struct {
	Method, Path string
	Status       int
	Effort       string
	Detail       string

	json bool // the answer was JSON, so it came from authentik and no proxy
}

// Error says which request was refused, how and why.
func (e *APIError) Error() string {
	return answer.Refusal(e.Method, e.Path, e.Status, e.Effort, e.Detail)
}

// Is makes errors.Is find ErrNotFound, ErrInvalid and ErrForbidden.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound && e.json
	case ErrInvalid:
		return e.Status == http.StatusBadRequest
	case ErrForbidden:
		return e.Status == http.StatusForbidden && e.json && !noToken(e.Detail)
	}
	return false
}
