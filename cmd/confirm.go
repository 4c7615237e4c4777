package cmd

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// patience is how long an answer may take before what was read is too old to be
// written on. A suspended machine counts.
const patience = 5 * time.Minute

// errLate says that the answer came after patience.
var errLate = errors.New("the answer came too late for what was read")

// asking puts the plans of a run to a person before they are written. It asks
// once a plan: one that was agreed to is not asked about again.
type asking struct {
	*app

	question string
	agreed   string // the plan that was agreed to too late
}

// asksPerson reports whether a run that reads the given inputs asks before it
// writes. Elsewhere it goes on, as scripts expect.
func (a *app) asksPerson(yes bool, inputs ...string) bool {
	return !yes && a.term.CanAsk() && !slices.Contains(inputs, "-")
}

// confirm shows a plan and asks whether it is meant. Its error is errLate where
// everything has to be read again first; untilFresh does that.
func (q *asking) confirm(ctx context.Context, render func(io.Writer, ui.Styles) error) error {
	var plan strings.Builder
	if err := render(&plan, ui.Plain()); err != nil {
		return err
	}
	switch q.agreed {
	case "":
	case plan.String():
		q.term.Note("the plan is still the same")
		return nil
	default:
		q.term.Note("the plan is another one now")
	}
	if err := render(q.term.Err, q.term.ErrStyles()); err != nil {
		return err
	}
	asked := q.now().Round(0) // without the monotonic clock, which stands still in a suspended machine
	yes, err := q.term.Confirm(ctx, q.question)
	switch {
	case errors.Is(err, ui.ErrNoTerminal):
		return fault.Hint(fault.WithCode(err, fault.Usage), "pass --yes")
	case err != nil:
		return err
	case !yes:
		return fault.New(fault.Failed, "not confirmed: nothing was written")
	case q.now().Round(0).Sub(asked) > patience:
		q.agreed = plan.String()
		return errLate
	}
	return nil
}

// untilFresh runs a run that asks, and again each time that an answer came too
// late. run is given the time at which it begins.
func untilFresh[T any](a *app, run func(began time.Time) (T, error)) (T, error) {
	for {
		report, err := run(a.now())
		if !errors.Is(err, errLate) {
			return report, err
		}
		a.term.Note("the answer took more than %d minutes: reading again first", int(patience.Minutes()))
	}
}
