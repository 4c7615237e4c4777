// Package samlresponse reads what an identity provider posts to Sentry, a
// SAML 2.0 Response, from the forms in which people get hold of it, and judges
// it as Sentry's library python3-saml does in the release that Sentry pins (sentry.PythonSAML): the same checks, in the same
// order, with the same words. Nothing that the library refuses is accepted. It
// reads no files and asks no server.
package samlresponse

import (
	"errors"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The limits of what is read. A response of authentik has about 8 KiB.
const (
	// MaxInput is the greatest number of bytes that Decode takes: a HAR file
	// holds a whole visit.
	MaxInput = 32 << 20
	// MaxXML is the greatest number of bytes of a response, inflated.
	MaxXML = 1 << 20

	maxAttributes = 64 // XML attributes of one element; SAML's largest has six
	maxNamespaces = 64 // declarations that are in force at one place
)

// ErrUnreadable marks a SAMLResponse that Sentry cannot read either: it
// answers HTTP 500. Found with errors.Is.
var ErrUnreadable = errors.New("Sentry cannot read this SAMLResponse") //nolint:staticcheck // Sentry is a name

// unreadable is an error that is ErrUnreadable, in words of its own.
type unreadable struct{ err error }

func (u *unreadable) Error() string        { return u.err.Error() }
func (u *unreadable) Unwrap() error        { return u.err }
func (u *unreadable) Is(target error) bool { return target == ErrUnreadable }

func notReadable(format string, args ...any) error {
	return fault.Hint(&unreadable{fault.New(fault.Failed, format, args...)},
		"Sentry answers HTTP 500 to it: look whether it was copied whole")
}

func tooMuch(format string, args ...any) error {
	return fault.Hint(fault.New(fault.Failed, format, args...), "this is no response that an identity provider sends to Sentry")
}

// Response is a SAML response that was read, and how it had been sent.
type Response struct {
	XML []byte // as the identity provider wrote it

	// Form says what it was found in: xml, base64, form, html, har or request.
	Form string
	// Deflated is set when it was compressed, as HTTP-Redirect does and
	// HTTP-POST, the only binding of Sentry's ACS, does not.
	Deflated bool
	// Found counts the responses in the input, of which this is the last.
	Found int

	root *node
}

// The values of Response.Form.
const (
	formXML     = "xml"
	formBase64  = "base64"
	formBody    = "form"
	formHTML    = "html"
	formHAR     = "har"
	formRequest = "request"
)
