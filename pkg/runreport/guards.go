package runreport

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/junit"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// guard is what one guard saw, to be shown. Limit and Seen are numbers in words.
type guard struct {
	Name, State, Limit, Seen, Says string
}

func (r *Run) guards() []guard {
	rows := make([]guard, 0, len(r.Guards))
	for _, v := range r.Guards {
		rows = append(rows, guard{Name: v.Guard, State: state(v), Limit: limit(v), Seen: seen(v), Says: clean(v.Says)})
	}
	return rows
}

// state is whether a guard was on, in a word.
func state(v plan.Verdict) string {
	switch {
	case v.Refused:
		return "refused"
	case !v.On:
		return "off"
	case v.Looser:
		return "on, looser than its default"
	}
	return "on"
}

// limit is the number that a guard allows, and how it is set. A guard that is a
// switch has none.
func limit(v plan.Verdict) string {
	allowed := strconv.Itoa(v.Allowed)
	if !v.On || v.Limit == "" || v.Limit == allowed {
		return v.Limit
	}
	return allowed + " (" + v.Limit + ")"
}

// seen is the number that a guard saw, and of how many.
func seen(v plan.Verdict) string {
	if v.Of == 0 {
		return strconv.Itoa(v.Seen)
	}
	return fmt.Sprintf("%d of %d", v.Seen, v.Of)
}

// guardCases are a case for all guards together, which also has the refusals
// that no single guard speaks of, and one for each guard.
func (r *Run) guardCases(p *page) []junit.Case {
	all := junit.Case{Name: "guards"}
	switch {
	case r.outcome() == refused:
		all.Failure = junit.NewTrouble(string(refused), p.Errors, p.Hints)
	case r.Before == nil:
		all.Skipped = &junit.Skip{Message: endedBefore}
	}
	cases := []junit.Case{all}
	for _, name := range plan.GuardNames() {
		cases = append(cases, r.guardCase(name))
	}
	return cases
}

func (r *Run) guardCase(name string) junit.Case {
	c := junit.Case{Name: "guard " + name}
	at := slices.IndexFunc(r.Guards, func(v plan.Verdict) bool { return v.Guard == name })
	switch {
	case at < 0 && r.Kind == output.KindRestore:
		c.Skipped = &junit.Skip{Message: "a restore asks no guard"}
	case at < 0:
		c.Skipped = &junit.Skip{Message: endedBefore}
	case r.Guards[at].Refused:
		c.Failure = junit.NewTrouble(string(refused), []string{clean(r.Guards[at].Says)}, []string{"if it is meant, override it with " + r.Guards[at].Override})
	case !r.Guards[at].On:
		c.Skipped = &junit.Skip{Message: "off: " + clean(r.Guards[at].Says)}
	}
	return c
}
