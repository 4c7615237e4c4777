package provision

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Limit is the greatest number of removals a run may make: a count, or a
// percentage of the members there are.
type Limit struct {
	Count   int
	Percent float64
}

// ParseLimit reads "10%" or "25".
func ParseLimit(text string) (Limit, error) {
	if number, ok := strings.CutSuffix(text, "%"); ok {
		percent, err := strconv.ParseFloat(number, 64)
		if err != nil || !(percent >= 0 && percent <= 100) { // NaN is neither
			return Limit{}, fault.Usagef("want a percentage from 0%% to 100%%, found %q", text)
		}
		return Limit{Count: -1, Percent: percent}, nil
	}
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 {
		return Limit{}, fault.Usagef(`want a number of people or a percentage such as "10%%", found %q`, text)
	}
	return Limit{Count: count}, nil
}

// Guard bounds what a plan may do. Floor is the number of removals that is
// always allowed under a percentage, so that small organizations are not stuck.
type Guard struct {
	MaxRemovals Limit
	Floor       int
	AllowEmpty  bool
}

// Check refuses (fault.Refused) a plan that goes beyond the guard. All
// objections are reported at once, each with the setting that lifts it.
func (g Guard) Check(want *Desired, actual *Actual, plan *Plan) error {
	return errors.Join(g.empty(want), g.removals(actual, plan))
}

func (g Guard) empty(want *Desired) error {
	if g.AllowEmpty || len(want.People) > 0 {
		return nil
	}
	err := fault.New(fault.Refused, "the directory has nobody to provision (%d skipped), so nothing was written", len(want.Skipped))
	return fault.Hint(err, "a source that is empty by mistake would empty Sentry; if it is meant, pass --allow-empty")
}

func (g Guard) removals(actual *Actual, plan *Plan) error {
	allowed := g.MaxRemovals.Count
	if allowed < 0 {
		allowed = max(g.Floor, int(g.MaxRemovals.Percent*float64(len(actual.Users))/100))
	}
	removals := len(plan.UsersRemove)
	if removals <= allowed {
		return nil
	}
	err := fault.New(fault.Refused, "the plan removes %d of %d members of Sentry, more than the %d that scim.guard.max_removals (%s) allows, so nothing was written",
		removals, len(actual.Users), allowed, g.MaxRemovals)
	return fault.Hint(err, "see them with --dry-run; if they are meant, pass --max-removals %d", removals)
}

// String returns the limit as it is written in the configuration.
func (l Limit) String() string {
	if l.Count >= 0 {
		return strconv.Itoa(l.Count)
	}
	return fmt.Sprintf("%g%%", l.Percent)
}
