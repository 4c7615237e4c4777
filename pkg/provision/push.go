package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Push is one run: read Sentry, plan, check, apply, verify, report.
type Push struct {
	Client    *scim.Client
	SentryURL string
	Org       string
	Source    string // where the people come from, as the report names it

	Remove Remove
	Guard  Guard

	// Record is what earlier pushes left behind, or nil to remember nothing;
	// SaveRecord keeps it for the next one. PruneTeams deletes the teams of the
	// record whose groups have gone.
	Record     *Record
	SaveRecord func(*Record) error
	PruneTeams bool

	DryRun  bool
	Workers int // writes under way at once
	Now     func() time.Time

	// SaveSnapshot keeps Sentry's side as read before the first removal and
	// returns where; an empty path says that there is nothing to keep. A failure
	// stops the run with nothing written.
	SaveSnapshot func(*Actual) (path string, err error)
	// Requests tells what has been sent so far.
	Requests func() Requests
	// Say takes a note about what happens next.
	Say func(format string, args ...any)
	// Progress is told after each step how many of the steps of a stage are done.
	// It is called from several goroutines, so that done may come out of order. It
	// may be nil.
	Progress func(stage string, done, total int)
}

// errand is what a run is for: to push a directory, or to restore a snapshot.
type errand struct {
	kind string // as the report names it
	aim  string // what Sentry is compared with, and how much that is

	plan     func(*Actual) (*Plan, []Skipped)
	notes    func(*Plan) []string
	check    func(*Actual, *Report) error // refuses a plan before anything is written
	remember func(actual *Actual, a *applier, r *Report, succeeded bool)
}

// Run pushes want into Sentry. The report is nil when Sentry could not be read
// whole: then nothing was written. An error that is fault.IsQuiet has been told
// by the report.
func (p *Push) Run(ctx context.Context, want *Desired) (*Report, error) {
	return p.run(ctx, errand{
		kind: KindPush,
		aim: fmt.Sprintf("the directory %s and %s",
			count(len(want.People), "person", "people"), count(len(want.Teams), "group", "groups")),
		plan: func(actual *Actual) (*Plan, []Skipped) {
			plan, left := p.plan(want, actual)
			return plan, slices.Concat(want.Skipped, left)
		},
		notes: func(plan *Plan) []string { return notes(want, plan) },
		check: func(actual *Actual, r *Report) error { return p.Guard.Check(want, actual, r.Plan) },
		remember: func(actual *Actual, a *applier, r *Report, succeeded bool) {
			p.remember(want, actual, a, r, succeeded)
		},
	})
}

func (p *Push) run(ctx context.Context, e errand) (*Report, error) {
	start := p.Now()
	actual, err := p.read(ctx, stageRead)
	if err != nil {
		return nil, err
	}
	p.Say("Sentry has %s and %s, %s",
		count(len(actual.Users), "member", "members"), count(len(actual.Groups), "team", "teams"), e.aim)
	plan, left := e.plan(actual)
	r := NewReport(p.SentryURL, p.Org, p.Source)
	r.Kind, r.DryRun, r.Plan, r.Verified = e.kind, p.DryRun, plan, plan.Empty()
	r.Skipped, r.Notes = sortSkipped(left), e.notes(plan)
	before := actual.Size()
	r.Before, r.After = &before, &before
	err = p.carryOut(ctx, e, actual, r)
	r.Requests = p.Requests()
	r.Duration = p.Now().Sub(start).Milliseconds()
	return r, err
}

func (p *Push) carryOut(ctx context.Context, e errand, actual *Actual, r *Report) error {
	if err := e.check(actual, r); err != nil {
		r.Refused = strings.Split(err.Error(), "\n")
		return err
	}
	if p.DryRun {
		planned := r.Plan.SizeAfter(actual)
		r.After = &planned
		return nil
	}
	a := newApplier(p, actual, r.Plan)
	if r.Plan.Empty() {
		e.remember(actual, a, r, true)
		return nil
	}
	if err := p.snapshot(actual, r); err != nil {
		return err
	}
	r.After = nil // until Sentry is read again
	fatal := a.apply(ctx, r.Plan)
	r.Applied, r.Failed = a.applied, a.sortedFailures()
	if fatal == nil {
		fatal = p.verify(ctx, e, r)
	}
	err := r.outcome(fatal)
	e.remember(actual, a, r, err == nil)
	return err
}

func (p *Push) read(ctx context.Context, stage string) (*Actual, error) {
	client := p.Client.Watched(func(list string, read, total int) { p.tell(stage+list, read, total) })
	users, err := client.Users(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := client.Groups(ctx)
	if err != nil {
		return nil, err
	}
	return &Actual{Users: users, Groups: groups}, nil
}

func (p *Push) snapshot(actual *Actual, r *Report) error {
	if len(r.Plan.UsersRemove)+len(r.Plan.TeamsDelete) == 0 {
		return nil
	}
	path, err := p.SaveSnapshot(actual)
	if err != nil {
		return fault.Hint(err, "nothing was written to Sentry; name a folder with --snapshot-dir")
	}
	r.Snapshot = path
	if path != "" {
		p.Say("Sentry as it was is saved in %s", path)
	}
	return nil
}

// verify reads Sentry again: what a new plan would still do was not done.
// Changes that are known to have failed are not told twice.
func (p *Push) verify(ctx context.Context, e errand, r *Report) error {
	p.Say("reading Sentry again to verify")
	actual, err := p.read(ctx, stageVerify)
	if err != nil {
		return errors.Join(errors.New("the changes were sent, but Sentry could not be read again to verify them"), err)
	}
	after := actual.Size()
	r.After = &after
	rest, _ := e.plan(actual)
	r.Verified = rest.Empty()
	if len(r.Failed) == 0 {
		r.Unverified = rest.Lines()
	}
	return nil
}
