// Package provision runs a push, a restore or a comparison: it reads Sentry, has
// a plan made and judged, has it applied, verifies, remembers and reports. The
// stages are the packages below it. It does not know where people come from or
// how SCIM is spoken.
package provision

import (
	"context"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/access"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Push is one run: read Sentry, plan, check, apply, verify, report.
type Push struct {
	Client    *scim.Client
	Teams     *access.Teams // for roles in teams and projects; it is asked where the plan needs it
	SentryURL string
	Org       string
	Source    string   // where the people come from, as the report names it
	Notes     []string // about the settings, for the report

	Policy plan.Policy
	Guards plan.Guards
	// Record is what earlier pushes left behind, or nil to remember nothing;
	// SaveRecord keeps it for the next one.
	Record     *memory.Record
	SaveRecord func(*memory.Record) error
	// NoState says why there is no state directory, and with it no Record and no
	// lock; Unread says why the Record that was kept could not be read. Both are
	// empty where all is well.
	NoState, Unread string

	DryRun  bool
	Workers int // writes under way at once
	Now     func() time.Time
	Began   time.Time // when the run began to read the directory; zero: with Run

	// SaveSnapshot keeps Sentry's side as read before anything is taken away and
	// returns where; an empty path says that there is nothing to keep. A failure
	// stops the run with nothing written.
	SaveSnapshot func(*plan.Actual) (path string, err error)
	// CheckSnapshot finds out in a dry run whether SaveSnapshot could keep
	// anything. It may be nil.
	CheckSnapshot func() error
	// Confirm is shown the report of a plan that is not empty and that no guard
	// refuses, before anything is written; an error of it ends the run. It may be
	// nil.
	Confirm func(*output.Report) error
	// Requests tells what has been sent so far.
	Requests func() output.Requests
	// Say takes a note about what happens next.
	Say func(format string, args ...any)
	// Progress is told after each step how many of the steps of a stage are done.
	// It is called from several goroutines, so that done may come out of order. It
	// may be nil.
	Progress func(stage string, done, total int)
}

// Run pushes want into Sentry. The report is nil when Sentry could not be read
// whole: then nothing was written. An error that is fault.IsQuiet has been told
// by the report.
func (p *Push) Run(ctx context.Context, want *desired.State) (*output.Report, error) {
	return p.run(ctx, &pushing{push: p, want: want})
}

// Status reads Sentry and compares. Its error is fault.Findings (quiet) where a
// push would change something.
func (p *Push) Status(ctx context.Context, want *desired.State) (*output.Status, error) {
	actual, err := p.read(ctx, stageRead)
	if err != nil {
		return nil, err
	}
	job := &pushing{push: p, want: want}
	compared, err := job.plan(ctx, actual)
	if err != nil {
		return nil, err
	}
	s := output.NewStatus(p.SentryURL, p.Org, p.Source, want, actual, compared)
	s.Notes = slices.Insert(s.Notes, 0, p.Notes...)
	s.Requests = p.Requests()
	if s.Drift {
		return s, fault.Quiet(fault.Findings)
	}
	return s, nil
}

// pushing is the job of a push: what the directory says.
type pushing struct {
	push  *Push
	want  *desired.State
	known *memory.Known  // what Sentry's lists do not show, once it was asked
	begun *memory.Record // what was kept before the first write; nil: nothing
}

func (j *pushing) kind() string { return output.KindPush }

func (j *pushing) aim() string {
	return "the directory " + phrase.Count(len(j.want.People), "person", "people") + " and " + phrase.Count(len(j.want.Teams), "group", "groups")
}

// plan compares twice where the first plan depends on what lists do not show.
func (j *pushing) plan(ctx context.Context, actual *plan.Actual) (*plan.Comparison, error) {
	p := j.push
	if j.known == nil {
		known := p.facts(j.want, actual)
		j.known = &known
		questions := plan.Compare(j.want, actual, p.Policy, p.Record, known).Questions(p.Record, known)
		if err := p.ask(ctx, questions, &known); err != nil {
			return nil, err
		}
	}
	return p.whole(ctx, actual, func() *plan.Comparison { return plan.Compare(j.want, actual, p.Policy, p.Record, *j.known) })
}

func (j *pushing) learn(known memory.Known) { j.known.Add(known) }

func (j *pushing) judge(actual *plan.Actual, c *plan.Comparison) plan.Verdicts {
	return j.push.Guards.Judge(j.caseOf(actual, c))
}

func (j *pushing) caseOf(actual *plan.Actual, c *plan.Comparison) plan.Case {
	return plan.Case{Want: j.want, Actual: actual, Plan: c, Record: j.push.Record, Now: j.push.Now()}
}

func (j *pushing) check() error { return nil }

func (j *pushing) tell(r *output.Report, c *plan.Comparison) {
	r.Skipped = desired.Sort(slices.Concat(j.want.Skipped, c.Skipped))
	r.Notes = append(append([]string{}, j.want.Notes...), c.Notes...)
	if note := j.push.forgetful(r.Before.Members); note != "" {
		r.Notes = append(r.Notes, note)
	}
}
