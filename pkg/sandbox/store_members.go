package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// index enters a member everywhere but does not keep the order of the lists.
func (st *store) index(m *member) {
	st.members[m.id] = m
	for _, key := range m.addresses() {
		st.byEmail[key] = append(st.byEmail[key], m)
	}
	st.nextMember = max(st.nextMember, m.id)
	if at, err := time.Parse(time.RFC3339, m.created); err == nil {
		m.since = at
	} else if m.since.IsZero() {
		m.since = st.now()
	}
	switch {
	case !m.listed():
	case m.nullEmail():
		st.linked = append(st.linked, m)
	default:
		st.pending = append(st.pending, m)
	}
}

// addresses are all addresses of a member in lower case.
func (m *member) addresses() []string {
	if m.placeholder {
		return nil
	}
	keys := []string{strings.ToLower(m.email)}
	for _, email := range m.secondary {
		keys = append(keys, strings.ToLower(email))
	}
	return keys
}

// nullEmail tells whether Sentry's row of the member has no address: that of
// somebody with an account is with the account.
func (m *member) nullEmail() bool { return m.linked || m.placeholder }

// listed tells whether GET /Users shows a member: approved, and either invited
// or with an active account.
func (m *member) listed() bool { return m.invite == inviteApproved && (!m.linked || !m.inactive) }

// invite adds an invitation.
func (st *store) invite(email, role string, restricted bool) *member {
	m := &member{id: st.nextMember + 1, email: email, role: role, invite: inviteApproved, flags: map[string]bool{flagProvisioned: true}}
	if restricted {
		m.flags[flagRoleRestricted] = true
	}
	st.put(m)
	return m
}

// put enters a member and keeps the order of the lists.
func (st *store) put(m *member) {
	st.index(m)
	rows, order := &st.pending, byEmail
	if m.nullEmail() {
		rows, order = &st.linked, byID
	}
	if !m.listed() {
		return
	}
	before := len(*rows) - 1
	at, _ := slices.BinarySearchFunc((*rows)[:before], m, order)
	copy((*rows)[at+1:], (*rows)[at:before])
	(*rows)[at] = m
}

// remove deletes a member. Teams need no change; see team.
func (st *store) remove(m *member) {
	delete(st.members, m.id)
	for _, key := range m.addresses() {
		st.byEmail[key] = slices.DeleteFunc(st.byEmail[key], func(other *member) bool { return other == m })
		if len(st.byEmail[key]) == 0 {
			delete(st.byEmail, key)
		}
	}
	rows, order := &st.pending, byEmail
	if m.nullEmail() {
		rows, order = &st.linked, byID
	}
	if at, ok := slices.BinarySearchFunc(*rows, m, order); ok {
		*rows = slices.Delete(*rows, at, at+1)
	}
}

// memberPage is a part of the listed members, and how many there are in all.
func (st *store) memberPage(filter string, offset, limit int64) ([]*member, int) {
	if filter != "" {
		found := slices.DeleteFunc(slices.Clone(st.byEmail[strings.ToLower(filter)]), func(m *member) bool { return !m.listed() })
		slices.SortFunc(found, func(a, b *member) int {
			return cmp.Or(strings.Compare(orderKey(a), orderKey(b)), byID(a, b))
		})
		return window(found, offset, limit), len(found)
	}
	pending := int64(len(st.pending))
	page := slices.Clone(window(st.pending, offset, limit))
	page = append(page, window(st.linked, max(0, offset-pending), limit-int64(len(page)))...)
	return page, len(st.pending) + len(st.linked)
}

// orderKey sorts rows without an address behind every address.
func orderKey(m *member) string {
	if m.nullEmail() {
		return "\xff"
	}
	return m.email
}

// onlyOwner tells whether no other owner with an active user would be left.
func (st *store) onlyOwner(m *member) bool {
	return m.role == roleOwner && !slices.ContainsFunc(st.linked, func(other *member) bool { return other != m && other.linked && other.role == roleOwner })
}

// memberStates are the rows as a State shows them, by id.
func (st *store) memberStates() []Member {
	states := make([]Member, 0, len(st.members))
	for _, m := range sortedRows(st.members) {
		states = append(states, m.state())
	}
	return states
}

func (m *member) state() Member {
	state := Member{ID: strconv.FormatInt(m.id, 10), Email: m.email, Linked: m.linked, Role: m.role}
	if !m.linked || m.invite != inviteApproved {
		state.InviteStatus = m.invite
	}
	state.SecondaryEmails, state.Placeholder = slices.Clone(m.secondary), m.placeholder
	state.Name, state.DateCreated, state.LastActive, state.Expired = m.name, m.created, m.lastActive, m.expired
	if m.inactive {
		state.UserActive = new(bool)
	}
	for flag, set := range m.flags {
		if set {
			state.Flags = append(state.Flags, flag)
		}
	}
	slices.Sort(state.Flags)
	return state
}

func sortedRows[T any](rows map[int64]T) []T {
	ids := make([]int64, 0, len(rows))
	for n := range rows {
		ids = append(ids, n)
	}
	slices.Sort(ids)
	sorted := make([]T, len(ids))
	for i, n := range ids {
		sorted[i] = rows[n]
	}
	return sorted
}
