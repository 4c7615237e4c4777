package sso

import (
	"strings"
	"time"
)

// Login is a response that came to Sentry's ACS.
type Login struct {
	// SAMLResponse is the field of the form as it was posted.
	SAMLResponse string
	// Metadata is what Sentry was given of the identity provider.
	Metadata []byte
	// At is Sentry's clock.
	At time.Time
}

// Verdict is what Sentry makes of a response.
type Verdict struct {
	// Message is what Sentry shows, and Reason what Sentry or its SAML library
	// says in it; both are empty where Sentry lets the response in.
	Message, Reason string
	// ServerError is true where Sentry answers HTTP 500 instead of a message,
	// and Reason stands in its log.
	ServerError bool
	// Checks are all that Sentry makes, in its order.
	Checks []Check
	// Attributes are those that arrived, by name.
	Attributes []Attribute
	// Identity is what Sentry makes of them.
	Identity Identity
}

// Check is one check: what was found, what passes, and what to do where it
// failed.
type Check struct {
	Code, Result, Found, Expected, Fix string
}

// Attribute is a SAML attribute.
type Attribute struct {
	Name   string
	Values []string
}

// Identity is a user as Sentry knows them (auth/providers/saml2/provider.py).
type Identity struct {
	ID, Email, Name string
}

// attempt is a login.
type attempt struct {
	At  time.Time
	XML string
	// Shown is the message, or the log where Sentry answers HTTP 500; empty for
	// a login that was let in.
	Shown string
	// Cause and Fix explain it.
	Cause, Fix string

	Verdict
}

// attemptOf explains a verdict by the check that has a fix.
func attemptOf(at time.Time, xml string, v Verdict) attempt {
	a := attempt{At: at, XML: xml, Shown: v.Message, Verdict: v}
	if v.ServerError {
		a.Shown = v.Reason
	}
	for _, c := range v.Checks {
		if c.Fix != "" {
			found := strings.TrimSpace(c.Found)
			if found == "" {
				found = "nothing"
			}
			a.Cause, a.Fix = "Check "+c.Code+": found "+found+", expected "+c.Expected+".", c.Fix
		}
	}
	return a
}

// refusedFor is a login that no check refuses.
func refusedFor(at time.Time, shown, cause, fix string) attempt {
	return attempt{At: at, Shown: shown, Cause: cause, Fix: fix}
}
