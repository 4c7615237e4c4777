package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Remove says which people are removed from Sentry.
type Remove string

// The policies of removing: nobody; people whom the directory marks inactive;
// those and everybody the directory does not know.
const (
	RemoveNever    Remove = "never"
	RemoveInactive Remove = "inactive"
	RemoveAbsent   Remove = "absent"
)

// OwnerRole is the role whose members are never removed and never given another.
const OwnerRole = "owner"

// Why people are removed.
const (
	reasonInactive = "inactive in the directory"
	reasonAbsent   = "not in the directory"
)

// Policy is what a run may do.
type Policy struct {
	Remove Remove
	// DefaultRole is what people get who lose a role that a rule gave; empty: the
	// organization's own default.
	DefaultRole string
	// PruneTeams deletes the teams that earlier pushes created and whose groups
	// have gone.
	PruneTeams bool
	// UnlinkProjects takes away the links to projects that earlier pushes made and
	// that nothing names any more.
	UnlinkProjects bool
	// RenameSlugs lets a rename reset a slug that was edited in Sentry.
	RenameSlugs bool
	// AcceptSecond takes a member for a person whose address Sentry only finds as
	// a further, unverified address of that member.
	AcceptSecond bool
}

// Comparison is a plan with what is told beside it.
type Comparison struct {
	*Plan

	Skipped []desired.Skipped
	Notes   []string
	// People are the members of each person, for those who have any; Found says
	// how they were recognised.
	People map[*desired.Person]Match

	owned       map[string]bool
	leftAlone   map[string]bool
	leftOver    int // members whom the directory does not name, of those it can name
	unknown     int // of those, the ones that it named at the last push
	changed     int // people who were recognised under another address
	moved       []string
	ambiguous   []ambiguity
	uncertain   []uncertainSlug // of teams that are to be renamed
	unexplained []string        // ids of members with a role of the rules that they match none of, and of whom it is not known who gave it
	accepts     bool            // members by second addresses
	strangers   int             // members whom the directory does not name, owners too
	unmanaged   int             // teams that no group of the directory is
	lost        map[string]int  // net memberships lost by people who stay, by member id
	owners      int
	reads       Reads
	fresh       map[string]bool // names of teams of a first push, in which nobody is raised
}

// Match is the members who a person is, and how they were recognised.
type Match struct {
	Members []scim.User
	Found   Found
}

// Found is how a person was recognised in Sentry.
type Found string

// The ways: by the address, by a further address of the directory, by the
// memory of earlier pushes, by a further address that Sentry knows.
const (
	FoundAddress  Found = "address"
	FoundFurther  Found = "further address"
	FoundRemember Found = "memory"
	FoundSecond   Found = "second address in Sentry"
)

// Compare plans the changes from actual to want. Owners are never removed or
// given another role, members without an address are never touched, and neither
// is a member whom two people claim. record may be nil; known are the facts that
// Sentry's lists do not show.
func Compare(want *desired.State, actual *Actual, policy Policy, record *memory.Record, known memory.Known) *Comparison {
	c := &comparison{
		want: want, policy: policy, record: record, known: known, plan: New(),
		out: &Comparison{
			People: make(map[*desired.Person]Match, len(want.People)), lost: map[string]int{}, owned: make(map[string]bool, len(actual.Users)),
			leftAlone: map[string]bool{}, accepts: policy.AcceptSecond, fresh: map[string]bool{},
		},
		actual:  actual,
		members: make(map[string]scim.User, len(actual.Users)), byKey: make(map[string][]string, len(actual.Users)),
		owner: make(map[string]*desired.Person, len(actual.Users)), shield: map[string]bool{}, leaving: map[string]bool{},
		blocked: map[*desired.Person]bool{}, invited: map[*desired.Person]bool{},
	}
	c.out.Plan = c.plan
	c.index(actual.Users)
	c.recognise()
	for id := range c.members {
		c.out.owned[id] = !c.free(id)
	}
	for p := range c.blocked {
		c.out.leftAlone[p.Key()] = true
	}
	c.people()
	c.absent(actual.Users)
	c.teams(actual.Groups)
	c.completeTeams(actual.Groups)
	if policy.PruneTeams && record != nil {
		c.prune(actual)
	}
	c.countLosses(actual.Groups)
	c.plan.SortAll()
	c.tell()
	return c.out
}

