package memory

import (
	"maps"
	"slices"
	"time"
)

// Window is how long what a push took away counts against later ones.
const Window = 7 * 24 * time.Hour

// Taken is what one push took away, and how much there was before it.
type Taken struct {
	At          time.Time `json:"at"`
	Members     int       `json:"members"`     // before
	Memberships int       `json:"memberships"` // before, in the teams that were managed
	Elevated    int       `json:"elevated"`    // members with another role than the default, before
	AllTeams    int       `json:"all_teams"`   // before
	Losses

	// Pending is not nil while it is not known what of the losses came about: then
	// they count whole.
	Pending *Pending `json:"pending,omitempty"`
	// Begun is the same of what Sentry's lists of members and teams do not show.
	Begun *Begun `json:"begun,omitempty"`
}

// Losses are numbers of what was taken away by kind. Teams are memberships by id
// of the team.
type Losses struct {
	Removed  int            `json:"removed"`  // people
	Lost     int            `json:"lost"`     // memberships of people who stay
	Promoted int            `json:"promoted"` // people with a higher role
	Demoted  int            `json:"demoted"`  // people with a lower role
	Deleted  int            `json:"deleted"`  // teams
	Teams    map[string]int `json:"teams,omitempty"`

	TeamPromoted int `json:"team_promoted,omitempty"` // higher roles in teams
	TeamDemoted  int `json:"team_demoted,omitempty"`  // lower roles in teams
	Unlinked     int `json:"unlinked,omitempty"`      // links of teams to projects
}

// Empty reports whether nothing was taken.
func (l Losses) Empty() bool {
	return l.Removed+l.Lost+l.Promoted+l.Demoted+l.Deleted+len(l.Teams)+l.TeamPromoted+l.TeamDemoted+l.Unlinked == 0
}

// Recent sums up what was taken in the window before now. The figures of before
// are those at its beginning; without any they are zero. What a clock that was
// ahead noted for a time to come counts: it was taken.
func (r *Record) Recent(now time.Time) Taken {
	sum := Taken{Losses: Losses{Teams: map[string]int{}}}
	if r == nil {
		return sum
	}
	for _, t := range r.Taken {
		if now.Sub(t.At) >= Window {
			continue
		}
		if sum.At.IsZero() {
			sum.At, sum.Members, sum.Memberships, sum.Elevated = t.At, t.Members, t.Memberships, t.Elevated
			sum.AllTeams = t.AllTeams
		}
		sum.Removed += t.Removed
		sum.Lost += t.Lost
		sum.Promoted += t.Promoted
		sum.Demoted += t.Demoted
		sum.Deleted += t.Deleted
		sum.TeamPromoted += t.TeamPromoted
		sum.TeamDemoted += t.TeamDemoted
		sum.Unlinked += t.Unlinked
		for id, n := range t.Teams {
			sum.Teams[id] += n
		}
	}
	return sum
}

// Take adds what a push took, and forgets what is older than the window. A time
// to come becomes that of the push, so that it passes.
func (r *Record) Take(t Taken) {
	r.Taken = slices.DeleteFunc(slices.Clone(r.Taken), func(old Taken) bool { return t.At.Sub(old.At) >= Window })
	for i := range r.Taken {
		if r.Taken[i].At.After(t.At) {
			r.Taken[i].At = t.At
		}
	}
	if !t.Empty() {
		r.Taken = append(r.Taken, t)
	}
}

// Forgive makes the losses that forget names count no longer: an override let
// them through.
func (r *Record) Forgive(forget func(*Losses)) {
	r.Taken = slices.Clone(r.Taken)
	for i := range r.Taken {
		r.Taken[i].Teams = maps.Clone(r.Taken[i].Teams)
		forget(&r.Taken[i].Losses)
	}
	r.Taken = slices.DeleteFunc(r.Taken, func(t Taken) bool { return t.Empty() })
}

// GivenBack makes what was taken at that time or later count no longer: a
// snapshot of then was restored, with roles and projects or without. A restore takes
// no role in a team away, so that those that were given count on.
func (r *Record) GivenBack(at time.Time, roles, projects bool) {
	r.Taken = slices.Clone(r.Taken)
	for i, t := range r.Taken {
		if t.At.Before(at.Truncate(time.Second)) {
			continue
		}
		left := Losses{TeamPromoted: t.TeamPromoted}
		if !roles {
			left.Promoted, left.Demoted, left.TeamDemoted = t.Promoted, t.Demoted, t.TeamDemoted
		}
		if !projects {
			left.Unlinked = t.Unlinked
		}
		r.Taken[i].Losses = left
	}
	r.Taken = slices.DeleteFunc(r.Taken, func(t Taken) bool { return t.Empty() })
}
