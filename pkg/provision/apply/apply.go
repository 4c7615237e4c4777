// Package apply carries out a plan: in an order in which nothing that was done is
// hard to undo, several changes at once, each told. It decides nothing that the
// plan has not decided, but keeps members from harm whom Sentry turns out to know
// by the address of somebody who was to be invited.
package apply

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/access"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// gracePeriod is how long requests under way may take to finish once a run is
// interrupted.
const gracePeriod = 5 * time.Second

// Options say what to carry out, and how.
type Options struct {
	Client  *scim.Client
	Teams   *access.Teams // for what SCIM does not know of teams; nil where the plan has nothing of it
	Workers int           // writes under way at once
	Now     func() time.Time
	Plan    *plan.Plan
	Actual  *plan.Actual
	// Owned reports whether a member is a person of the directory.
	Owned func(memberID string) bool
	// AcceptSecond takes a member for the person whose address Sentry finds as a
	// further address of that member alone.
	AcceptSecond bool
	// Giving is told what the run is about to give to teams, once the teams and their
	// members are there. It may be nil.
	Giving func(Giving)
	// Progress is told after each step how many of the steps of a stage are done. It
	// is called from several goroutines, so that done may come out of order.
	Progress func(stage string, done, total int)
}

// Outcome is what became of a plan.
type Outcome struct {
	Applied plan.Counts
	Taken   *plan.Plan        // the changes of the plan that took something away, or may have
	Failed  []Failure         // sorted by change
	Skipped []desired.Skipped // what was left alone to keep members from harm
	Known   memory.Known      // what Sentry told beside its lists
	Invited map[string]string // member ids by key of the address
	Created []scim.Group      // teams
	Admins  []memory.Admin    // who was made admin of a team, or may have been
	Links   []memory.Link     // to projects that were made, or may have been
}

// applier carries out a plan. A change that fails is recorded and the others go
// on; only a refused credential or an interrupt ends the work.
type applier struct {
	Options

	mu       sync.Mutex
	out      Outcome
	fatal    error
	members  map[string]string // key of a person who was invited → member id
	teams    map[string]string // id by the directory's name
	claims   map[string][]claim
	kept     map[string]bool // ids of members who are kept from harm
	noRoles  bool            // Sentry takes no roles in teams
	accepted map[string]bool // ids of members who are taken for the one person who claims them
	stop     context.CancelFunc
	relist   func(context.Context) (map[string]bool, error) // ids of the members listed now, read once
}

// Run makes the changes in the order in which one needs another: people before
// teams before memberships, and these before roles in teams. Removals come last: until then nothing that was done
// is hard to undo. The error is what ended the work early.
func Run(ctx context.Context, o Options) (*Outcome, error) {
	a := &applier{
		Options: o, members: map[string]string{}, teams: map[string]string{}, claims: map[string][]claim{}, kept: map[string]bool{},
		accepted: map[string]bool{}, out: Outcome{Taken: plan.New(), Failed: []Failure{}, Known: memory.Known{}.Clone(), Invited: map[string]string{}},
	}
	a.Workers = max(1, a.Workers)
	a.relist = a.listOnce()
	maps.Copy(a.teams, o.Plan.TeamIDs)
	for _, u := range o.Actual.Users {
		a.members[mapping.Key(u.UserName)] = u.ID
	}
	err := a.stages(ctx)
	slices.SortFunc(a.out.Failed, func(x, y Failure) int { return strings.Compare(x.Change, y.Change) })
	a.out.Skipped = desired.Sort(a.out.Skipped)
	return &a.out, err
}

func (a *applier) stages(ctx context.Context) error {
	taking, stop := context.WithCancel(ctx)
	defer stop()
	a.stop = stop
	work, cancel := withGrace(taking, gracePeriod)
	defer cancel()

	p := a.Plan
	stage(taking, a, stagePeople, p.UsersCreate, func(c plan.UserCreate) { a.invite(work, c) })
	a.settle(taking, work)
	stage(taking, a, stageRoles, p.UsersRole, func(c plan.UserRole) { a.setRole(work, c) })
	stage(taking, a, stageTeams, p.TeamsCreate, func(c plan.TeamCreate) { a.createTeam(work, c) })
	stage(taking, a, stageRenames, p.TeamsRename, func(c plan.TeamRename) { a.renameTeam(work, c) })
	stage(taking, a, stageMembers, memberChanges(p), func(c memberChange) { a.changeMembers(work, c) })
	a.announce(taking)
	a.setTeamRoles(taking, work)
	stage(taking, a, stageProjects, p.ProjectsAdd, func(c plan.ProjectLink) { a.linkProject(work, c) })
	stage(taking, a, stageUnlinks, p.ProjectsRemove, func(c plan.ProjectLink) { a.unlinkProject(work, c) })
	stage(taking, a, stageRemovals, p.UsersRemove, func(c plan.UserRemove) { a.removeUser(work, c) })
	stage(taking, a, stageDeletion, p.TeamsDelete, func(c plan.TeamDelete) { a.deleteTeam(work, c) })

	return cmp.Or(a.fatal, ctx.Err())
}

// each calls do for the items, workers at once, until ctx ends, and returns when
// all calls have returned.
func each[T any](ctx context.Context, workers int, items []T, do func(T)) {
	var group errgroup.Group
	group.SetLimit(workers)
	for _, item := range items {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if ctx.Err() == nil {
				do(item)
			}
			return nil
		})
	}
	_ = group.Wait() // the calls return no errors
}

// withGrace returns a context that outlives ctx by the given time, so that
// requests under way can finish.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	detach := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(grace, cancel)
		context.AfterFunc(late, func() { timer.Stop() })
	})
	return late, func() { detach(); cancel() }
}

// listOnce returns a function that lists the members when it is first called
// and remembers the answer.
func (a *applier) listOnce() func(context.Context) (map[string]bool, error) {
	var once sync.Once
	var listed map[string]bool
	var err error
	return func(ctx context.Context) (map[string]bool, error) {
		once.Do(func() {
			var users []scim.User
			users, err = a.Client.Users(ctx)
			listed = make(map[string]bool, len(users))
			for _, u := range users {
				listed[u.ID] = true
			}
		})
		return listed, err
	}
}

// locked runs do while nobody else changes what is recorded.
func (a *applier) locked(do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	do()
}
