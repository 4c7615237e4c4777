package access

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// The roles whose members reach all projects (conf/server.py SENTRY_ROLES is_global).
const (
	ownerRole   = plan.OwnerRole
	managerRole = "manager"
)

// Facts are what a review is made of.
type Facts struct {
	SentryURL, Organization string
	Version                 string
	Now, Since              time.Time

	Directory *directory.Directory
	Selection desired.Selection
	// Record is what earlier pushes remember of who is who; nil: nothing.
	Record *memory.Record
	// DefaultRole is what scim.default_role says; empty: what Sentry tells.
	DefaultRole string
	Sentry      *Sentry
}

// New makes the review. It refuses what a push refuses of the directory.
func New(f Facts) (*Review, error) {
	want, err := desired.Want(f.Directory, f.Selection)
	if err != nil {
		return nil, err
	}
	mapped, err := desired.Map(f.Directory, f.Selection)
	if err != nil {
		return nil, err
	}
	b := newBuilder(f, want, mapped)
	r := &Review{
		Format: Format, Organization: f.Organization, SentryURL: f.SentryURL, Directory: f.Directory.Source, Version: f.Version,
		ReviewedAt: seconds(f.Now), Since: seconds(f.Since), Members: make([]Member, 0, len(f.Sentry.Members)), Notes: b.notes(),
	}
	r.Sources = append([]Source{{Name: SourceDirectory, Read: true, From: f.Directory.Source, Entries: len(f.Directory.People)}}, f.Sentry.Sources...)
	b.read = r.source
	for _, m := range f.Sentry.Members {
		if strings.TrimSpace(m.Email) != "" {
			r.Members = append(r.Members, b.member(m))
		}
	}
	slices.SortFunc(r.Members, func(a, b Member) int {
		return cmp.Or(strings.Compare(mapping.Key(a.Email), mapping.Key(b.Email)), strings.Compare(a.ID, b.ID))
	})
	r.Leavers = b.leavers(r.Members)
	r.find(f.Sentry.Provider.Key != "" || !r.source(SourceProvider).Read)
	r.count()
	return r, nil
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// builder makes the rows.
type builder struct {
	Facts

	want     *desired.State
	compared *plan.Comparison
	entries  map[string][]entry         // of the directory, by each of their keys
	people   map[string]*desired.Person // by id of the member
	teams    map[string][]Team          // by id of the member
	groups   map[string]*desired.Team   // by id of the team
	inGroup  map[*desired.Team]map[*desired.Person]bool
	nowhere  map[string]*directory.Person // who have no address in the directory any more, by id of the member
	nameless int
	read     func(name string) Source
}

// entry is a person of the directory with what the settings make of it.
type entry struct {
	*directory.Person

	mapped *desired.MappedPerson
}

// withoutAddress finds the members whom only the memory of earlier pushes knows.
func (b *builder) withoutAddress() {
	for i := range b.Directory.People {
		p := &b.Directory.People[i]
		if was, known := b.Record.Person(p.ID); known && slices.Contains(b.want.NoAddress, p.ID) {
			b.nowhere[was.Member] = p
		}
	}
}

func newBuilder(f Facts, want *desired.State, mapped *desired.Mapped) *builder {
	b := &builder{
		Facts: f, want: want, entries: make(map[string][]entry, len(f.Directory.People)), people: make(map[string]*desired.Person, len(f.Sentry.Members)),
		teams: map[string][]Team{}, groups: map[string]*desired.Team{}, nowhere: map[string]*directory.Person{}, inGroup: map[*desired.Team]map[*desired.Person]bool{},
	}
	b.index(mapped)
	b.compare()
	b.withoutAddress()
	for _, t := range f.Sentry.Teams {
		for _, id := range t.Members {
			b.teams[id] = append(b.teams[id], t)
		}
	}
	for i := range want.Teams {
		t := &want.Teams[i]
		b.inGroup[t] = make(map[*desired.Person]bool, len(t.Members))
		for _, p := range t.Members {
			b.inGroup[t][p] = true
		}
		if id := b.compared.TeamIDs[t.Name]; id != "" {
			b.groups[id] = t
		}
	}
	return b
}

// index finds the entries of the directory by each address and name they go by.
func (b *builder) index(mapped *desired.Mapped) {
	for i := range b.Directory.People {
		p := &b.Directory.People[i]
		keys := map[string]bool{}
		for _, address := range append([]string{p.Email, p.Username, mapped.People[i].Email}, p.Emails...) {
			keys[mapping.Key(address)] = address != ""
		}
		for key, given := range keys {
			if given {
				b.entries[key] = append(b.entries[key], entry{p, &mapped.People[i]})
			}
		}
	}
}

// compare has the judge of pushes say which members are which people, and which
// teams which groups.
func (b *builder) compare() {
	actual := &plan.Actual{}
	for _, m := range b.Sentry.Members {
		actual.Users = append(actual.Users, scim.User{ID: m.ID, UserName: m.Email, Role: m.Role, Active: true})
		if strings.TrimSpace(m.Email) == "" {
			b.nameless++
		}
	}
	for _, t := range b.Sentry.Teams {
		group := scim.Group{ID: t.ID, DisplayName: t.Name}
		for _, id := range t.Members {
			group.Members = append(group.Members, scim.Member{ID: id})
		}
		actual.Groups = append(actual.Groups, group)
	}
	known := memory.Known{}
	if b.Record != nil {
		known = b.Record.Known.Since(b.Now)
	}
	b.compared = plan.Compare(b.want, actual, plan.Policy{Remove: plan.RemoveNever}, b.Record, known)
	for p, match := range b.compared.People {
		for _, m := range match.Members {
			b.people[m.ID] = p
		}
	}
}

func (b *builder) notes() []string {
	notes := append([]string{}, b.want.Notes...)
	if b.nameless > 0 {
		notes = append(notes, phrase.Count(b.nameless, "row of Sentry has", "rows of Sentry have")+" no address: invitations of another kind, which no token shows")
	}
	return notes
}

func (b *builder) member(m sentryapi.Member) Member {
	p := b.people[m.ID]
	row := Member{
		ID: m.ID, Email: m.Email, Name: m.Name, Role: m.Role, RoleWhy: b.roleWhy(m, p), Everyone: m.Role == ownerRole || m.Role == managerRole,
		Directory: b.entry(m, p), Teams: b.memberships(m, p), Projects: b.projects(m.ID),
		Source: b.read(SourceMembers).From + ", directory",
	}
	if b.read(SourceLogins).Read {
		linked := m.Flags[sentryapi.FlagSSOLinked]
		row.SSOLinked, row.Invited, row.Expired, row.AddedAt = &linked, &m.Pending, &m.Expired, told(m.Created)
		if m.User != nil {
			row.LastSeen = told(m.User.LastActive)
		}
	}
	return row
}

// told is a time, nil where there is none.
func told(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = seconds(t)
	return &t
}

// count fills the totals.
func (r *Review) count() {
	t := Totals{Members: len(r.Members), Roles: map[string]int{}, Leavers: len(r.Leavers)}
	if teams := r.source(SourceTeams); teams.Read {
		t.Teams = &teams.Entries
	}
	invited, linked, activity := 0, 0, Activity{}
	for _, m := range r.Members {
		t.Roles[m.Role]++
		switch {
		case m.Invited == nil:
		case *m.Invited:
			invited++
		default:
			activity.add(m.LastSeen, r.ReviewedAt)
		}
		if m.SSOLinked != nil && *m.SSOLinked {
			linked++
		}
	}
	if r.source(SourceLogins).Read {
		t.Invited, t.Linked, t.Activity = &invited, &linked, &activity
	}
	r.Totals = t
}

func (a *Activity) add(seen *time.Time, now time.Time) {
	const day = 24 * time.Hour
	switch {
	case seen == nil:
		a.Never++
	case now.Sub(*seen) <= 30*day:
		a.Month++
	case now.Sub(*seen) <= 90*day:
		a.Quarter++
	default:
		a.Longer++
	}
}
