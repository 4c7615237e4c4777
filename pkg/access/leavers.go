package access

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// noDate is what is said of an end that the directory has nothing about.
const noDate = "the directory has no date for it"

// leavers are the people who were removed in the period, by the audit log, the latest
// first, and then the members who are inactive in the directory.
func (b *builder) leavers(members []Member) []Leaver {
	present := make(map[string]bool, len(members))
	for _, m := range members {
		present[mapping.Key(m.Email)] = true
	}
	list := []Leaver{}
	gone := map[string]bool{}
	for _, e := range b.Sentry.Removed {
		email := removedAddress(e)
		key := mapping.Key(email)
		state, ended := b.ended(key)
		gone[key] = true
		list = append(list, Leaver{
			Email: email, Directory: state, Ended: ended, RemovedAt: told(e.Created), RemovedBy: actor(e), Member: present[key],
			Source: fromAPI + " (audit log, entry " + e.ID + "), directory",
		})
	}
	slices.SortStableFunc(list, func(a, b Leaver) int { return timeOf(b.RemovedAt).Compare(timeOf(a.RemovedAt)) })
	for _, m := range members {
		if m.Directory.State == Inactive && !gone[mapping.Key(m.Email)] {
			list = append(list, Leaver{Email: m.Email, Directory: Inactive, Ended: inactiveWords, Member: true, Source: m.Source})
		}
	}
	return list
}

// timeOf is a time, zero where it is not told.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// inactiveWords are for a person who is inactive: neither authentik nor a file says
// since when.
const inactiveWords = "inactive; " + noDate

// ended is what the directory says of a person who was removed.
func (b *builder) ended(key string) (State, string) {
	provisioned := slices.DeleteFunc(slices.Clone(b.entries[key]), func(e entry) bool { return e.mapped.Skipped != "" })
	switch {
	case len(b.entries[key]) == 0:
		return Absent, noDate + ": it does not have the address"
	case len(provisioned) == 0:
		return LeftOut, "not ended: in the directory, and not provisioned"
	case slices.ContainsFunc(provisioned, func(e entry) bool { return e.mapped.Active }):
		return Active, "not ended: active in the directory"
	}
	return Inactive, inactiveWords
}

// removedAddress is the member that an entry of the audit log is about. Sentry keeps the address
// with it (models/organizationmember.py get_audit_log_data).
func removedAddress(e sentryapi.AuditEntry) string {
	note := strings.TrimPrefix(e.Note, "removed member ")
	return cmp.Or(e.Text("email"), e.Target.Email, e.Target.Name, note, "(unknown)")
}

// actor is who did what an entry of the audit log is about.
func actor(e sentryapi.AuditEntry) string {
	who := cmp.Or(e.Actor.Name, e.Actor.Email, "(unknown)")
	if e.Actor.Email != "" && e.Actor.Email != who {
		who += " <" + e.Actor.Email + ">"
	}
	if e.Actor.ID != "" && e.Actor.ID == e.Target.ID {
		who += " (left by themselves)"
	}
	return who
}
