package sso

// verdict is what Sentry makes of a response.
type verdict struct {
	// Reason is the error in Sentry's words; empty where it took the response.
	Reason string
	// ServerError is true where Sentry answers HTTP 500 instead of a message,
	// and Reason stands in its log.
	ServerError bool
	// Cause and Fix explain Reason.
	Cause, Fix string
	// Attributes are those that arrived, by name.
	Attributes []attribute
	// Identity is what Sentry makes of them.
	Identity identity
}

// identity is a person as Sentry knows them (auth/providers/saml2/provider.py).
type identity struct {
	ID, Email, Name string
}

// refusal is a check that failed.
type refusal struct {
	text, cause, fix string
	serverError      bool
	checked          bool // by python3-saml, so that Sentry puts words of its own before
}

func (r *refusal) Error() string { return r.text }

func refused(text, cause, fix string) error {
	return &refusal{text: text, cause: cause, fix: fix, checked: true}
}

func broken(text, cause, fix string) error {
	return &refusal{text: text, cause: cause, fix: fix, serverError: true}
}
