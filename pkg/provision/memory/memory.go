// Package memory is what pushes into one organization leave behind for the next
// one: who is which member, what was taken away lately, what Sentry's lists do
// not show. A push is right without it: then some guards are off, and some
// people cannot be recognised, which is said.
package memory

import (
	"slices"
	"strings"
	"time"
)

// Record is the memory of one organization.
type Record struct {
	Format    int       `json:"format"` // of this document; 2
	SentryURL string    `json:"sentry_url"`
	Org       string    `json:"org"`
	Source    string    `json:"source"`    // the kind of directory whose ids Persons have
	PushedAt  time.Time `json:"pushed_at"` // of the last push that succeeded; zero: none
	People    int       `json:"people"`    // active people of that push
	// ActivityBlank counts the people of that push whose file left out whether
	// they are active.
	ActivityBlank int      `json:"activity_blank"`
	Persons       []Person `json:"persons"` // sorted by ID
	Created       []Team   `json:"teams"`   // that pushes created, sorted by ID
	Managed       []string `json:"managed"` // ids of all teams that pushes managed, sorted
	Taken         []Taken  `json:"taken"`   // oldest first
	Known         Known    `json:"known"`   // what Sentry's lists do not show

	Admins []Admin `json:"team_admins,omitempty"`   // whom pushes made admins of a team, sorted
	Links  []Link  `json:"project_links,omitempty"` // of teams to projects, that pushes made, sorted
}

// Admin is a member whom a push made an admin of a team, by their ids in Sentry.
type Admin struct {
	Team   string `json:"team"`
	Member string `json:"member"`
}

// Link is a team that a push linked to a project, by their ids in Sentry.
type Link struct {
	Team    string `json:"team"`
	Project string `json:"project"`
}

// Person is a person of the directory, and the member who that is.
type Person struct {
	ID     string `json:"id"`     // in the directory
	Member string `json:"member"` // id in Sentry
	// Address is the key of the person's address at the last push, where Sentry has
	// the member under another one.
	Address string `json:"address,omitempty"`
	// Role is the role that a rule of the last push gave, and that the member
	// had; empty: none.
	Role string `json:"role,omitempty"`
	// NoAddress says that the directory had no address of the person at the last
	// push: the member is who the person was before.
	NoAddress bool `json:"no_address,omitempty"`
	// Contested says that somebody else has the member's address by now: the member
	// was left alone.
	Contested bool `json:"contested,omitempty"`
}

// Team is a team that a push created, and the group it was made of.
type Team struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Group string `json:"group"`
}

// Of returns the record for pushes from a kind of directory: what another kind
// calls by an id is somebody else.
func (r *Record) Of(source string) *Record {
	if r.Source == source {
		return r
	}
	next := *r
	if r.Source != "" {
		next.Persons = []Person{}
	}
	next.Source = source
	return &next
}

// New is the memory of an organization before the first push.
func New(sentryURL, org string) *Record {
	return &Record{
		Format: format, SentryURL: sentryURL, Org: org,
		Persons: []Person{}, Created: []Team{}, Managed: []string{}, Taken: []Taken{},
	}
}

// Fresh reports whether no push has succeeded that the record knows of. A nil
// record is fresh.
func (r *Record) Fresh() bool { return r == nil || r.PushedAt.IsZero() }

// Person returns who a person of the directory was at the last push.
func (r *Record) Person(id string) (Person, bool) {
	if r == nil || id == "" {
		return Person{}, false
	}
	i, found := slices.BinarySearchFunc(r.Persons, id, func(p Person, id string) int { return strings.Compare(p.ID, id) })
	if !found {
		return Person{}, false
	}
	return r.Persons[i], true
}

// Manages reports whether a push has managed the team.
func (r *Record) Manages(teamID string) bool {
	if r == nil {
		return false
	}
	_, found := slices.BinarySearch(r.Managed, teamID)
	return found
}
