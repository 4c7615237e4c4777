package sandbox

import (
	"slices"
	"strconv"
	"strings"
)

// Join adds the person with this address, who came by single sign-on, and
// returns the id of the member (auth/helper.py). A member by a primary or a
// second address stays as it is. An approved invitation for the address, in any
// case, is accepted: it keeps its id, role and teams. For anybody else there is
// a new member with the default role, and a request that nobody has approved is
// deleted.
func (s *Sentry) Join(email string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.store.joining(email)
	switch {
	case m == nil:
		s.store.forget(email)
		m = s.store.join(email, s.org.DefaultRole)
		s.log.add(s.now(), eventMemberAdd, email, m.id, "joined the organization")
	case !m.linked:
		s.store.accept(m)
		s.log.add(s.now(), eventMemberAccept, email, m.id, "accepted the membership invite")
	}
	if !m.flags[flagSSOLinked] {
		m.flags[flagSSOLinked] = true
		s.log.add(s.now(), eventSSOLink, email, m.id, "linked their account to a new identity")
	}
	return strconv.FormatInt(m.id, 10)
}

// joining is the member, by the primary address first, or else the approved
// invitation of an address.
func (st *store) joining(email string) *member {
	rows := st.byEmail[strings.ToLower(email)]
	for _, fits := range []func(*member) bool{
		func(m *member) bool { return m.linked && strings.EqualFold(m.email, email) },
		func(m *member) bool { return m.linked },
		func(m *member) bool { return m.invite == inviteApproved },
	} {
		if at := slices.IndexFunc(rows, fits); at >= 0 {
			return rows[at]
		}
	}
	return nil
}

// forget deletes what is left of an address that nobody joins by: requests.
func (st *store) forget(email string) {
	for _, m := range slices.Clone(st.byEmail[strings.ToLower(email)]) {
		st.remove(m)
	}
}

// join adds a member with a user.
func (st *store) join(email, role string) *member {
	m := &member{id: st.nextMember + 1, email: email, role: role, linked: true, invite: inviteApproved, flags: map[string]bool{}}
	st.index(m) // at the end of those linked, where the greatest id belongs
	return m
}

// accept gives an invitation a user.
func (st *store) accept(m *member) {
	if at, ok := slices.BinarySearchFunc(st.pending, m, byEmail); ok {
		st.pending = slices.Delete(st.pending, at, at+1)
	}
	m.linked, m.expired = true, false
	at, _ := slices.BinarySearchFunc(st.linked, m, byID)
	st.linked = slices.Insert(st.linked, at, m)
}
