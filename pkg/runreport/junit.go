package runreport

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// The elements of JUnit's XML that both of its schemas in use know: that of
// Ant's task (JUnit.xsd) and that of Jenkins' plug-in (junit-10.xsd).
type testSuites struct {
	XMLName xml.Name  `xml:"testsuites"`
	Suite   testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name       string     `xml:"name,attr"`
	Package    string     `xml:"package,attr"`
	ID         int        `xml:"id,attr"`
	Timestamp  string     `xml:"timestamp,attr"`
	Hostname   string     `xml:"hostname,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testCase `xml:"testcase"`
	Out        string     `xml:"system-out"`
	Err        string     `xml:"system-err"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testCase struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Time    string   `xml:"time,attr"`
	Skipped *skip    `xml:"skipped"`
	Error   *trouble `xml:"error"`
	Failure *trouble `xml:"failure"`
}

// endedBefore is why a case has no verdict where a run ended early.
const endedBefore = "the run ended before"

type skip struct {
	Message string `xml:"message,attr"`
}

type trouble struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// junit is the run as one suite, whose cases are the same in every run, so that
// a build server can show their history: the run itself, the guards, together and
// one by one, each kind of change, and the verification.
func (r *Run) junit() ([]byte, error) {
	p := r.page()
	took := strconv.FormatFloat(float64(r.Duration)/1000, 'f', 3, 64)
	suite := testSuite{
		Name: p.Title, Package: "sentryidp.scim." + r.Kind, Timestamp: r.StartedAt.Format("2006-01-02T15:04:05"), Hostname: "localhost",
		Time: took, Out: p.Headline,
	}
	for _, f := range p.Facts {
		suite.Properties = append(suite.Properties, property(f))
	}
	suite.add(r.runCase(p, took))
	for _, c := range r.guardCases(p) {
		suite.add(c)
	}
	for _, g := range r.groups() {
		suite.add(r.groupCase(g))
	}
	suite.add(r.verifyCase(p))
	out, err := xml.MarshalIndent(testSuites{Suite: suite}, "", "  ")
	return append(append([]byte(xml.Header), out...), '\n'), err
}

func (s *testSuite) add(c testCase) {
	c.Class = s.Package
	if c.Time == "" {
		c.Time = "0.000"
	}
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// runCase is an error when something ended the run that no other case tells.
func (r *Run) runCase(p *page, took string) testCase {
	c := testCase{Name: "run", Time: took}
	if r.Error != "" && r.outcome() != refused {
		c.Error = newTrouble(string(r.outcome()), p.Errors, p.Hints)
	}
	return c
}

func (r *Run) groupCase(g group) testCase {
	c := testCase{Name: strings.ToLower(g.Title)}
	switch {
	case len(g.Failed) > 0:
		c.Failure = groupTrouble(g)
	case g.Done < g.Count && r.outcome() == dryRun:
		c.Skipped = &skip{Message: fmt.Sprintf("dry run: %d planned", g.Count)}
	case g.Done < g.Count:
		c.Skipped = &skip{Message: fmt.Sprintf("%d of %d made", g.Done, g.Count)}
	case r.Before == nil:
		c.Skipped = &skip{Message: endedBefore}
	}
	return c
}

// groupTrouble are the failures of a kind, each with its hints. Its type says
// whether any of them is known to have failed.
func groupTrouble(g group) *trouble {
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
	return newTrouble(kind, lines, nil)
}

func (r *Run) verifyCase(p *page) testCase {
	c := testCase{Name: "verification"}
	switch {
	case r.Verified:
	case len(p.Missing) > 0:
		c.Failure = newTrouble("Not verified", p.Missing, nil)
	case r.After == nil || r.DryRun || r.outcome() == refused:
		c.Skipped = &skip{Message: "Sentry was not read again"}
	default:
		c.Failure = newTrouble("Not verified", []string{"Sentry does not hold what was planned"}, nil)
	}
	return c
}

func newTrouble(kind string, lines, hints []string) *trouble {
	t := &trouble{Type: kind, Message: kind, Text: strings.Join(lines, "\n")}
	if len(lines) > 0 {
		t.Message = lines[0]
	}
	for _, hint := range hints {
		t.Text += "\nhint: " + hint
	}
	return t
}
