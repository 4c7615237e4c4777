package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// store holds members and teams in the orders they are listed in, so that no
// request sorts. Its owner does the locking.
type store struct {
	members map[int64]*member
	byEmail map[string][]*member // by each address in lower case
	pending []*member            // listed invitations, by address
	linked  []*member            // listed members with an active user, and placeholders, by id

	teams  map[int64]*team
	bySlug map[string]*team // of every status: a slug is taken until the row is gone
	active []*team          // by slug

	projects []*project // by slug

	nextMember, nextTeam int64
	now                  func() time.Time
}

type member struct {
	id          int64
	email       string
	name        string
	created     string // as the state has it
	since       time.Time
	lastActive  string
	expired     bool
	secondary   []string
	linked      bool
	placeholder bool
	role        string
	invite      string
	inactive    bool
	flags       map[string]bool
}

// team names its members by id. Ids are never used again, so one whose member
// is gone is skipped when the team is read, and dropped when it is changed.
type team struct {
	id             int64
	name, slug     string
	members        []int64
	projects       []string
	roles          map[int64]string // roles in the team
	deleted        bool
	idpProvisioned bool
	claimed        bool // by a transaction that is under way
}

// newStore fills a store from a checked state.
func newStore(state State, now func() time.Time) *store {
	st := &store{now: now, members: map[int64]*member{}, byEmail: map[string][]*member{}, teams: map[int64]*team{}, bySlug: map[string]*team{}}
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
	for _, p := range state.Projects {
		st.projects = append(st.projects, &project{id: id(p.ID), slug: p.Slug, name: cmp.Or(p.Name, p.Slug)})
	}
	slices.SortFunc(st.projects, byProjectSlug)
	slices.SortFunc(st.pending, byEmail)
	slices.SortFunc(st.linked, byID)
	slices.SortFunc(st.active, bySlug)
	return st
}

func memberOf(m Member) *member {
	row := &member{id: id(m.ID), email: m.Email, linked: m.Linked, role: m.Role, invite: cmp.Or(m.InviteStatus, inviteApproved), flags: map[string]bool{}}
	row.name, row.created, row.lastActive, row.expired = m.Name, m.DateCreated, m.LastActive, m.Expired
	row.secondary, row.placeholder = slices.Clone(m.SecondaryEmails), m.Placeholder
	row.inactive = m.UserActive != nil && !*m.UserActive
	for _, flag := range m.Flags {
		row.flags[flag] = true
	}
	return row
}

func teamOf(t Team) *team {
	row := &team{id: id(t.ID), name: t.Name, slug: t.Slug, roles: map[int64]string{}, deleted: t.Status == statusPendingDeletion, idpProvisioned: t.IDPProvisioned}
	row.projects = slices.Clone(t.Projects)
	for _, m := range t.Members {
		row.members = append(row.members, id(m))
	}
	for m, role := range t.TeamRoles {
		row.roles[id(m)] = role
	}
	return row
}

// id reads an id that the state's check has read before.
func id(text string) int64 {
	n, _ := pyInt(text)
	return n
}

// The orders of core/endpoints/scim: ORDER BY email, id, where the address of a
// linked member or a placeholder is NULL and so comes last, and ORDER BY slug.
// Addresses and slugs are compared by bytes; a database may have another collation.
func byEmail(a, b *member) int { return cmp.Or(strings.Compare(a.email, b.email), byID(a, b)) }

func byID(a, b *member) int { return cmp.Compare(a.id, b.id) }

func bySlug(a, b *team) int { return strings.Compare(a.slug, b.slug) }
