package authentik

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// place is a request as errors speak of it.
type place struct {
	method, path string
	base         string // authentik's address, for hints
	need         string // the permission that the request takes
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
	wrapped := fault.Hint(bare, "authentik.url is %s", p.base)
	if _, private := errors.AsType[x509.UnknownAuthorityError](err); private {
		return fault.Hint(wrapped, "if its authority is your own, name the authority's certificate with authentik.ca_file")
	}
	if advice == "" {
		return wrapped
	}
	return fault.Hint(wrapped, "%s", advice)
}

// unreadable makes an error of a success that cannot be read.
func (p place) unreadable(status int, problem string) error {
	err := &answer.UnreadableError{Method: p.method, Path: p.path, Status: status, Problem: problem}
	return fault.Hint(err, "is %s where authentik is served, with its path and with no login page in front of its API?", p.base)
}

// decode reads a success into out; a nil out wants no content.
func (p place) decode(status int, body []byte, out any) error {
	if problem := answer.Decode(body, out); problem != "" {
		return p.unreadable(status, problem)
	}
	return nil
}

// refused makes an error of an answer that is no success.
func (p place) refused(resp *http.Response, body []byte) error {
	err := &APIError{Method: p.method, Path: p.path, Status: resp.StatusCode, Effort: transport.EffortOf(resp).Words()}
	err.Detail, err.json = answer.Reason(body)
	if resp.StatusCode < 400 {
		target := answer.RedirectTarget(resp)
		err.Detail = "it redirects to " + target
		return fault.Hint(err, "redirects are not followed; if %s is right, put its address into authentik.url", target)
	}
	code, hint := p.advice(err)
	return fault.WithCode(fault.Hint(err, "%s", hint), code)
}

// advice returns the exit code and hint for a refusal.
func (p place) advice(err *APIError) (fault.Code, string) {
	switch {
	case err.Status == http.StatusUnauthorized, err.Status == http.StatusForbidden && noToken(err.Detail):
		return fault.Credential, "authentik does not know the token, or it has expired; make one in " +
			"Directory > Tokens and App passwords with the intent API, and see authentik.token"
	case err.Status == http.StatusForbidden && !err.json:
		return fault.Credential, "this page does not come from authentik: something in front of it refuses the request"
	case err.Status == http.StatusForbidden:
		return fault.Credential, "the token's user lacks the permission " + p.need +
			"; give it to one of the user's roles (Directory > Roles), or use a superuser's token"
	case err.Status == http.StatusNotFound && p.method == http.MethodGet:
		return fault.Failed, "authentik also says so of what the token's user may not see (" + p.need + "); authentik.url is " + p.base
	case err.Status == http.StatusTooManyRequests:
		return fault.Failed, "the server asks for a longer pause than is worth waiting; run again later"
	case err.Status >= http.StatusInternalServerError:
		return fault.Failed, "the fault is the server's or its proxy's; a run that is repeated later finishes the job"
	}
	return fault.Failed, ""
}

// noToken knows the words of an authentication that failed, which authentik
// answers with 403 (authentik/api/authentication.py, Django REST framework).
func noToken(detail string) bool {
	for _, text := range []string{"Token invalid", "Authentication credentials", "Malformed header", "Unsupported authentication", "User inactive"} {
		if strings.HasPrefix(detail, text) {
			return true
		}
	}
	return false
}
