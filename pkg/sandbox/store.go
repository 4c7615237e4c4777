package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// store holds members and teams in the orders they are listed in, so that no
// request sorts. Its owner does the locking.
type store struct {
	members map[int64]*member
	byEmail map[string][]*member // by address in lower case
	pending []*member            // listed invitations, by address
	linked  []*member            // listed members with an active user, by id

	teams  map[int64]*team
	bySlug map[string]*team // of every status: a slug is taken until the row is gone
	active []*team          // by slug

	nextMember, nextTeam int64
}

type member struct {
	id       int64
	email    string
	linked   bool
	role     string
	invite   string
	inactive bool
	flags    map[string]bool
}

// team names its members by id. Ids are never used again, so one whose member
// is gone is skipped when the team is read, and dropped when it is changed.
type team struct {
	id             int64
	name, slug     string
	members        []int64
	deleted        bool
	idpProvisioned bool
}

// newStore fills a store from a checked state.
func newStore(state State) *store {
	st := &store{members: map[int64]*member{}, byEmail: map[string][]*member{}, teams: map[int64]*team{}, bySlug: map[string]*team{}}
	for _, m := range state.Members {
		st.index(memberOf(m))
	}
	for _, m := range state.OtherOrgMembers {
		st.nextMember = max(st.nextMember, id(m.ID))
	}
	for _, t := range state.Teams {
		row := teamOf(t)
		st.teams[row.id], st.bySlug[row.slug] = row, row
		st.nextTeam = max(st.nextTeam, row.id)
		if !row.deleted {
			st.active = append(st.active, row)
		}
	}
	slices.SortFunc(st.pending, byEmail)
	slices.SortFunc(st.linked, byID)
	slices.SortFunc(st.active, bySlug)
	return st
}

func memberOf(m Member) *member {
	row := &member{id: id(m.ID), email: m.Email, linked: m.Linked, role: m.Role, invite: cmp.Or(m.InviteStatus, inviteApproved), flags: map[string]bool{}}
	row.inactive = m.UserActive != nil && !*m.UserActive
	for _, flag := range m.Flags {
		row.flags[flag] = true
	}
	return row
}

func teamOf(t Team) *team {
	row := &team{id: id(t.ID), name: t.Name, slug: t.Slug, deleted: t.Status == statusPendingDeletion, idpProvisioned: t.IDPProvisioned}
	for _, m := range t.Members {
		row.members = append(row.members, id(m))
	}
	return row
}

// id reads an id that the state's check has read before.
func id(text string) int64 {
	n, _ := pyInt(text)
	return n
}

// The orders of core/endpoints/scim: ORDER BY email, id, where the address of a
// linked member is NULL and so comes last, and ORDER BY slug. Addresses and
// slugs are compared by bytes; a database may have another collation.
func byEmail(a, b *member) int { return cmp.Or(strings.Compare(a.email, b.email), byID(a, b)) }

func byID(a, b *member) int { return cmp.Compare(a.id, b.id) }

func bySlug(a, b *team) int { return strings.Compare(a.slug, b.slug) }

// index enters a member everywhere but does not keep the order of the lists.
func (st *store) index(m *member) {
	st.members[m.id] = m
	key := strings.ToLower(m.email)
	st.byEmail[key] = append(st.byEmail[key], m)
	st.nextMember = max(st.nextMember, m.id)
	switch {
	case !m.listed():
	case m.linked:
		st.linked = append(st.linked, m)
	default:
		st.pending = append(st.pending, m)
	}
}

// listed tells whether GET /Users shows a member: approved, and either invited
// or with an active account.
func (m *member) listed() bool { return m.invite == inviteApproved && (!m.linked || !m.inactive) }

// invite adds an invitation.
func (st *store) invite(email, role string, restricted bool) *member {
	m := &member{id: st.nextMember + 1, email: email, role: role, invite: inviteApproved, flags: map[string]bool{flagProvisioned: true}}
	if restricted {
		m.flags[flagRoleRestricted] = true
	}
	before := len(st.pending)
	st.index(m)
	at, _ := slices.BinarySearchFunc(st.pending[:before], m, byEmail)
	copy(st.pending[at+1:], st.pending[at:before])
	st.pending[at] = m
	return m
}

// remove deletes a member. Teams need no change; see team.
func (st *store) remove(m *member) {
	delete(st.members, m.id)
	key := strings.ToLower(m.email)
	same := func(other *member) bool { return other == m }
	st.byEmail[key] = slices.DeleteFunc(st.byEmail[key], same)
	if len(st.byEmail[key]) == 0 {
		delete(st.byEmail, key)
	}
	rows, order := &st.pending, byEmail
	if m.linked {
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

// orderKey sorts linked members behind every address.
func orderKey(m *member) string {
	if m.linked {
		return "\xff"
	}
	return m.email
}

// onlyOwner tells whether no other owner with an active user would be left.
func (st *store) onlyOwner(m *member) bool {
	return m.role == roleOwner && !slices.ContainsFunc(st.linked, func(other *member) bool { return other != m && other.role == roleOwner })
}

// memberStates and teamStates are the rows as a State shows them, by id.
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
