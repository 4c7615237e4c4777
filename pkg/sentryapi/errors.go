package sentryapi

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// What an APIError can be, for errors.Is.
var (
	// ErrUnauthorized says that Sentry does not know the token (401).
	ErrUnauthorized = errors.New("the token is not known")
	// ErrForbidden says that the token may not do it (403): it lacks a scope.
	ErrForbidden = errors.New("not permitted")
	// ErrNotFound says that the object of a request does not exist. A page that does
	// not come from Sentry is never it.
	ErrNotFound = errors.New("not found")
)

// APIError is an answer that refuses a request. Detail is the server's reason in
// one line and safe to print. Need names the scopes, one of which the call takes.
// Effort is what the answer took, as "4 attempts in 12s", empty for a single attempt.
type APIError struct {
	Method, Path string
	Status       int
	Effort       string
	Detail       string
	Need         string

	json bool // the answer was JSON, so it came from Sentry and no proxy
}

// Error says which request was refused, how and why.
func (e *APIError) Error() string {
	return answer.Refusal(e.Method, e.Path, e.Status, e.Effort, e.Detail)
}

// Is makes errors.Is find the errors above.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden && e.json
	case ErrNotFound:
		return e.Status == http.StatusNotFound && e.json
	}
	return false
}

// TooManyError says that a list is longer than the client reads.
type TooManyError struct {
	List string // such as "members"
	Max  int    // entries that are read
}

// Error says how long the list is at least.
func (e *TooManyError) Error() string { return fmt.Sprintf("there are more than %d %s", e.Max, e.List) }

// place is a request as errors speak of it.
type place struct {
	method, path string
	base         string // Sentry's address, for hints
	need         string
}

func (c *Client) place(r request, req *http.Request) place {
	p := place{method: r.method, path: pathOf(r), base: c.base.String(), need: r.need}
	if req != nil {
		p.path = req.URL.EscapedPath()
	}
	return p
}

// unreachable makes an error of err, which http.Client.Do gave.
func (p place) unreachable(err error) error {
	words, advice := transport.Explain(err)
	bare := &answer.UnreachableError{Method: p.method, Path: p.path, Words: answer.Printable(words), Err: err}
	if gaveUp, ok := errors.AsType[*transport.GaveUpError](err); ok {
		bare.Status = gaveUp.Status
	}
	if errors.Is(err, context.Canceled) {
		return bare // whoever stopped the run knows why
	}
	wrapped := fault.Hint(bare, "sentry.url is %s", p.base)
	if _, private := errors.AsType[x509.UnknownAuthorityError](err); private {
		return fault.Hint(wrapped, "if its authority is your own, name the authority's certificate with sentry.ca_file")
	}
	if advice == "" {
		return wrapped
	}
	return fault.Hint(wrapped, "%s", advice)
}

// decode reads a success into out.
func (p place) decode(status int, body []byte, out any) error {
	err := json.Unmarshal(body, out)
	if err == nil {
		return nil
	}
	problem := answer.Describe(body)
	if problem == "" {
		problem = "an empty body"
	}
	if json.Valid(body) {
		problem = "JSON that cannot be read: " + answer.Printable(err.Error())
	}
	return p.unreadable(status, problem)
}

// unreadable makes an error of a success that cannot be read.
func (p place) unreadable(status int, problem string) error {
	err := &answer.UnreadableError{Method: p.method, Path: p.path, Status: status, Problem: problem}
	return fault.Hint(err, "is %s where Sentry is served, with no login page in front of its API?", p.base)
}

// refused makes an error of an answer that is not a success.
func (p place) refused(resp *http.Response, body []byte) error {
	err := &APIError{Method: p.method, Path: p.path, Status: resp.StatusCode, Effort: transport.EffortOf(resp).Words(), Need: p.need}
	err.Detail, err.json = answer.Reason(body)
	if resp.StatusCode < http.StatusBadRequest {
		target := answer.RedirectTarget(resp)
		err.Detail = "it redirects to " + target
		return fault.Hint(err, "redirects are not followed; if %s is right, put its address into sentry.url", target)
	}
	code, hint := p.advice(err)
	return fault.WithCode(fault.Hint(err, "%s", hint), code)
}

// advice returns the exit code and hint for a refusal.
func (p place) advice(err *APIError) (fault.Code, string) {
	switch {
	case err.Status == http.StatusUnauthorized:
		return fault.Credential, "the token is unknown to Sentry; see sentry.api.token " +
			"(Settings > Custom Integrations > an internal integration > Tokens)"
	case err.Status == http.StatusForbidden && !err.json:
		return fault.Credential, "this page does not come from Sentry: something in front of it refuses the request"
	case err.Status == http.StatusForbidden:
		return fault.Credential, "the token needs the scope " + p.need + ", in this organization; see sentry.api.token"
	case err.Status == http.StatusNotFound && p.method == http.MethodGet:
		return fault.Failed, "check sentry.org and sentry.url, which is " + p.base
	case err.Status == http.StatusTooManyRequests:
		return fault.Failed, "the server asks for a longer pause than is worth waiting; run again later"
	case err.Status >= http.StatusInternalServerError:
		return fault.Failed, "the fault is the server's or its proxy's; run again later"
	}
	return fault.Failed, ""
}
