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

// of returns the number that the limit allows of all things there are; floor
// is the least under a percentage.
func (l Limit) of(all, floor int) int {
	if l.Count >= 0 {
		return l.Count
	}
	return max(floor, int(l.Percent*float64(all)/100))
}

// String returns the limit as it is written in the configuration.
func (l Limit) String() string {
	if l.Count >= 0 {
		return strconv.Itoa(l.Count)
	}
	return fmt.Sprintf("%g%%", l.Percent)
}

// Guard bounds what a plan may do. The zero value allows no removal at all.
type Guard struct {
	MaxRemovals     Limit // of people
	MaxTeamRemovals Limit // of teams
	Floor           int   // removals that a percentage always allows, so that small organizations are not stuck

	AllowEmpty      bool // a directory without people
	AllowShrink     bool // a directory that lost more than half of its people
	AllowEmptyTeams bool // teams that nobody is left in

	// LastPeople is the number of active people (Desired.Active) of the last push
	// that succeeded; 0 is not known, and then nothing is compared.
	LastPeople int
}

// Check refuses (fault.Refused) a plan that goes beyond the guard. All
// objections are reported at once, one a line, each with what lifts it. Owners
// need no objection here: Compare never plans to remove or change one, and so
// never the last.
//
// There is no guard for the person through whom the token administers Sentry:
// the token of Sentry's SCIM API belongs to an internal integration
// (Sentry, models/authprovider.py, enable_scim), not to a person, and SCIM does not tell who
// may administer the integration. What SCIM shows, the owners, is kept.
func (g Guard) Check(want *Desired, actual *Actual, plan *Plan) error {
	return errors.Join(
		g.empty(want), g.shrunken(want), g.removals(actual, plan),
		g.teamRemovals(actual, plan), g.emptyTeams(want, plan), ambiguous(want, actual),
	)
}

func (g Guard) empty(want *Desired) error {
	if g.AllowEmpty || len(want.People) > 0 {
		return nil
	}
	err := fault.New(fault.Refused, "the directory has nobody to provision (%d skipped), so nothing was written", len(want.Skipped))
	return fault.Hint(err, "a source that is empty by mistake would empty Sentry; if it is meant, pass --allow-empty")
}

// shrunken objects to a source that was cut off: it would be read without an
// error. One that is empty has its own objection.
func (g Guard) shrunken(want *Desired) error {
	active := want.Active()
	if g.AllowShrink || len(want.People) == 0 || 2*active >= g.LastPeople {
		return nil
	}
	err := fault.New(fault.Refused, "the directory has %s, less than half of the %d of the last push, so nothing was written",
		count(active, "active person", "active people"), g.LastPeople)
	return fault.Hint(err, "a source that was cut off looks like this; if it is meant, pass --allow-shrink, once")
}

func (g Guard) removals(actual *Actual, plan *Plan) error {
	removals, allowed := len(plan.UsersRemove), g.MaxRemovals.of(len(actual.Users), g.Floor)
	if removals <= allowed {
		return nil
	}
	err := fault.New(fault.Refused, "the plan removes %d of %d members of Sentry, more than the %d that scim.guard.max_removals (%s) allows, so nothing was written",
		removals, len(actual.Users), allowed, g.MaxRemovals)
	return fault.Hint(err, "see them with --dry-run; if they are meant, pass --max-removals %d", removals)
}

// Active returns the number of people who are to be members of Sentry.
func (d *Desired) Active() int {
	n := 0
	for _, p := range d.People {
		if p.Active {
			n++
		}
	}
	return n
}
