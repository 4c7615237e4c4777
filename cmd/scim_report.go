package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/runreport"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/version"
)

// reportFile is a value of --report.
type reportFile struct {
	path   string
	format runreport.Format
}

func reportFilesOf(paths []string) ([]reportFile, error) {
	files := make([]reportFile, 0, len(paths))
	for _, path := range paths {
		format, err := runreport.FormatOf(path)
		if err != nil {
			return nil, err
		}
		files = append(files, reportFile{path: path, format: format})
	}
	return files, nil
}

// checkReports finds out before anything is written to Sentry whether the
// reports of it can be kept.
func checkReports(files []reportFile, source string) error {
	for _, file := range files {
		if err := file.check(source); err != nil {
			return fault.Hint(err, "name a file in a folder that can be written to; nothing was read from or written to Sentry")
		}
	}
	return nil
}

func (f reportFile) check(source string) error { return checkOut("the report "+f.path, f.path, source) }

// checkOut finds out whether a file can be written, which must be none of the inputs
// of the run.
func checkOut(name, path string, inputs ...string) error {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("write the report: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("write the report: %s: expected a regular file, found %s", path, typeOf(info))
	case slices.ContainsFunc(inputs, func(input string) bool { return sameFile(path, input) }):
		return fault.Usagef("%s would replace the input of the run", name)
	}
	return atomicfile.Check(path)
}

func typeOf(info fs.FileInfo) string {
	if info.IsDir() {
		return "a folder"
	}
	return "a device or pipe"
}

// conclude tells what became of a run: the result, the files of --report and the
// summary of a GitHub Actions job. It returns the error that the program ends
// with. ctx tells whether the run was interrupted.
func (o *scimPushOptions) conclude(ctx context.Context, report *output.Report, err error) error {
	if err == nil && o.detailedExitcode && !report.Plan.Empty() {
		err = fault.Quiet(fault.Changes)
	}
	return o.end(report, o.keep(ctx, report, err))
}

// keep writes the report beside the terminal. A report that is missing is a
// failure where there is no other.
func (o *scimPushOptions) keep(ctx context.Context, report *output.Report, err error) error {
	run := runreport.New(report, interrupted(ctx, err), o.began, version.Read(o.release, o.builder).Version)
	kept := o.writeReports(run)
	if failed := o.summarize(run); failed != nil {
		o.term.Warn("the summary of the job was not written: %v", failed)
	}
	if fault.IsQuiet(err) && run.ExitCode != fault.Changes {
		o.term.Annotate(run.Headline())
	}
	if fine := run.ExitCode == fault.OK || run.ExitCode == fault.Changes; fine && !kept {
		return fault.Quiet(fault.Failed)
	}
	return err
}

// writeReports reports whether all files of --report were written. They hold
// e-mails, and so they are for their owner alone.
func (o *scimPushOptions) writeReports(run *runreport.Run) bool {
	kept := true
	for _, file := range o.files {
		data, err := run.Render(file.format)
		if err == nil {
			err = atomicfile.Write(file.path, data, 0o600, atomicfile.Overwrite)
		}
		if err != nil {
			o.term.Warn("a report is missing: %v", err)
			kept = false
		}
	}
	return kept
}

// unread keeps the report of a run that ended before Sentry was read, where it is
// known which organization was meant. There is no result to show.
func (o *scimPushOptions) unread(ctx context.Context, loaded *config.Loaded, kind, source string, err error) error {
	base, _, baseErr := sentry.ParseBase(loaded.Config.Sentry.URL)
	slug, slugErr := sentry.ParseSlug(loaded.Config.Sentry.Org)
	if baseErr != nil || slugErr != nil {
		return err
	}
	report := output.NewReport(base.String(), string(slug), source)
	report.Kind, report.DryRun, report.Notes = kind, o.dryRun, append(report.Notes, loaded.Loosened()...)
	report.Duration = o.now().Sub(o.began).Milliseconds()
	report.Reading = report.Duration
	return o.keep(ctx, report, err)
}

// sourceOf is where people come from, as a report names it.
func sourceOf(loaded *config.Loaded) string {
	if loaded.Config.SCIM.Source == config.SourceAuthentik {
		return "authentik at " + loaded.Config.Authentik.URL
	}
	return loaded.Config.SCIM.File
}
