package sandbox

import (
	"slices"
	"strconv"
	"time"
)

// AuditEntry is a line of the audit log.
type AuditEntry struct {
	// ID is its number, in decimal; later entries have greater ones.
	ID string `json:"id"`
	// Event is the name of what was done, such as "member.invite".
	Event string `json:"event"`
	// Actor names who did it.
	Actor string `json:"actor"`
	// DateCreated is when (RFC 3339).
	DateCreated string `json:"date_created"`
	// Target is the number of what it was done to; 0 where there is none.
	Target int64 `json:"target,omitempty"`
	// Note is the line that Sentry shows.
	Note string `json:"note"`
	// Email is the address of the member that the entry is about; empty where it is
	// about none.
	Email string `json:"email,omitempty"`
}

// The events that are written here, of those that Sentry knows
// (audit_log/register.py).
const (
	eventMemberInvite = "member.invite"
	eventMemberAccept = "member.accept-invite"
	eventMemberAdd    = "member.add"
	eventMemberRemove = "member.remove"
	eventJoinTeam     = "member.join-team"
	eventLeaveTeam    = "member.leave-team"
	eventTeamCreate   = "team.create"
	eventTeamEdit     = "team.edit"
	eventTeamRemove   = "team.remove"
	eventSSOEdit      = "sso.edit"
	eventSSODisable   = "sso.disable"
	eventSSOLink      = "sso-identity.link"
)

// auditEvents are the names of the events, in Sentry's part that tells of
// members, teams, single sign-on and integrations.
func auditEvents() []string {
	return []string{
		eventMemberInvite, eventMemberAdd, eventMemberAccept, "member.edit", eventMemberRemove, eventJoinTeam, eventLeaveTeam, "member.pending",
		"invite-request.create", "invite-request.remove", "invite.remove",
		eventTeamCreate, eventTeamEdit, eventTeamRemove,
		"sso.enable", eventSSODisable, eventSSOEdit, eventSSOLink,
		"internal-integration.create", "internal-integration.add-token", "internal-integration.remove-token", "sentry-app.remove",
		"project-team.add", "project-team.remove",
	}
}

// The actors. Requests of an integration are its own user's.
const (
	actorSCIM  = "SCIM Internal Integration"
	actorAPI   = "Internal Integration"
	actorOwner = "owner@acme.test"
)

// maxAudit is how many entries are kept.
const maxAudit = 10_000

// auditLog is the log, oldest first. Its owner does the locking.
type auditLog struct{ entries []AuditEntry }

func (l *auditLog) add(at time.Time, event, actor string, target int64, note string) {
	next := int64(1)
	if n := len(l.entries); n > 0 {
		next = id(l.entries[n-1].ID) + 1
	}
	l.entries = append(l.entries, AuditEntry{
		ID: strconv.FormatInt(next, 10), Event: event, Actor: actor, DateCreated: at.UTC().Format(time.RFC3339), Target: target, Note: note,
	})
	if len(l.entries) > maxAudit {
		l.entries = slices.Delete(l.entries, 0, len(l.entries)-maxAudit)
	}
}

// states are the entries as a State shows them.
func (l *auditLog) states() []AuditEntry {
	if len(l.entries) == 0 {
		return nil
	}
	return slices.Clone(l.entries)
}

// record writes an entry of a request.
func (s *Sentry) record(c *call, event string, target int64, note string) {
	actor := actorSCIM
	if token, _ := bearer(c.r); token == s.config.APIToken {
		actor = actorAPI
	}
	s.log.add(s.now(), event, actor, target, note)
}

// recordMember writes an entry of a request about a member, whose address Sentry
// keeps with it (models/organizationmember.py get_audit_log_data).
func (s *Sentry) recordMember(c *call, event string, m *member, note string) {
	s.record(c, event, m.id, note)
	s.log.entries[len(s.log.entries)-1].Email = m.email
}

// recordTeam writes what a PATCH has changed: an entry for each member, and one
// for a new name.
func (s *Sentry) recordTeam(c *call, d *draft) {
	for _, change := range d.journal {
		m, ok := s.store.members[change.member]
		if !ok {
			continue
		}
		if change.joined {
			s.recordMember(c, eventJoinTeam, m, "added "+m.email+" to team "+d.team.slug)
		} else {
			s.recordMember(c, eventLeaveTeam, m, "removed "+m.email+" from team "+d.team.slug)
		}
	}
	if d.renamed {
		s.record(c, eventTeamEdit, d.team.id, "edited team "+d.team.slug)
	}
}