// comparison is a plan in the making.
type comparison struct {
	want   *desired.State
	actual *Actual
	policy Policy
	record *memory.Record
	known  memory.Known
	plan   *Plan
	out    *Comparison

	members map[string]scim.User       // by id, those with an address
	byKey   map[string][]string        // ids by address: Sentry tells invitations apart by case, so that a person can have several
	owner   map[string]*desired.Person // who a member is, by id
	shield  map[string]bool            // ids of members who are not to lose anything
	blocked map[*desired.Person]bool   // people who are not invited
	leaving map[string]bool            // ids of members who are removed
	invited map[*desired.Person]bool

	roles     map[string]string // organization roles that the plan gives, by id of the member
	invitedAs map[string]string // the same of invitations, by key

	nameless int // rows without an address
}

// index takes the members that have an address. The others are placeholders of
// invitations of another kind (models/organizationmemberinvite.py), whose people
// SCIM does not show: they are never touched.
func (c *comparison) index(users []scim.User) {
	for _, u := range users {
		if isOwner(u) {
			c.out.owners++
		}
		key := mapping.Key(strings.TrimSpace(u.UserName))
		if key == "" {
			c.nameless++
			continue
		}
		c.members[u.ID] = u
		c.byKey[key] = append(c.byKey[key], u.ID)
	}
}

func (c *comparison) skip(who, reason string) {
	c.out.Skipped = append(c.out.Skipped, desired.Skipped{Who: who, Reason: reason})
}

func isOwner(member scim.User) bool { return strings.EqualFold(member.Role, OwnerRole) }

// SortAll puts the changes into the order in which they are told.
func (p *Plan) SortAll() {
	slices.SortFunc(p.UsersCreate, func(a, b UserCreate) int { return compareEmails(a.Email, b.Email) })
	slices.SortFunc(p.UsersRemove, func(a, b UserRemove) int { return compareEmails(a.Email, b.Email) })
	slices.SortFunc(p.UsersRole, func(a, b UserRole) int { return compareEmails(a.Email, b.Email) })
	slices.SortFunc(p.TeamsCreate, func(a, b TeamCreate) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(p.TeamsAdopt, func(a, b TeamAdopt) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	slices.SortFunc(p.TeamsRename, func(a, b TeamRename) int { return strings.Compare(a.To, b.To) })
	slices.SortFunc(p.TeamsDelete, func(a, b TeamDelete) int { return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID)) })
	slices.SortFunc(p.MembersAdd, compareMemberships)
	slices.SortFunc(p.MembersRemove, compareMemberships)
	slices.SortFunc(p.TeamRoles, compareTeamRoles)
	slices.SortFunc(p.ProjectsRemove, compareLinks)
	slices.SortFunc(p.ProjectsAdd, compareLinks)
	slices.Sort(p.Managed)
}

// compareEmails ignores case, as Sentry does.
func compareEmails(a, b string) int {
	return cmp.Or(strings.Compare(mapping.Key(a), mapping.Key(b)), strings.Compare(a, b))
}

func compareMemberships(a, b Membership) int {
	return cmp.Or(strings.Compare(a.Team, b.Team), compareEmails(a.Email, b.Email), strings.Compare(a.MemberID, b.MemberID))
}

// Owned are the ids of the members who are people of the directory, whether they
// are provisioned or not.
func (c *Comparison) Owned() map[string]bool { return c.owned }

// LeftAlone are the keys of people who are not invited because somebody else has
// or claims what they could be.
func (c *Comparison) LeftAlone() map[string]bool { return c.leftAlone }
