package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// bearer is the token of a request; false if it has none.
func bearer(r *http.Request) (string, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), found && strings.EqualFold(scheme, "bearer")
}

// authenticate refuses a request without the token, and one whose token lacks
// the scopes of the method. A method without scopes is refused always.
func (s *Sentry) authenticate(c *call) error {
	granted, known := s.access(c.r)
	if !known {
		detail := "Authentication credentials were not provided."
		if _, ok := bearer(c.r); ok {
			detail = "Invalid token"
		}
		return withHeader(plain(http.StatusUnauthorized, detail), "WWW-Authenticate", `xBasic realm="api"`)
	}
	wanted := c.endpoint.scopes(c.r.Method)
	if slices.ContainsFunc(granted.scopes, func(scope string) bool { return slices.Contains(wanted, scope) }) {
		return nil
	}
	err := plain(http.StatusForbidden, msgForbidden)
	if s.dialect.discovery && len(wanted) > 0 {
		return withHeader(err, "WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_scope", scope=%q`, strings.Join(wanted, " ")))
	}
	return err
}

// permit refuses another organization, and one without SCIM.
func (s *Sentry) permit(c *call) error {
	if c.org != s.slug() && c.org != s.org.OrgID {
		if c.endpoint.scimNotFound {
			return s.dialect.scim(http.StatusNotFound, msgNotFound)
		}
		return plain(http.StatusNotFound, msgNotFound)
	}
	if !c.endpoint.withoutSCIM && (s.provider() == "" || !s.org.SCIMEnabled || s.config.Faults.IsOn("scim-off")) {
		return plain(http.StatusForbidden, msgForbidden)
	}
	return nil
}

func withHeader(err error, name, value string) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		r.header = http.Header{}
		r.header.Set(name, value)
	}
	return err
}

// memberScopes and teamScopes are the scope maps of core/endpoints/scim/utils.py.
// HEAD is in neither, PUT not in that of teams, so they are always refused.
func memberScopes(method string) []string {
	switch method {
	case http.MethodGet:
		return []string{"member:read", "member:write", "member:admin"}
	case http.MethodPost, http.MethodPatch, http.MethodPut:
		return []string{"member:write", "member:admin"}
	case http.MethodDelete:
		return []string{"member:admin"}
	default:
		return nil
	}
}

func teamScopes(method string) []string {
	switch method {
	case http.MethodGet:
		return []string{"team:read", "team:write", "team:admin"}
	case http.MethodPost, http.MethodPatch:
		return []string{"team:write", "team:admin"}
	case http.MethodDelete:
		return []string{"team:admin"}
	default:
		return nil
	}
}

// discoveryScopes let every method through to the 405 that discovery answers.
func discoveryScopes(string) []string { return memberScopes(http.MethodGet) }
