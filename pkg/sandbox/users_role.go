package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// setRole is PUT /Users/{id}, which sets sentryOrgRole and nothing else.
func (s *Sentry) setRole(c *call) (reply, error) {
	m := c.member
	if m.role == roleOwner {
		m.flags[flagRoleRestricted], m.flags[flagProvisioned] = false, true
		return ok(s.user(m))
	}
	if m.flags[flagPartnership] {
		return reply{}, plain(http.StatusForbidden, msgPartnership)
	}
	body, err := c.object()
	if err != nil {
		return reply{}, err
	}
	role, restricted := s.org.DefaultRole, false
	if asked := body["sentryOrgRole"]; pyTruthy(asked) {
		text, isText := asked.(string)
		if !isText {
			return reply{}, errInternal
		}
		role, restricted = strings.ToLower(text), true
		if m.flags[flagRoleRestricted] && m.role == role {
			return ok(s.user(m))
		}
	} else if m.role != s.org.DefaultRole && !m.flags[flagRoleRestricted] {
		return ok(s.user(m))
	}
	if !slices.Contains(s.org.roles(), role) {
		return reply{}, s.dialect.scim(http.StatusBadRequest, msgInvalidRole)
	}
	m.role = role
	m.flags[flagRoleRestricted], m.flags[flagProvisioned] = restricted, true
	return ok(s.user(m))
}
