package provision

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// The stages of reading, as Push.Progress names them, with the name of the list
// behind them: "reading members".
const (
	stageRead   = "reading "
	stageVerify = "verifying "
)

// job is what a run is for: to push a directory, or to restore a snapshot.
type job interface {
	kind() string
	aim() string // what Sentry is compared with, and how much that is
	plan(ctx context.Context, actual *plan.Actual) (*plan.Comparison, error)
	judge(actual *plan.Actual, c *plan.Comparison) plan.Verdicts
	check() error // refuses what no guard judges, before anything is written
	tell(r *output.Report, c *plan.Comparison)
	learn(known memory.Known)
	begin(run *running) // the first write is next
	giving(run *running, g apply.Giving)
	remember(run *running)
}

// running is one run of a job.
type running struct {
	*Push

	job      job
	actual   *plan.Actual
	compared *plan.Comparison
	verdicts plan.Verdicts
	outcome  *apply.Outcome
	after    *plan.Actual // Sentry as it was read again, nil: it was not
	report   *output.Report
}

func (p *Push) run(ctx context.Context, j job) (*output.Report, error) {
	began := p.Began
	if began.IsZero() {
		began = p.Now()
	}
	actual, err := p.read(ctx, stageRead)
	if err != nil {
		return nil, err
	}
	p.Say("Sentry has %s and %s, %s", phrase.Count(len(actual.Users), "member", "members"), phrase.Count(len(actual.Groups), "team", "teams"), j.aim())
	p.Record = p.Record.Settled(held(actual))
	compared, err := j.plan(ctx, actual)
	if err != nil {
		return nil, err
	}
	p.Record = p.Record.Repeated(compared.Begun())
	r := output.NewReport(p.SentryURL, p.Org, p.Source)
	r.Kind, r.DryRun, r.Plan, r.Verified = j.kind(), p.DryRun, compared.Plan, compared.Empty()
	before := actual.Size()
	r.Before, r.After = &before, &before
	j.tell(r, compared)
	r.Notes = slices.Insert(r.Notes, 0, p.Notes...)
	run := &running{Push: p, job: j, actual: actual, compared: compared, verdicts: j.judge(actual, compared), report: r}
	r.Guards = run.verdicts
	j.learn(p.refusals())
	r.Reading = p.Now().Sub(began).Milliseconds()
	err = run.carryOut(ctx)
	r.Requests = p.Requests()
	r.Duration = p.Now().Sub(began).Milliseconds()
	return r, err
}

func (run *running) carryOut(ctx context.Context) error {
	r := run.report
	err := run.verdicts.Err()
	if err == nil {
		err = run.job.check()
	}
	if err == nil && run.Confirm != nil && !run.DryRun && !r.Plan.Empty() {
		err = run.Confirm(r)
	}
	if err != nil {
		if fault.CodeOf(err) == fault.Refused {
			r.Refused = strings.Split(fault.Text(err), "\n")
		}
		return err
	}
	if run.DryRun {
		planned := r.Plan.SizeAfter(run.actual)
		r.After = &planned
		return run.checkSnapshot()
	}
	run.outcome = &apply.Outcome{Taken: plan.New()}
	if r.Plan.Empty() {
		run.job.remember(run)
		return nil
	}
	run.seats()
	if err = run.snapshot(); err != nil {
		return err
	}
	run.job.begin(run)
	r.After = nil // until Sentry is read again
	err = run.apply(ctx)
	run.job.remember(run)
	return err
}

// seats says before writing how many seats the plan takes.
func (run *running) seats() {
	invited, removed := len(run.compared.UsersCreate), len(run.compared.UsersRemove)
	if invited+removed == 0 {
		return
	}
	run.Say("seats: %d now, %d after: %d removed, %d invited", len(run.actual.Users), len(run.actual.Users)+invited-removed, removed, invited)
}

