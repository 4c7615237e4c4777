// Package runreport writes the report of a push or a restore as a file that outlives the
// run: JSON for programs, Markdown for a job's summary, HTML for people who do
// not use the program, JUnit XML for build servers. What it shows of the outside
// is made harmless first; what happened is told by pkg/provision.
package runreport

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Run is a push or a restore that has ended, well or not. Its JSON has the keys of the
// report and those below, in one object.
type Run struct {
	*output.Report

	StartedAt time.Time  `json:"started_at"`
	Version   string     `json:"version"`   // of this program
	ExitCode  fault.Code `json:"exit_code"` // what the run ended with
	Error     string     `json:"error"`     // what ended it, empty where the report says all
	Hints     []string   `json:"hints"`
}

// New describes a run that ended with err, which may be nil. at is when it
// began.
func New(r *output.Report, err error, at time.Time, version string) *Run {
	run := &Run{Report: r, StartedAt: at.UTC().Truncate(time.Second), Version: version, ExitCode: fault.CodeOf(err), Hints: []string{}}
	if err != nil && !fault.IsQuiet(err) {
		run.Error = fault.Text(err)
		run.Hints = append(run.Hints, fault.Hints(err)...)
	}
	return run
}

// Format is the form of a report, named by the extension of its file.
type Format string

// The formats.
const (
	JSON     Format = ".json"
	Markdown Format = ".md"
	HTML     Format = ".html"
	JUnit    Format = ".xml"
)

// Formats lists the extensions of report files.
func Formats() []string {
	return []string{string(JSON), string(Markdown), string(HTML), string(JUnit)}
}

// FormatOf returns the format of a file by its extension, whatever its case.
// Another extension is a usage error.
func FormatOf(path string) (Format, error) {
	extension := strings.ToLower(filepath.Ext(path))
	if !slices.Contains(Formats(), extension) {
		err := fault.Usagef("the extension of a report must be one of %s, found %q", strings.Join(Formats(), ", "), path)
		return "", fault.Hint(err, "the extension is the format, .xml is JUnit: --report push.html")
	}
	return Format(extension), nil
}

// Render returns the report in a format. The same run gives the same bytes.
func (r *Run) Render(format Format) ([]byte, error) {
	switch format {
	case Markdown:
		return r.Markdown(), nil
	case HTML:
		return r.html()
	case JUnit:
		return r.junit()
	case JSON:
		var out bytes.Buffer
		err := report.Write(&out, ui.Plain(), report.JSON, r)
		return out.Bytes(), err
	}
	return nil, fault.Usagef("unknown format %q of a report", string(format))
}
