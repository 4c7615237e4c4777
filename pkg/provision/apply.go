package provision

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// gracePeriod is how long requests under way may take to finish once a run is
// interrupted.
const gracePeriod = 5 * time.Second

// applier carries out a plan. A change that fails is recorded and the others
// go on; only a refused credential or an interrupt ends the work.
type applier struct {
	client  *scim.Client
	workers int

	mu      sync.Mutex
	applied Counts
	failed  []Failure
	fatal   error
	members map[string]string     // key of a person → member id
	teams   map[string]scim.Group // by the directory's name
	created []scim.Group          // teams
	deleted map[string]bool       // ids of teams
	kept    map[string]bool       // ids of members who turned out to be wanted under another address
	stop    context.CancelFunc
	// progress is told how far a stage is.
	progress func(stage string, done, total int)
	relist   func(context.Context) (map[string]bool, error) // ids of the members listed now, read once
}

func newApplier(p *Push, actual *Actual, plan *Plan) *applier {
	a := &applier{
		client: p.Client, workers: max(1, p.Workers), progress: p.tell,
		members: make(map[string]string, len(actual.Users)), teams: make(map[string]scim.Group, len(actual.Groups)),
		deleted: map[string]bool{}, kept: map[string]bool{},
	}
	a.relist = a.listOnce()
	leaving := map[string]bool{}
	for _, c := range plan.UsersRemove {
		leaving[c.ID] = true
	}
	for _, u := range actual.Users {
		if !leaving[u.ID] {
			a.members[mapping.Key(u.UserName)] = u.ID
		}
	}
	for _, g := range actual.Groups {
		a.teams[g.DisplayName] = g
	}
	for _, r := range plan.TeamsRename {
		a.teams[r.To] = a.teams[r.From]
	}
	return a
}

// apply makes the changes in the order in which one needs another: people
// before teams before memberships. Removals come last: until then nothing that
// was done is hard to undo.
func (a *applier) apply(ctx context.Context, plan *Plan) error {
	taking, stop := context.WithCancel(ctx)
	defer stop()
	a.stop = stop
	work, cancel := withGrace(taking, gracePeriod)
	defer cancel()

	stage(taking, a, stagePeople, plan.UsersCreate, func(c UserCreate) { a.createUser(work, c) })
	stage(taking, a, stageRoles, plan.UsersRole, func(c UserRole) { a.setRole(work, c) })
	stage(taking, a, stageTeams, plan.TeamsCreate, func(c TeamCreate) { a.createTeam(work, c) })
	stage(taking, a, stageRenames, plan.TeamsRename, func(c TeamRename) { a.renameTeam(work, c) })
	stage(taking, a, stageMembers, plan.memberChanges(), func(c memberChange) { a.changeMembers(work, c) })
	stage(taking, a, stageRemovals, plan.UsersRemove, func(c UserRemove) { a.removeUser(work, c) })
	stage(taking, a, stageDeletion, plan.TeamsDelete, func(c TeamDelete) { a.deleteTeam(work, c) })

	return cmp.Or(a.fatal, ctx.Err())
}

// each calls do for the items, at most workers at once, until ctx ends, and
// returns when all calls have returned.
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

// createUser invites a person. Somebody who turns out to be a member already
// (Sentry answers with a conflict) is given the role that was meant.
func (a *applier) createUser(ctx context.Context, c UserCreate) {
	user, created, err := a.client.CreateUser(ctx, c.Email, c.Role)
	switch {
	case err != nil || created:
	case !user.Named(c.Email):
		a.keep(user.ID)
		err = fault.Hint(fmt.Errorf("is a member already, as %s", user.UserName), "make the addresses in Sentry and the directory the same")
	case c.Role != "" && c.Role != user.Role && user.Role != ownerRole:
		err = a.client.SetRole(ctx, user.ID, c.Role)
	}
	if a.record(err, "invite "+c.Email, func(n *Counts) { n.UsersCreate++ }) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.members[mapping.Key(c.Email)] = user.ID
	}
}

func (a *applier) keep(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept[id] = true
}

func (a *applier) setRole(ctx context.Context, c UserRole) {
	err := a.client.SetRole(ctx, c.ID, c.To)
	a.record(err, fmt.Sprintf("change the role of %s to %s", c.Email, c.To), func(n *Counts) { n.UsersRole++ })
}

// removeUser deletes a membership, unless the person turned out to be wanted
// under another address.
func (a *applier) removeUser(ctx context.Context, c UserRemove) {
	a.mu.Lock()
	kept := a.kept[c.ID]
	a.mu.Unlock()
	err := errors.New("the directory knows the same person under another address")
	if !kept {
		err = a.client.RemoveUser(ctx, c.ID)
	}
	a.record(err, "remove "+c.Email, func(n *Counts) { n.UsersRemove++ })
}

func (a *applier) createTeam(ctx context.Context, c TeamCreate) {
	group, err := a.client.CreateGroup(ctx, c.Name)
	if a.record(err, "create the team "+c.Name, func(n *Counts) { n.TeamsCreate++ }) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.teams[c.Name] = group
		a.created = append(a.created, group)
	}
}

func (a *applier) renameTeam(ctx context.Context, c TeamRename) {
	err := a.client.RenameGroup(ctx, c.ID, c.To)
	a.record(err, fmt.Sprintf("rename the team %s to %s", c.From, c.To), func(n *Counts) { n.TeamsRename++ })
}

// record counts a change that was made, or keeps why it was not, and reports
// which. A refused credential ends the run: nothing else would succeed.
func (a *applier) record(err error, change string, count func(*Counts)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		count(&a.applied)
		return true
	}
	if fault.CodeOf(err) == fault.Credential && a.fatal == nil {
		a.fatal = err
		a.stop()
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted before Sentry answered: it may have been done")
	}
	var one Counts
	count(&one)
	a.failed = append(a.failed, Failure{Kind: one.kind(), Change: change, Error: err.Error(), err: err})
	return false
}

func (a *applier) sortedFailures() []Failure {
	failed := append([]Failure{}, a.failed...)
	slices.SortFunc(failed, func(x, y Failure) int { return strings.Compare(x.Change, y.Change) })
	return failed
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
			users, err = a.client.Users(ctx)
			listed = make(map[string]bool, len(users))
			for _, u := range users {
				listed[u.ID] = true
			}
		})
		return listed, err
	}
}
