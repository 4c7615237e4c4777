package memory

import "slices"

// Pending is what a push set out to take away, while it is not known what of it
// was done: the push was killed, or Sentry could not be read again.
type Pending struct {
	Members []string            `json:"members,omitempty"` // ids of members to remove
	Leaving map[string][]string `json:"leaving,omitempty"` // ids of members to take out of teams, by id of the team
	Roles   map[string]string   `json:"roles,omitempty"`   // roles before, by id of the member
	Teams   []string            `json:"teams,omitempty"`   // ids of teams to delete
}

// Settled counts of what is pending only what Sentry lacks by now: roles are the
// roles of all members by id, teams the ids of the members of all teams by id.
func (r *Record) Settled(roles map[string]string, teams map[string][]string) *Record {
	if r == nil || !slices.ContainsFunc(r.Taken, func(t Taken) bool { return t.Pending != nil }) {
		return r
	}
	next := *r
	next.Taken = nil
	for _, t := range r.Taken {
		if t = t.Settled(roles, teams); !t.Empty() {
			next.Taken = append(next.Taken, t)
		}
	}
	return &next
}

// Settled is Record.Settled for one push.
func (t Taken) Settled(roles map[string]string, teams map[string][]string) Taken {
	p := t.Pending
	if p == nil {
		return t
	}
	t.Pending = nil
	t.Removed = min(t.Removed, count(p.Members, func(id string) bool { _, there := roles[id]; return !there }))
	t.Deleted = min(t.Deleted, count(p.Teams, func(id string) bool { _, there := teams[id]; return !there }))
	lost, inTeams := 0, map[string]int{}
	for team, ids := range p.Leaving {
		there := make(map[string]bool, len(teams[team]))
		for _, id := range teams[team] {
			there[id] = true
		}
		gone := count(ids, func(id string) bool { return !there[id] })
		lost += gone
		if n := min(t.Teams[team], gone); n > 0 {
			inTeams[team] = n
		}
	}
	t.Lost, t.Teams = min(t.Lost, lost), inTeams
	changed := 0
	for id, before := range p.Roles {
		if roles[id] != before {
			changed++
		}
	}
	t.Promoted, t.Demoted = min(t.Promoted, changed), min(t.Demoted, changed)
	return t
}

// Begun is what a push set out to change in teams, by names that are the same in the
// next push, while it is not known what of it was done.
type Begun struct {
	Promoted []string `json:"promoted,omitempty"` // to admin of a team
	Demoted  []string `json:"demoted,omitempty"`
	Unlinked []string `json:"unlinked,omitempty"`
}

// Repeated counts no longer what a push that was killed has begun and that is to be
// done again: it was not done. What is neither there nor to be done counts.
func (r *Record) Repeated(again Begun) *Record {
	if r == nil || !slices.ContainsFunc(r.Taken, func(t Taken) bool { return t.Begun != nil }) {
		return r
	}
	next := *r
	next.Taken = nil
	for _, t := range r.Taken {
		if t.Begun != nil {
			left := Begun{}
			left.Promoted, t.TeamPromoted = undone(t.Begun.Promoted, again.Promoted, t.TeamPromoted)
			left.Demoted, t.TeamDemoted = undone(t.Begun.Demoted, again.Demoted, t.TeamDemoted)
			left.Unlinked, t.Unlinked = undone(t.Begun.Unlinked, again.Unlinked, t.Unlinked)
			t.Begun = &left
		}
		if !t.Empty() {
			next.Taken = append(next.Taken, t)
		}
	}
	return &next
}

// undone takes out of begun, and of their count, what is to be done again.
func undone(begun, again []string, counted int) (left []string, rest int) {
	repeated := make(map[string]bool, len(again))
	for _, name := range again {
		repeated[name] = true
	}
	for _, name := range begun {
		if !repeated[name] {
			left = append(left, name)
		}
	}
	return left, max(0, counted-(len(begun)-len(left)))
}

func count(ids []string, is func(string) bool) int {
	n := 0
	for _, id := range ids {
		if is(id) {
			n++
		}
	}
	return n
}
