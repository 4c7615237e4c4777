// Package junit writes verdicts as JUnit XML, with the elements that both of its
// schemas in use know: that of Ant's task (JUnit.xsd) and that of Jenkins' plug-in
// (junit-10.xsd). Texts must be printable already.
package junit

import (
	"encoding/xml"
	"strings"
)

// Suite is one run. Its cases should be the same in every run, so that a build
// server can show their history.
type Suite struct {
	Name       string     `xml:"name,attr"`
	Package    string     `xml:"package,attr"`
	ID         int        `xml:"id,attr"`
	Timestamp  string     `xml:"timestamp,attr"`
	Hostname   string     `xml:"hostname,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Time       string     `xml:"time,attr"` // seconds
	Properties []Property `xml:"properties>property"`
	Cases      []Case     `xml:"testcase"`
	Out        string     `xml:"system-out"`
	Err        string     `xml:"system-err"`
}

// Property is a fact of the run.
type Property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// Case is one verdict: passed unless one of the last three is set.
type Case struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"` // set by Add
	Time    string   `xml:"time,attr"`      // seconds; "0.000" by default
	Skipped *Skip    `xml:"skipped"`
	Error   *Trouble `xml:"error"`
	Failure *Trouble `xml:"failure"`
}

// Skip says why a case has no verdict.
type Skip struct {
	Message string `xml:"message,attr"`
}

// Trouble says why a case did not pass.
type Trouble struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// NewTrouble returns a Trouble of lines, whose first is the message, and hints.
func NewTrouble(kind string, lines, hints []string) *Trouble {
	t := &Trouble{Type: kind, Message: kind, Text: strings.Join(lines, "\n")}
	if len(lines) > 0 {
		t.Message = lines[0]
	}
	for _, hint := range hints {
		t.Text += "\nhint: " + hint
	}
	return t
}

// Add puts a case into the suite, and counts it.
func (s *Suite) Add(c Case) {
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

// Render returns the document.
func (s Suite) Render() ([]byte, error) {
	document := struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   Suite    `xml:"testsuite"`
	}{Suite: s}
	out, err := xml.MarshalIndent(document, "", "  ")
	return append(append([]byte(xml.Header), out...), '\n'), err
}
