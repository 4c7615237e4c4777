package sandbox

import (
	"crypto/subtle"
	"net/http"
)

// access is what a token opens.
type access struct{ scopes []string }

// scimScopes are those of the integration that switching SCIM on creates
// (models/authprovider.py enable_scim).
func scimScopes() []string {
	return []string{"member:read", "member:write", "member:admin", "team:write", "team:admin"}
}

// apiScopes are those that a second token needs for all that is served here.
func apiScopes() []string {
	return []string{"org:read", "org:write", "member:read", "team:read", "team:write", "project:read", "project:write"}
}

// access is that of the request's token; false for a token that opens nothing.
// The scopes of a token count to the letter: none implies another
// (auth/access.py _from_sentry_app).
func (s *Sentry) access(r *http.Request) (access, bool) {
	token, given := bearer(r)
	is := func(known string) bool {
		return given && subtle.ConstantTimeCompare([]byte(token), []byte(known)) == 1
	}
	faults := s.config.Faults
	switch {
	case is(s.config.APIToken):
		scopes := s.org.apiScopes()
		switch {
		case faults.IsOn("api-token-scope"):
			scopes = []string{"member:read"}
		case faults.IsOn("api-token-audit"):
			scopes = []string{"org:read", "member:read", "team:read", "project:read"}
		case faults.IsOn("api-token-projects"):
			scopes = []string{"org:read", "org:write", "member:read", "team:read", "team:write", "project:read"}
		}
		return access{scopes}, !faults.IsOn("api-token-refused")
	case s.org.Token != nil && is(s.config.Token):
		scopes := s.org.scopes()
		if faults.IsOn("scim-token-scope") {
			scopes = []string{"project:read"}
		}
		return access{scopes}, !faults.IsOn("scim-token-refused")
	}
	return access{}, false
}
