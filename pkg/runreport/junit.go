package runreport

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/junit"
)

// endedBefore is why a case has no verdict where a run ended early.
const endedBefore = "the run ended before"

// junit is the run as one suite, whose cases are the same in every run, so that
// a build server can show their history: the run itself, the guards, together and
// one by one, each kind of change, and the verification.
func (r *Run) junit() ([]byte, error) {
	p := r.page()
	took := strconv.FormatFloat(float64(r.Duration)/1000, 'f', 3, 64)
	suite := junit.Suite{
		Name: p.Title, Package: "sentryidp.scim." + r.Kind, Timestamp: r.StartedAt.Format("2006-01-02T15:04:05"), Hostname: "localhost",
		Time: took, Out: p.Headline,
	}
	for _, f := range p.Facts {
		suite.Properties = append(suite.Properties, junit.Property(f))
	}
	suite.Add(r.runCase(p, took))
	for _, c := range r.guardCases(p) {
		suite.Add(c)
	}
	for _, g := range r.groups() {
		suite.Add(r.groupCase(g))
	}
	suite.Add(r.verifyCase(p))
	return suite.Render()
}

// runCase is an error when something ended the run that no other case tells.
func (r *Run) runCase(p *page, took string) junit.Case {
	c := junit.Case{Name: "run", Time: took}
	if r.Error != "" && r.outcome() != refused {
		c.Error = junit.NewTrouble(string(r.outcome()), p.Errors, p.Hints)
	}
	return c
}

func (r *Run) groupCase(g group) junit.Case {
	c := junit.Case{Name: strings.ToLower(g.Title)}
	switch {
	case len(g.Failed) > 0:
		c.Failure = groupTrouble(g)
	case g.Done < g.Count && r.outcome() == dryRun:
		c.Skipped = &junit.Skip{Message: fmt.Sprintf("dry run: %d planned", g.Count)}
	case g.Done < g.Count:
		c.Skipped = &junit.Skip{Message: fmt.Sprintf("%d of %d made", g.Done, g.Count)}
	case r.Before == nil:
		c.Skipped = &junit.Skip{Message: endedBefore}
	}
	return c
}

// groupTrouble are the failures of a kind, each with its hints. Its type says
// whether any of them is known to have failed.
func groupTrouble(g group) *junit.Trouble {
	var lines []string
	kind := "May have been done"
	for _, f := range g.Failed {
		line := clean(f.Sentence())
		if f.Uncertain {
			line = f.Label() + ": " + line
		} else {
			kind = string(failed)
		}
		lines = append(lines, line)
		for _, hint := range f.Hints {
			lines = append(lines, "hint: "+clean(hint))
		}
	}
	return junit.NewTrouble(kind, lines, nil)
}

func (r *Run) verifyCase(p *page) junit.Case {
	c := junit.Case{Name: "verification"}
	switch {
	case r.Verified:
	case len(p.Missing) > 0:
		c.Failure = junit.NewTrouble("Not verified", p.Missing, nil)
	case r.After == nil || r.DryRun || r.outcome() == refused:
		c.Skipped = &junit.Skip{Message: "Sentry was not read again"}
	default:
		c.Failure = junit.NewTrouble("Not verified", []string{"Sentry does not hold what was planned"}, nil)
	}
	return c
}
