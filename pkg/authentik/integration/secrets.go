package integration

import (
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Untold is a field whose value authentik does not tell, so that it is no
// difference: the value stays.
type Untold struct {
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

// Why a field is untold.
const (
	untoldAlways = "authentik does not reveal the stored token, so it is kept; --rotate-token sends the configured one"
	untoldRef    = "authentik keeps the token as a secret object (token_ref), so it is kept; change it in authentik"
)

// keeping is how tokens are given to SCIM providers that do not tell them.
type keeping struct {
	*Tokens

	rotate  bool  // send it, whatever is known
	problem error // why nothing is known
}

// tokenKey names a SCIM provider among those of all authentiks.
func (e *engine) tokenKey(found *actual) string {
	return fmt.Sprintf("%s providers/scim/%v", e.client.URL(), found.pk())
}

// lacks notes a secret that is needed and not set.
func (e *engine) lacks(step *Step, f Field, s Secret) {
	e.lacking = append(e.lacking, s)
	step.Changes = append(step.Changes, Change{Field: f.Name, To: "(secret, not set)"})
}

// hidden decides about a secret of an object that is there and does not tell it, and
// reports whether it stays. What is known to differ, or is to be rotated, does not.
func (e *engine) hidden(step *Step, f Field, s Secret, found *actual) (stays bool) {
	if found.ref {
		step.Untold = append(step.Untold, Untold{f.Name, untoldRef})
		return true
	}
	if e.keeping.rotate {
		return false
	}
	if !s.Value.IsZero() {
		known, err := e.keeping.standing(e.tokenKey(found), s.Value)
		if err != nil {
			e.keeping.problem = err
		}
		if known == other {
			return false
		}
	}
	step.Untold = append(step.Untold, Untold{f.Name, untoldAlways})
	return true
}

// given remembers the token of a SCIM provider that was sent, or that is taken for
// the one it has: the first that is set.
func (e *engine) given(o Object, found *actual, sent bool) error {
	f := o.field("token")
	if o.Kind != SCIMProvider || f == nil || found == nil || !found.untold || found.ref {
		return nil
	}
	token := f.Value.(Secret).Value //nolint:forcetypeassert // a token is one
	if token.IsZero() {
		return nil
	}
	if known, err := e.keeping.standing(e.tokenKey(found), token); err != nil || known != unknown && !sent {
		return err
	}
	return e.keeping.keep(e.tokenKey(found), token)
}

// tokenWarnings are about a SCIM provider that takes no token, but a reference to a
// secret object.
func (e *engine) tokenWarnings() []Warning {
	provider := e.actual[idSCIM]
	if provider == nil || !provider.ref {
		return nil
	}
	return []Warning{{
		"scim-token-ref", "authentik keeps the SCIM token as a secret object, which this command cannot set",
		"authentik ignores a token that is sent with the provider, without an error.",
		"Create the secret in authentik and select it in the SCIM provider, or use 'sentryidp scim push' without --with-scim.",
	}}
}

const codeForgotten = "token-not-remembered"

// forgotten is the warning for tokens that could not be remembered.
func forgotten(err error) Warning {
	return Warning{
		codeForgotten, "the fingerprint of the SCIM token cannot be kept: " + lines(fault.Text(err)),
		"authentik does not reveal the stored token, so a changed token is not noticed without the fingerprint.",
		"Repair the state directory or delete the file. Until then, use --rotate-token after each change of the token.",
	}
}
