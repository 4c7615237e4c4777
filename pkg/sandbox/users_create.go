package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// createUser is POST /Users: of the body only userName and sentryOrgRole count.
func (s *Sentry) createUser(c *call) (reply, error) {
	body, err := c.object()
	if err != nil {
		return reply{}, err
	}
	role, restricted := s.org.DefaultRole, false
	if asked := body["sentryOrgRole"]; pyTruthy(asked) {
		text, ok := asked.(string)
		if !ok {
			return reply{}, errInternal
		}
		role, restricted = strings.ToLower(text), true
	}
	if !slices.Contains(s.org.roles(), role) {
		return reply{}, s.dialect.scim(http.StatusBadRequest, msgInvalidRole)
	}
	email, problems := emailField(body["userName"])
	if len(problems) > 0 {
		return reply{}, s.dialect.invalid(fields{{"email", problems}})
	}
	if err := s.conflict(email); err != nil {
		return reply{}, err
	}
	m, err := s.inviteOnce(email, role, restricted)
	if err != nil {
		return reply{}, err
	}
	event, note := s.inviteEvent()
	s.recordMember(c, event, m, note+m.email)
	return created(s.user(m))
}

// inviteEvent depends on SENTRY_ENABLE_INVITES. A request that is there already is
// written down again.
func (s *Sentry) inviteEvent() (event, note string) {
	if s.config.Faults.IsOn("invites-off") {
		return eventMemberAdd, "add member "
	}
	return eventMemberInvite, "invited member "
}

// conflict refuses the address of an approved member. An invitation has to have
// the address as written, a linked user in any case, and an inactive one counts
// for nothing (core/endpoints/organization_member_index.py validate_email).
func (s *Sentry) conflict(email string) error {
	invited, linked := false, false
	for _, m := range s.store.byEmail[strings.ToLower(email)] {
		if m.listed() {
			invited = invited || (!m.linked && m.email == email)
			linked = linked || m.linked
		}
	}
	switch {
	case invited && !s.dialect.inviteConflict:
		return s.dialect.invalid(fields{{"email", []string{"The user " + email + " has already been invited"}}})
	case invited || linked:
		return s.dialect.userExists()
	default:
		return nil
	}
}

// inviteOnce adds an invitation, or returns the request for one with the same
// address and role that nobody has approved; that stays as it is. A request
// with another role breaks the database's constraint.
func (s *Sentry) inviteOnce(email, role string, restricted bool) (*member, error) {
	for _, m := range s.store.byEmail[strings.ToLower(email)] {
		if m.linked || m.email != email {
			continue
		}
		if m.role != role {
			return nil, errInternal
		}
		return m, nil
	}
	return s.store.invite(email, role, restricted), nil
}
