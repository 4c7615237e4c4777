package answer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// UnreadableError is an answer that says success and cannot be read: HTML, broken
// or missing JSON, or JSON of another shape.
type UnreadableError struct {
	Method, Path string
	Status       int
	Problem      string
}

// Error says which request was answered with what.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s %s: answered %d with %s", e.Method, e.Path, e.Status, e.Problem)
}

// UnreachableError is a request without an answer that settles it. Status is what
// its last attempt was answered with, as by a proxy whose server is away, and 0
// where that got no answer.
type UnreachableError struct {
	Method, Path string
	Status       int
	Words        string // what became of it, safe to print
	Err          error
}

// Error says which request it is and what became of it.
func (e *UnreachableError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s %s: %s", e.Method, e.Path, e.Words)
	}
	return fmt.Sprintf("%s %s: no answer: %s", e.Method, e.Path, e.Words)
}

// Unwrap returns the error of the HTTP client.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Refusal says which request was refused with which status, after which effort
// ("4 attempts in 12s"), and why, where that is known.
func Refusal(method, path string, status int, effort, detail string) string {
	words := strings.TrimSpace(fmt.Sprintf("%s %s: answered %d %s", method, path, status, http.StatusText(status)))
	if effort != "" {
		words += " (" + effort + ")"
	}
	if detail == "" {
		return words
	}
	return words + ": " + strings.TrimSuffix(detail, ".")
}

// Decode reads the body of a success into out, and returns what is wrong with it,
// or an empty text. A nil out wants no content, but what comes must be JSON all
// the same: a login page is no success.
func Decode(body []byte, out any) (problem string) {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0 && out == nil:
		return ""
	case len(body) == 0:
		return "an empty body"
	case body[0] != '{':
		return Describe(body)
	case out == nil:
		out = &struct{}{}
	}
	if err := json.Unmarshal(body, out); err != nil {
		return "JSON that cannot be read: " + Printable(err.Error())
	}
	return ""
}

// RedirectTarget says where a redirect points, without query and credentials.
func RedirectTarget(resp *http.Response) string {
	target, err := resp.Location()
	if err != nil {
		return "nowhere"
	}
	return Printable((&url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}).String())
}
