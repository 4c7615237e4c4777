package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

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

func (f reportFile) check(source string) error {
	switch info, err := os.Stat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("write the report: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("write the report: %s is no regular file", f.path)
	default:
		if input, err := os.Stat(source); err == nil && os.SameFile(info, input) {
			return fault.Usagef("the report %s would replace the file of people and groups", f.path)
		}
	}
	staged, err := atomicfile.Stage(f.path, nil, 0o600)
	if err != nil {
		return err
	}
	staged.Discard()
	return nil
}

// keep writes what became of a push to all who are to know beside the terminal:
// the files of --report and the summary of a GitHub Actions job. It returns the
// error that the program ends with: a report that is missing is a failure where
// there is no other. ctx tells whether the run was interrupted.
func (o *scimPushOptions) keep(ctx context.Context, report *output.Report, began time.Time, err error) error {
	run := runreport.New(report, interrupted(ctx, err), began, version.Read(o.release).Version)
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

// unread is the report of a push that ended before Sentry was read, or nil where
// it is not known which organization was meant.
func (o *scimPushOptions) unread(loaded *config.Loaded) *output.Report {
	base, _, baseErr := sentry.ParseBase(loaded.Config.Sentry.URL)
	slug, slugErr := sentry.ParseSlug(loaded.Config.Sentry.Org)
	if baseErr != nil || slugErr != nil {
		return nil
	}
	source := loaded.Config.SCIM.File
	if loaded.Config.SCIM.Source == config.SourceAuthentik {
		source = "authentik at " + loaded.Config.Authentik.URL
	}
	report := output.NewReport(base.String(), string(slug), source)
	report.DryRun, report.Notes = o.dryRun, append(report.Notes, loaded.Loosened()...)
	return report
}
