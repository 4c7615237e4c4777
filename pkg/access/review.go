// Package access makes the evidence of an access review: who is a member of Sentry
// and why, in which teams and with which roles, who left, and what of it a reviewer
// should look at. It compares the directory with what Sentry tells, names what could
// not be read, and writes nothing to either. Who is who and what gives what is judged
// by pkg/provision, as for a push.
package access

import (
	"slices"
	"time"
)

// Format is the number of the format that this package writes and reads.
const Format = 1

// Review is the document. Times are in UTC, to the second.
type Review struct {
	Format       int       `json:"sentryidp_access_review"` // first, so that the document is recognised
	Organization string    `json:"organization"`
	SentryURL    string    `json:"sentry_url"`
	Directory    string    `json:"directory"` // where the directory was read
	ReviewedAt   time.Time `json:"reviewed_at"`
	Since        time.Time `json:"since"` // the begin of the period
	Version      string    `json:"version"`
	// Signer is the key that the document is signed with; nil: it is not signed.
	Signer   *Signer   `json:"signer"`
	Sources  []Source  `json:"sources"`
	Totals   Totals    `json:"totals"`
	Findings []Finding `json:"findings"` // by code, in the order of Codes, those that were found
	Changes  *Changes  `json:"changes"`  // against an earlier review; nil: none was given
	Members  []Member  `json:"members"`  // by address
	Leavers  []Leaver  `json:"leavers"`  // the latest first, then those who are still members
	Notes    []string  `json:"notes"`
}

// Signer names a key by the SHA-256 of its SubjectPublicKeyInfo, in hexadecimal.
type Signer struct {
	Algorithm   string `json:"algorithm"`
	Fingerprint string `json:"public_key_sha256"`
}

// The names of sources.
const (
	SourceDirectory = "directory"
	SourceMembers   = "members"
	SourceLogins    = "logins" // SSO links, invitations and last activity
	SourceTeams     = "teams"
	SourceTeamRoles = "team roles"
	SourceProjects  = "projects"
	SourceAudit     = "audit log"
	SourceProvider  = "auth provider"
)

// Source is something that the review is about, and where it was read. Why says why
// it was not read: empty where it was.
type Source struct {
	Name    string `json:"name"`
	Read    bool   `json:"read"`
	From    string `json:"from"`
	Entries int    `json:"entries"`
	Why     string `json:"why"`
}

// Totals are the numbers of a review. A number that Sentry did not tell is null.
type Totals struct {
	Members int            `json:"members"` // invitations too
	Roles   map[string]int `json:"roles"`   // members by role
	Invited *int           `json:"invited"`
	Linked  *int           `json:"sso_linked"`
	Teams   *int           `json:"teams"`
	Leavers int            `json:"leavers"`
	// Activity counts those who have come by the time since they were last active;
	// nil where Sentry did not tell.
	Activity *Activity `json:"activity"`
}

// Activity counts members by the time since they were last active.
type Activity struct {
	Month   int `json:"within_30_days"`
	Quarter int `json:"within_90_days"` // and not within 30
	Longer  int `json:"longer_ago"`
	Never   int `json:"not_told"`
}

// State is what the directory says of a person.
type State string

// The states.
const (
	Active   State = "active"
	Inactive State = "inactive"
	LeftOut  State = "left_out" // in the directory, and not provisioned
	Absent   State = "absent"   // not in the directory
)

// Entry is a member's side in the directory. Why says in words why the member has
// access.
type Entry struct {
	State    State    `json:"state"`
	Username string   `json:"username"`
	Groups   []string `json:"groups"`
	Why      string   `json:"why"`
}

// Member is one row: a member or an invitation. What Sentry did not tell is null.
type Member struct {
	ID        string       `json:"id"`
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Directory Entry        `json:"directory"`
	Role      string       `json:"role"`
	RoleWhy   string       `json:"role_why"`
	Teams     []Membership `json:"teams"`        // null: not read
	Projects  []string     `json:"projects"`     // of the teams; null: not read
	Everyone  bool         `json:"all_projects"` // the role opens all projects, whatever the teams
	SSOLinked *bool        `json:"sso_linked"`
	Invited   *bool        `json:"invited"` // nobody has accepted the invitation
	Expired   *bool        `json:"invitation_expired"`
	AddedAt   *time.Time   `json:"added_at"`
	LastSeen  *time.Time   `json:"last_active"` // null too where Sentry has nothing
	Source    string       `json:"source"`
	Findings  []Code       `json:"findings"`
}

// Membership is a team that a member is in. Role is "admin" or "contributor", null: not
// read. Why is the group that puts the member there, or that it was by hand, and
// RoleWhy what gave the role.
type Membership struct {
	Team    string  `json:"team"`
	Why     string  `json:"why"`
	Role    *string `json:"role"`
	RoleWhy string  `json:"role_why"`
}

// Leaver is a person who was removed in the period, or a member who is inactive in the
// directory. Ended is what the directory tells, in words.
type Leaver struct {
	Email     string     `json:"email"`
	Directory State      `json:"directory"`
	Ended     string     `json:"ended_in_directory"`
	RemovedAt *time.Time `json:"removed_at"` // null: the audit log does not tell
	RemovedBy string     `json:"removed_by"` // empty: the audit log tells of no removal
	Member    bool       `json:"is_member"`  // still, or again
	Source    string     `json:"source"`
}

// source is a source by its name.
func (r *Review) source(name string) Source {
	i := slices.IndexFunc(r.Sources, func(s Source) bool { return s.Name == name })
	if i < 0 {
		return Source{Name: name}
	}
	return r.Sources[i]
}

// NotRead are the sources that were not read, each as "audit log: needs org:write".
func (r *Review) NotRead() []string {
	var missing []string
	for _, s := range r.Sources {
		if !s.Read {
			missing = append(missing, s.Name+": "+s.Why)
		}
	}
	return missing
}
