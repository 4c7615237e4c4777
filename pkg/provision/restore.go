package provision

import (
	"context"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
)

// Restoring bounds a restore.
type Restoring struct {
	// Roles gives members the roles of the snapshot too.
	Roles bool
	// FromOtherOrg accepts a snapshot of another organization or another Sentry.
	FromOtherOrg bool
}

// Restore puts back what a snapshot has and Sentry lacks: members, teams and
// their names, memberships, and with Roles the roles. Nobody is removed. Whoever
// was an owner cannot come back by SCIM, and is left out. What came back no longer
// counts as taken for the guards of later pushes. The report and errors are as
// those of Run.
func (p *Push) Restore(ctx context.Context, s *snapshot.Snapshot, bounds Restoring) (*output.Report, error) {
	elsewhere := s.SentryURL != p.SentryURL || s.Org != p.Org
	return p.run(ctx, &restore{push: p, snapshot: s.In(p.SentryURL, p.Org), elsewhere: elsewhere, bounds: bounds})
}

// restore is the job of a restore: what a snapshot holds.
type restore struct {
	push      *Push
	snapshot  *snapshot.Snapshot
	elsewhere bool // the snapshot is of another organization
	bounds    Restoring
	known     memory.Known // what Sentry told beside its lists
	bare      string       // why the projects of teams are not restored
	asked     bool         // whether the slugs of teams to rename were edited
}

func (j *restore) kind() string { return output.KindRestore }

func (j *restore) aim() string {
	return "the snapshot " + phrase.Count(len(j.snapshot.Members), "member", "members") + " and " + phrase.Count(len(j.snapshot.Teams), "team", "teams")
}

// plan compares twice where names come back: whether that resets a slug that was
// edited, lists do not show.
func (j *restore) plan(ctx context.Context, actual *plan.Actual) (*plan.Comparison, error) {
	missing, err := j.compare(ctx, actual)
	if err != nil || j.asked || len(missing.TeamsRename) == 0 {
		return missing, err
	}
	j.asked, j.known = true, j.known.Clone()
	questions := plan.Questions{Renames: map[string]string{}}
	for _, rename := range missing.TeamsRename {
		questions.Renames[rename.ID] = rename.From
	}
	if err := j.push.ask(ctx, questions, &j.known); err != nil {
		return nil, err
	}
	return j.compare(ctx, actual)
}

// compare goes without the projects of the snapshot where Sentry cannot be asked for
// them: all else can be put back.
func (j *restore) compare(ctx context.Context, actual *plan.Actual) (*plan.Comparison, error) {
	missing := func() *plan.Comparison { return j.snapshot.Missing(actual, j.bounds.Roles, j.known) }
	compared, err := j.push.whole(ctx, actual, missing)
	if fault.CodeOf(err) == fault.Credential && j.snapshot.HasProjects() {
		j.bare = fault.Text(err)
		j.snapshot = j.snapshot.WithoutProjects()
		return j.push.whole(ctx, actual, missing)
	}
	return compared, err
}

// judge asks no guard: a restore takes nothing away but what it was told to put back.
func (j *restore) judge(*plan.Actual, *plan.Comparison) plan.Verdicts { return plan.Verdicts{} }

func (j *restore) check() error {
	if !j.elsewhere || j.bounds.FromOtherOrg {
		return nil
	}
	err := fault.New(fault.Refused, "expected a snapshot of %s on %s, found one of %s on %s, so nothing was written",
		j.push.Org, j.push.SentryURL, j.snapshot.Org, j.snapshot.SentryURL)
	return fault.Hint(err, "if its people and teams are meant for this organization, pass --from-other-org")
}

func (j *restore) tell(r *output.Report, c *plan.Comparison) {
	r.Skipped, r.Notes = c.Skipped, c.Notes
	if j.bare != "" {
		r.Notes = append(r.Notes, "the projects of teams are not restored: "+j.bare)
	}
	if j.push.NoState != "" {
		r.Notes = append(r.Notes, "a second run at the same time is not refused, and this one is not remembered ("+j.push.NoState+")")
	}
}

func (j *restore) learn(known memory.Known) { j.known.Add(known) }

func (j *restore) begin(*running) {}

func (j *restore) giving(*running, apply.Giving) {}

func (j *restore) remember(run *running) {
	if j.push.Record == nil || run.after == nil || run.outcome.Applied.Total() == 0 || j.elsewhere {
		return
	}
	next := *j.push.Record
	next.GivenBack(j.snapshot.TakenAt, j.bounds.Roles, j.bare == "")
	j.push.save(&next, run)
}
