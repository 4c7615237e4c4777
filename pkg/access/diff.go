package access

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
)

// Changes are what is other than in an earlier review. Lists are by address.
type Changes struct {
	LastReviewedAt time.Time    `json:"last_reviewed_at"`
	Came           []string     `json:"came"`
	Left           []string     `json:"left"`
	Addresses      []Change     `json:"addresses"` // of members who stayed
	Roles          []Change     `json:"roles"`
	Teams          []TeamChange `json:"teams"`
	TeamRoles      []TeamRole   `json:"team_roles"` // in teams that they stayed in
}

// Change is a value that was another one.
type Change struct {
	Email string `json:"email"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// TeamChange is which teams a member joined and left.
type TeamChange struct {
	Email  string   `json:"email"`
	Joined []string `json:"joined"`
	Left   []string `json:"left"`
}

// TeamRole is a role in a team that was another one.
type TeamRole struct {
	Email string `json:"email"`
	Team  string `json:"team"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// Empty reports whether nothing is other.
func (c *Changes) Empty() bool {
	return len(c.Came)+len(c.Left)+len(c.Addresses)+len(c.Roles)+len(c.Teams)+len(c.TeamRoles) == 0
}

// MaxBytes is the greatest size of a review that is read.
const MaxBytes = 256 << 20

// Parse reads a review that was written as JSON. Keys that it does not know are left
// out, so that a later version of this program can add some.
func Parse(data []byte) (*Review, error) {
	r := &Review{}
	if err := json.Unmarshal(bom.Text(data), r); err != nil {
		return nil, fault.Hint(fault.Usagef("invalid JSON: %w", err), "expected what 'sentryidp access review -o json' writes")
	}
	if r.Format != Format {
		err := fault.Usagef("sentryidp_access_review: expected %d but found %d", Format, r.Format)
		return nil, fault.Hint(err, "expected what 'sentryidp access review -o json' writes")
	}
	return r, nil
}

// Compare sets what is other than in last, which must be of the same organization
// (else fault.Usage). A member is the same by the id, or else by the address: who was
// removed and came back has another id.
func (r *Review) Compare(last *Review) error {
	if last.Organization != r.Organization || last.SentryURL != r.SentryURL {
		err := fault.Usagef("expected a review of %s on %s but found one of %s on %s", r.Organization, r.SentryURL, last.Organization, last.SentryURL)
		return fault.Hint(err, "name the last review of the same organization with --diff")
	}
	c := &Changes{
		LastReviewedAt: last.ReviewedAt, Came: []string{}, Left: []string{}, Addresses: []Change{}, Roles: []Change{}, Teams: []TeamChange{}, TeamRoles: []TeamRole{},
	}
	byID, byKey, stayed := map[string]*Member{}, map[string]*Member{}, map[*Member]bool{}
	for i := range last.Members {
		m := &last.Members[i]
		byID[m.ID], byKey[mapping.Key(m.Email)] = m, m
	}
	for _, m := range r.Members { // before any address is believed: it may be somebody else's by now
		if was := byID[m.ID]; was != nil {
			stayed[was] = true
		}
	}
	teams := r.source(SourceTeams).Read && last.source(SourceTeams).Read
	for i := range r.Members {
		now := &r.Members[i]
		was := byID[now.ID]
		if was == nil {
			if was = byKey[mapping.Key(now.Email)]; was == nil || stayed[was] {
				c.Came = append(c.Came, now.Email)
				continue
			}
			stayed[was] = true
		}
		c.add(was, now, teams)
	}
	for i := range last.Members {
		if m := &last.Members[i]; !stayed[m] {
			c.Left = append(c.Left, m.Email)
		}
	}
	r.Changes = c
	if !teams {
		r.Notes = append(r.Notes, "the teams are not compared with the last review: one of the two has not read them")
	}
	return nil
}

// add notes what is other of a member.
func (c *Changes) add(was, now *Member, teams bool) {
	if mapping.Key(was.Email) != mapping.Key(now.Email) {
		c.Addresses = append(c.Addresses, Change{now.Email, was.Email, now.Email})
	}
	if was.Role != now.Role {
		c.Roles = append(c.Roles, Change{now.Email, was.Role, now.Role})
	}
	if !teams {
		return
	}
	change := TeamChange{Email: now.Email, Joined: []string{}, Left: []string{}}
	for _, m := range now.Teams {
		old, there := in(was.Teams, m.Team)
		switch {
		case !there:
			change.Joined = append(change.Joined, m.Team)
		case old.Role != nil && m.Role != nil && *old.Role != *m.Role:
			c.TeamRoles = append(c.TeamRoles, TeamRole{now.Email, m.Team, *old.Role, *m.Role})
		}
	}
	for _, m := range was.Teams {
		if _, there := in(now.Teams, m.Team); !there {
			change.Left = append(change.Left, m.Team)
		}
	}
	if len(change.Joined)+len(change.Left) > 0 {
		c.Teams = append(c.Teams, change)
	}
}

func in(teams []Membership, name string) (Membership, bool) {
	i := slices.IndexFunc(teams, func(m Membership) bool { return m.Team == name })
	if i < 0 {
		return Membership{}, false
	}
	return teams[i], true
}
