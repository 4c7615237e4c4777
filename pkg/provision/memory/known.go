package memory

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// factLife is how long a fact counts before Sentry is asked again.
const (
	factLife  = 30 * 24 * time.Hour
	shortLife = 7 * 24 * time.Hour // of what people can change in Sentry any day: a request that was refused, an address that was taken off an account
)

// Known are facts about an organization that Sentry's lists do not show. They
// come from look-ups and from refusals; addresses are keys (mapping.Key).
type Known struct {
	// Held are addresses that Sentry finds as further addresses of other members,
	// whose ids the facts name. Sentry does not verify such addresses
	// (users/services/user/impl.py).
	Held map[string]Fact `json:"held,omitempty"`
	// Waiting are addresses of invite or join requests that nobody has approved:
	// no list has them, and POST answers with the request.
	Waiting map[string]Fact `json:"waiting,omitempty"`
	// Refused are addresses that Sentry does not take.
	Refused map[string]Fact `json:"refused,omitempty"`
	// Roles are roles that this Sentry lacks.
	Roles map[string]Fact `json:"roles,omitempty"`
	// Slugs are slugs of teams whose names say otherwise, which the facts name by
	// id; one without an id is free.
	Slugs map[string]Fact `json:"slugs,omitempty"`
	// Edited are ids of teams whose slug is not the one of their name.
	Edited map[string]Fact `json:"edited,omitempty"`
	// ByHand are ids of members whose role somebody gave by hand, or of whom that
	// could not be read: Sentry keeps it. Given are those whose role SCIM gave.
	ByHand map[string]Fact `json:"by_hand,omitempty"`
	Given  map[string]Fact `json:"given,omitempty"`
	// TeamRoles are memberships (TeamRoleKey) whose role Sentry did not change although
	// it answered with success, beside the organization role that Why names. NoTeamRoles
	// stands for all of them.
	TeamRoles map[string]Fact `json:"team_roles,omitempty"`
	// Tokens are what the SCIM token may not do: TokenTeamRoles.
	Tokens map[string]Fact `json:"tokens,omitempty"`
}

// The keys of facts that are about no single object.
const (
	NoTeamRoles    = "*"          // Sentry's feature team-roles is off
	TokenTeamRoles = "team_roles" // the SCIM token is refused for roles in teams
)

// TeamRoleKey names a membership by the ids of the team and the member.
func TeamRoleKey(team, member string) string { return team + "/" + member }

// Fact is what was found, and when.
type Fact struct {
	IDs []string  `json:"ids,omitempty"`
	Why string    `json:"why,omitempty"` // Sentry's words
	At  time.Time `json:"at"`
}

// Clone returns a copy to which facts can be added.
func (k Known) Clone() Known {
	for _, facts := range k.all() {
		if *facts == nil {
			*facts = map[string]Fact{}
		} else {
			*facts = maps.Clone(*facts)
		}
	}
	return k
}

// Since returns the facts that are not too old at that time. Members and teams
// that are gone need no such care: nothing asks for them.
func (k Known) Since(now time.Time) Known {
	k = k.Clone()
	old := func(life time.Duration) func(string, Fact) bool {
		return func(_ string, f Fact) bool { return now.Sub(f.At) > life || f.At.After(now) }
	}
	for _, facts := range k.all() {
		maps.DeleteFunc(*facts, old(factLife))
	}
	maps.DeleteFunc(k.Waiting, old(shortLife))
	maps.DeleteFunc(k.Held, old(shortLife))
	maps.DeleteFunc(k.TeamRoles, old(shortLife))
	maps.DeleteFunc(k.Tokens, old(shortLife))
	return k
}

func (k *Known) all() []*map[string]Fact {
	return []*map[string]Fact{&k.Held, &k.Waiting, &k.Refused, &k.Roles, &k.Slugs, &k.Edited, &k.ByHand, &k.Given, &k.TeamRoles, &k.Tokens}
}

// Sorted returns the ids of a fact in the order of Sentry's numbers.
func (f Fact) Sorted() []string {
	ids := slices.Clone(f.IDs)
	slices.SortFunc(ids, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return ids
}

// Add adds facts; those of other win.
func (k *Known) Add(other Known) {
	from := other.all()
	for i, facts := range k.all() {
		if *facts == nil {
			*facts = map[string]Fact{}
		}
		maps.Copy(*facts, *from[i])
	}
}
