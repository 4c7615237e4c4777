package scim

import (
	"errors"
	"net/http"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
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
	// ErrRole says that this Sentry has no such role, or gives it to nobody by SCIM
	// (core/endpoints/scim/members.py).
	ErrRole = errors.New("no such role")
	// ErrAddress says that Sentry does not take the address
	// (core/endpoints/organization_member_index.py).
	ErrAddress = errors.New("the address is not taken")
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
func (e *APIError) Error() string { return answer.Refusal(e.Method, e.Path, e.Status, e.Detail) }

// Is makes errors.Is find the errors above.
func (e *APIError) Is(target error) bool {
	unknown := e.Status == http.StatusNotFound && e.Detail == "User not found."
	switch target {
	case ErrUnknownMember:
		return unknown
	case ErrNotFound:
		return e.Status == http.StatusNotFound && e.json && !unknown
	case ErrRole:
		return e.Status == http.StatusBadRequest && strings.Contains(e.Detail, "Invalid organization role")
	case ErrAddress:
		return e.Status == http.StatusBadRequest && e.json && strings.HasPrefix(e.Detail, "email: ") && !taken(e.Detail)
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

// reason reads the body of a refusal: Sentry's SCIM envelope, the plain bodies
// of Django REST framework, which are maps of fields to texts, or whatever a
// proxy says. The content type is not asked: Sentry's 429 is JSON that calls
// itself HTML (middleware/ratelimit.py).
func reason(body []byte) (detail, scimType string, isJSON bool) {
	fields := answer.Fields(body)
	if fields == nil {
		return answer.Describe(body), "", false
	}
	scimType, _ = fields["scimType"].(string)
	scimType = answer.Printable(scimType)
	if text, ok := fields["detail"].(string); ok {
		return readDetail(text), scimType, true
	}
	if scimType != "" {
		return scimType, scimType, true // Sentry's invalidFilter has no detail
	}
	delete(fields, "schemas")
	delete(fields, "status")
	return answer.Flatten(fields), "", true
}

// readDetail reads a detail that may itself be JSON text.
func readDetail(text string) string {
	if strings.HasPrefix(text, "{") {
		if fields := answer.Fields([]byte(text)); fields != nil {
			return answer.Flatten(fields)
		}
	}
	return answer.Printable(text)
}