func (run *running) apply(ctx context.Context) error {
	r := run.report
	owned := run.compared.Owned()
	var fatal error
	run.outcome, fatal = apply.Run(ctx, apply.Options{
		Client: run.Client, Workers: run.Workers, Now: run.Now, Plan: run.compared.Plan, Actual: run.actual,
		Owned: func(id string) bool { return owned[id] }, Teams: run.Teams, AcceptSecond: run.Policy.AcceptSecond, Progress: run.tell,
		Giving: func(g apply.Giving) { run.job.giving(run, g) },
	})
	fatal = outOfTime(fatal)
	r.Applied, r.Failed = run.outcome.Applied, run.outcome.Failed
	run.job.learn(run.outcome.Known)
	run.job.learn(run.refusals())
	run.token()
	r.Skipped = append(r.Skipped, run.outcome.Skipped...)
	if fatal == nil {
		fatal = run.verify(ctx)
	}
	return r.Outcome(fatal)
}

// outOfTime is err, in words where the time limit ended the run.
func outOfTime(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Hint(errors.New("the time limit of --timeout ran out"), "run it again: what was applied stands")
}

// verify reads Sentry again: what a new plan would still do was not done.
// Changes that are known to have failed are not told twice.
func (run *running) verify(ctx context.Context) error {
	run.Say("reading Sentry again to verify")
	actual, err := run.read(ctx, stageVerify)
	if err != nil {
		return errors.Join(errors.New("the changes were sent, but Sentry could not be read again to verify them"), outOfTime(err))
	}
	actual.Keep(run.actual, run.compared.Plan)
	run.after = actual
	after := actual.Size()
	run.report.After = &after
	run.job.learn(run.waiting(actual))
	rest, err := run.job.plan(ctx, actual)
	if err != nil {
		return err
	}
	left := rest.Without(run.leftAlone())
	run.report.Verified = left.Empty()
	if len(run.report.Failed) == 0 {
		run.report.Unverified = left.Lines()
	}
	return nil
}

// leftAlone are the keys of people whom this run does not invite. Who had their
// address may be gone by now: then the next run invites them.
func (run *running) leftAlone() map[string]bool {
	keys := map[string]bool{}
	maps.Copy(keys, run.compared.LeftAlone())
	for key := range run.outcome.Known.Held {
		keys[key] = true
	}
	return keys
}

// waiting are the people whom Sentry answered with success and does not list:
// each has an invite or join request that nobody has approved
// (core/endpoints/scim/members.py).
func (run *running) waiting(actual *plan.Actual) memory.Known {
	known := memory.Known{}.Clone()
	listed := make(map[string]bool, len(actual.Users))
	for _, u := range actual.Users {
		listed[u.ID] = true
	}
	for key, id := range run.outcome.Invited {
		if !listed[id] {
			known.Waiting[key] = memory.Fact{IDs: []string{id}, At: run.Now().UTC()}
			run.report.Notes = append(run.report.Notes, key+" has an invite or join request in Sentry that nobody has approved, "+
				"and is no member until somebody does: see Settings > Members")
		}
	}
	return known
}

// read reads both lists of Sentry.
func (p *Push) read(ctx context.Context, stage string) (*plan.Actual, error) {
	client := p.Client.Watched(func(list string, read, total int) { p.tell(stage+list, read, total) })
	users, err := client.Users(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := client.Groups(ctx)
	if err != nil {
		return nil, err
	}
	return &plan.Actual{Users: users, Groups: groups}, nil
}

// snapshot keeps Sentry's side before anything is taken away.
func (run *running) snapshot() error {
	if !run.compared.TakesAway() {
		return nil
	}
	path, err := run.SaveSnapshot(run.actual)
	if err != nil {
		return hintSnapshot(err)
	}
	run.report.Snapshot = path
	if path != "" {
		run.Say("Sentry as it was is saved in %s", path)
	}
	return nil
}

// checkSnapshot finds in a dry run what would stop the run at its snapshot.
func (run *running) checkSnapshot() error {
	if run.CheckSnapshot == nil || !run.compared.TakesAway() {
		return nil
	}
	return hintSnapshot(run.CheckSnapshot())
}

func hintSnapshot(err error) error {
	return fault.Hint(err, "nothing was written to Sentry; name a folder with --snapshot-dir")
}

// tell is Progress, or nothing where nobody looks.
func (p *Push) tell(stage string, done, total int) {
	if p.Progress != nil {
		p.Progress(stage, done, total)
	}
}
