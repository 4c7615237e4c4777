package scim

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
	base         string // the SCIM base URL, for hints
}

// unreachable makes an error of err, which http.Client.Do gave.
func (p place) unreachable(err error) error {
	words, advice := transport.Explain(err)
	bare := &answer.UnreachableError{Method: p.method, Path: p.path, Words: answer.Printable(words), Err: err}
	if errors.Is(err, context.Canceled) {
		return bare // whoever stopped the run knows why
	}
	wrapped := fault.Hint(bare, "the SCIM base URL is %s (sentry.scim.url, or sentry.url with sentry.org)", p.base)
	if _, private := errors.AsType[x509.UnknownAuthorityError](err); private {
		return fault.Hint(wrapped, "if its authority is your own, name the authority's certificate with sentry.ca_file")
	}
	if advice == "" {
		return wrapped
	}
	return fault.Hint(wrapped, "%s", advice)
}

// unreadable makes an error of a success that cannot be read.
func (p place) unreadable(status int, problem string) error {
	err := &answer.UnreadableError{Method: p.method, Path: p.path, Status: status, Problem: problem}
	return fault.Hint(err, "is %s the SCIM base URL that Sentry shows in Settings > Auth, with no login page in front of it?", p.base)
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
	err := &APIError{Method: p.method, Path: p.path, Status: resp.StatusCode, Body: answer.Printable(string(body))}
	err.Detail, err.SCIMType, err.json = reason(body)
	if resp.StatusCode < 400 {
		target := answer.RedirectTarget(resp)
		err.Detail = "it redirects to " + target
		return fault.Hint(err, "redirects are not followed; if %s is right, put it into sentry.url", target)
	}
	code, hint := p.advice(err, resp.Header)
	return fault.WithCode(fault.Hint(err, "%s", hint), code)
}

// advice returns the exit code and hint for a refusal.
func (p place) advice(err *APIError, header http.Header) (fault.Code, string) {
	switch {
	case err.Status == http.StatusUnauthorized:
		return fault.Credential, "the token is unknown to Sentry; copy it again from Settings > Auth, SCIM Information " +
			"(switching SCIM off and on makes a new one)"
	case err.Status == http.StatusForbidden && strings.Contains(header.Get("WWW-Authenticate"), "insufficient_scope"):
		return fault.Credential, "the token lacks a scope; it needs member:admin and team:admin"
	case err.Status == http.StatusForbidden && strings.HasPrefix(err.Detail, "You do not have permission"):
		return fault.Credential, "either SCIM is not enabled (Settings > Auth, Enable SCIM), " +
			"or the token is another organization's or lacks a scope (member:admin, team:admin)"
	case err.Status == http.StatusForbidden && !err.json:
		return fault.Credential, "this page does not come from Sentry: something in front of it refuses the request"
	case err.Status == http.StatusNotFound && p.method == http.MethodGet:
		return fault.Failed, "check sentry.org and sentry.url; the SCIM base URL is " + p.base
	case err.Status == http.StatusTooManyRequests:
		return fault.Failed, "the server asks for a longer pause than is worth waiting; run again later"
	case err.Status >= http.StatusInternalServerError:
		return fault.Failed, "the fault is the server's or its proxy's; a run that is repeated later finishes the job"
	}
	return fault.Failed, ""
}
