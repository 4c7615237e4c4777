package doctor

import (
	"github.com/sentryidp/sentryidp/pkg/junit"
)

// JUnit returns the report as one suite, with a case for each check, so that the
// cases are the same in every examination of the same checks. A warning passes,
// with its text on the standard output of the suite.
func (r *Report) JUnit() ([]byte, error) {
	suite := junit.Suite{Name: "sentryidp doctor", Package: "sentryidp.doctor", Hostname: "localhost", Time: "0.000", Timestamp: r.StartedAt.Format("2006-01-02T15:04:05"), Out: r.Headline}
	for i := 0; i < len(r.Results); {
		end := i + 1
		for end < len(r.Results) && r.Results[end].Check == r.Results[i].Check {
			end++
		}
		suite.Add(r.caseOf(r.Results[i:end], &suite))
		i = end
	}
	return suite.Render()
}

// caseOf is the case of a check. What another check explains is skipped.
func (r *Report) caseOf(results []Result, suite *junit.Suite) junit.Case {
	c := junit.Case{Name: results[0].Check}
	var lines, hints []string
	for _, result := range results {
		switch {
		case result.Cause != "":
			c.Skipped = &junit.Skip{Message: "explained by " + result.Cause + ": " + result.Saw + result.Why}
		case result.Verdict == Failed:
			lines = append(lines, result.Code+": "+result.Saw+"; wanted: "+result.Wanted)
			hints = append(hints, result.Fix)
		case result.Verdict == Warning:
			suite.Out += "\nwarning: " + result.Code + ": " + result.Saw + "; fix: " + result.Fix
		case result.Verdict == Unchecked:
			c.Skipped = &junit.Skip{Message: result.Why}
		}
	}
	if len(lines) > 0 {
		c.Failure, c.Skipped = junit.NewTrouble(string(Failed), lines, hints), nil
	}
	return c
}
