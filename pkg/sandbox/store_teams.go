package sandbox

import (
	"slices"
	"strconv"
)

// create adds an empty team; its slug must be free.
func (st *store) create(name, slug string) *team {
	st.nextTeam++
	t := &team{id: st.nextTeam, name: name, slug: slug, roles: map[int64]string{}, idpProvisioned: true}
	st.teams[t.id], st.bySlug[slug] = t, t
	st.list(t)
	return t
}

func (st *store) list(t *team) {
	at, _ := slices.BinarySearchFunc(st.active, t, bySlug)
	st.active = slices.Insert(st.active, at, t)
}

func (st *store) unlist(t *team) {
	if at, ok := slices.BinarySearchFunc(st.active, t, bySlug); ok {
		st.active = slices.Delete(st.active, at, at+1)
	}
}

// reslug gives an active team another slug, which must be free.
func (st *store) reslug(t *team, slug string) {
	st.unlist(t)
	delete(st.bySlug, t.slug)
	t.slug = slug
	st.bySlug[slug] = t
	st.list(t)
}

// discard marks a team for deletion. The slug is freed by a suffix that is cut
// to 50 characters, so that one of 50 stays taken (core/endpoints/team_details.py).
// It returns false, and does nothing, where the cut slug is taken already.
func (st *store) discard(t *team, suffix string) bool {
	slug := t.slug + "-" + suffix
	slug = slug[:max(len(t.slug), min(maxSlug, len(slug)))]
	if other, ok := st.bySlug[slug]; ok && other != t {
		return false
	}
	st.unlist(t)
	delete(st.bySlug, t.slug)
	t.deleted, t.slug = true, slug
	st.bySlug[slug] = t
	return true
}

// teamPage is a part of the active teams, and how many there are in all. A
// filter is compared with the slug.
func (st *store) teamPage(filter string, offset, limit int64) ([]*team, int) {
	rows := st.active
	if filter != "" {
		rows = nil
		if t, ok := st.bySlug[slugify(filter)]; ok && !t.deleted {
			rows = []*team{t}
		}
	}
	return window(rows, offset, limit), len(rows)
}

// membersOf are the members of a team that still exist, in the team's order.
func (st *store) membersOf(t *team) []*member {
	rows := make([]*member, 0, len(t.members))
	for _, n := range t.members {
		if m, ok := st.members[n]; ok {
			rows = append(rows, m)
		}
	}
	return rows
}

// teamStates are the rows as a State shows them, by id.
func (st *store) teamStates() []Team {
	states := make([]Team, 0, len(st.teams))
	for _, t := range sortedRows(st.teams) {
		state := Team{ID: strconv.FormatInt(t.id, 10), Name: t.name, Slug: t.slug, Members: []string{}, Projects: slices.Clone(t.projects), IDPProvisioned: t.idpProvisioned}
		if t.deleted {
			state.Status = statusPendingDeletion
		}
		for _, m := range st.membersOf(t) {
			key := strconv.FormatInt(m.id, 10)
			state.Members = append(state.Members, key)
			if role, ok := t.roles[m.id]; ok {
				if state.TeamRoles == nil {
					state.TeamRoles = map[string]string{}
				}
				state.TeamRoles[key] = role
			}
		}
		states = append(states, state)
	}
	return states
}
