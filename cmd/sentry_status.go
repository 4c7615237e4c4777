package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

type sentryStatusOptions struct {
	*app

	file     string
	warnDays int
}

func newSentryStatus(a *app) *cobra.Command {
	o := &sentryStatusOptions{app: a}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Read what the script of 'sentry script' reported",
		Long: `Read the report of a run of the script and say what a self-hosted Sentry has as SSO
provider, what the action changed, and what is wrong, each with its fix. The file
is the standard output of the run, whatever else stands in it: the last line that
begins with SENTRYIDP counts. Nothing is asked for, and no secret is in it.

Exit code 3 when something is wrong.`,
		Example: `  docker compose exec -T web sentry exec - status < sentry.py > out.json
  sentryidp sentry status --file out.json
  docker compose exec -T web sentry exec - status < sentry.py | sentryidp sentry status --file - -o json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.file, "file", "", "`file` with the standard output of the script, - for standard input")
	flags.IntVar(&o.warnDays, "warn-days", 30, "find certificates that end within this `number` of days")
	completeFile(cmd, "file", "json", "txt", "log")
	return cmd
}

func (o *sentryStatusOptions) run(cmd *cobra.Command) error {
	if err := checkWarnDays(o.warnDays); err != nil {
		return err
	}
	if err := missing("'sentryidp sentry script' writes the script that reports", need{o.file == "", "--file"}); err != nil {
		return err
	}
	r, err := parsed(cmd.Context(), o.app, source{o.file, filekind.ScriptReport, sentryexec.MaxBytes}, sentryexec.Parse)
	if err != nil {
		return err
	}
	judgement := sentryexec.Judge(r, o.now(), o.warnDays)
	if err := o.show(judgement); err != nil {
		return err
	}
	if len(judgement.Problems) > 0 {
		return fault.Quiet(fault.Findings)
	}
	return nil
}
