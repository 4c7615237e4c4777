package cmd

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/runreport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// showInActions writes a result for the runner of GitHub Actions, which looks
// for commands in it. JSON stays the same data.
func (a *app) showInActions(doc report.Document) error {
	var out bytes.Buffer
	if err := report.Write(&out, a.term.OutStyles(), a.format, doc); err != nil {
		return err
	}
	text := out.String()
	if a.format == report.Text {
		text = ui.Harmless(text)
	}
	if a.format == report.JSON {
		text = strings.ReplaceAll(text, "##[", `#\u0023[`)
	}
	_, err := a.term.Out.Write([]byte(text))
	return err
}

// maxSummary is what GitHub allows a step's summary to have, in bytes
// (actions/runner, Runner.Worker/FileCommandManager.cs).
const maxSummary = 1 << 20

// summarize appends the report to the summary of a GitHub Actions job, where
// there is one.
func (a *app) summarize(run *runreport.Run) (err error) {
	path := a.getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	text := runreport.Cut(append([]byte("\n"), run.Markdown()...), max(0, maxSummary-int(info.Size())))
	if len(text) == 0 {
		return &fs.PathError{Op: "append", Path: path, Err: errors.New("it is full")}
	}
	_, err = file.Write(text)
	return err
}
