package sandbox

import (
	"errors"
	"slices"
	"time"
)

var (
	errNobody = errors.New("expected a linked member beside the owners but found none")
	errOwners = errors.New("expected two linked owners but found fewer")
)

// switchFault makes the changes of a fault to what is held, and takes back those
// that are still as the fault made them. Faults of answers need none.
func (s *Sentry) switchFault(id string, on bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !on {
		if undo := s.undo[id]; undo != nil {
			undo()
		}
		delete(s.undo, id)
		return nil
	}
	begin, known := s.spoilers()[id]
	if !known {
		return nil
	}
	undo, err := begin()
	if err != nil {
		return err
	}
	s.undo[id] = undo
	return nil
}

// spoilers are the faults that change members or the audit log, by name.
func (s *Sentry) spoilers() map[string]func() (undo func(), err error) {
	flag := func(name string) func() (func(), error) {
		return func() (func(), error) {
			m := s.somebody()
			if m == nil {
				return nil, errNobody
			}
			was := m.flags[name]
			m.flags[name] = true
			return func() { m.flags[name] = was }, nil
		}
	}
	invited := func(expired bool) func() (func(), error) {
		return func() (func(), error) {
			m := s.store.invite("late@acme.test", s.org.DefaultRole, false)
			if m.expired = expired; expired {
				m.since = s.now().Add(-40 * 24 * time.Hour)
			}
			return func() { s.dropIf(m, !m.linked) }, nil
		}
	}
	logged := func(event, note string) func() (func(), error) {
		return func() (func(), error) {
			s.log.add(s.now().Add(-time.Hour), event, actorOwner, 1, note)
			return func() {
				s.log.entries = slices.DeleteFunc(s.log.entries, func(e AuditEntry) bool { return e.Event == event && e.Note == note })
			}, nil
		}
	}
	return map[string]func() (func(), error){
		"members-unlinked": s.unlinkAll, "members-limited": flag(flagLimited), "members-invalid": flag(flagSSOInvalid),
		"members-pending": invited(false), "members-expired": invited(true),
		"one-owner": s.demote, "owner-pending": s.expelOwners, "placeholder-members": s.placehold,
		"sso-edited":   logged(eventSSOEdit, "edited sso settings: x509cert to a new certificate"),
		"sso-disabled": logged(eventSSODisable, "disabled sso (saml2)"),
	}
}

// somebody is the first linked member who is no owner.
func (s *Sentry) somebody() *member {
	for _, m := range sortedRows(s.store.members) {
		if m.linked && m.role != roleOwner {
			return m
		}
	}
	return nil
}

// dropIf removes a member who is still there.
func (s *Sentry) dropIf(m *member, wanted bool) {
	if wanted && s.store.members[m.id] == m {
		s.store.remove(m)
	}
}

func (s *Sentry) unlinkAll() (func(), error) {
	var changed []*member
	for _, m := range s.store.members {
		if m.flags[flagSSOLinked] {
			m.flags[flagSSOLinked] = false
			changed = append(changed, m)
		}
	}
	return func() {
		for _, m := range changed {
			m.flags[flagSSOLinked] = true
		}
	}, nil
}

// owners are the linked owners, by id.
func (s *Sentry) owners() []*member {
	return slices.DeleteFunc(sortedRows(s.store.members), func(m *member) bool { return !m.linked || m.role != roleOwner })
}

// demote leaves the first owner alone.
func (s *Sentry) demote() (func(), error) {
	owners := s.owners()
	if len(owners) < 2 {
		return nil, errOwners
	}
	for _, m := range owners[1:] {
		m.role = "manager"
	}
	return func() {
		for _, m := range owners[1:] {
			m.role = roleOwner
		}
	}, nil
}

// expelOwners makes invitations of all owners but the first.
func (s *Sentry) expelOwners() (func(), error) {
	owners := s.owners()
	if len(owners) < 2 {
		return nil, errOwners
	}
	for _, m := range owners[1:] {
		s.store.remove(m)
		m.linked = false
		s.store.put(m)
	}
	return func() {
		for _, m := range owners[1:] {
			if s.store.members[m.id] == m && !m.linked {
				s.store.accept(m)
			}
		}
	}, nil
}

func (s *Sentry) placehold() (func(), error) {
	m := &member{id: s.store.nextMember + 1, placeholder: true, role: s.org.DefaultRole, invite: inviteApproved, flags: map[string]bool{}}
	s.store.put(m)
	return func() { s.dropIf(m, true) }, nil
}
