package runreport

import (
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// outcome is what became of a run, in a word.
type outcome string

const (
	done        outcome = "Done"
	nothing     outcome = "Nothing to do"
	dryRun      outcome = "Dry run"
	refused     outcome = "Refused"
	incomplete  outcome = "Incomplete"
	interrupted outcome = "Interrupted"
	failed      outcome = "Failed"
)

func (r *Run) outcome() outcome {
	switch {
	case r.ExitCode == fault.Interrupted:
		return interrupted
	case r.ExitCode == fault.Refused:
		return refused
	case r.ExitCode == fault.Partial:
		return incomplete
	case r.ExitCode != fault.OK && r.ExitCode != fault.Changes:
		return failed
	case r.Plan.Empty():
		return nothing
	case r.DryRun:
		return dryRun
	}
	return done
}

// good reports whether nobody has to look after the run.
func (o outcome) good() bool { return o == done || o == nothing || o == dryRun }

// Headline says in a sentence what happened.
func (r *Run) Headline() string {
	o := r.outcome()
	text := string(o) + ": "
	switch {
	case o == nothing:
		return text + r.Reached()
	case o == dryRun:
		return text + r.Plan.Counts().Planned() + "; nothing was written"
	case o == done:
		return text + r.Done() + "; verified"
	case r.Applied.Total() == 0 && len(r.Failed) == 0:
		return text + "nothing was written to Sentry"
	}
	return text + r.Done() + fmt.Sprintf("; %d of %d changes made", r.Applied.Total(), r.Plan.Counts().Total())
}
