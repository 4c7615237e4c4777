package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/schedule"
)

func newSchedule(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use:   "schedule",
		Short: "Write a job that pushes every night and checks every week",
		Long: `Write a complete job with your settings: 'scim push' every night, 'saml cert
check' and 'doctor' every week. It keeps the state directory, runs one at a time,
asks for no more permissions than it needs, and says what each exit code means.
Secrets are references: no token is read or written here.`,
	},
		newScheduleOn(a, schedule.GitHub, "Write a workflow for GitHub Actions",
			"The state is kept as a cache; snapshots and reports are artifacts."),
		newScheduleOn(a, schedule.GitLab, "Write a pipeline for GitLab CI",
			"The state is kept as a cache; snapshots and reports are artifacts. The times are\nnot part of a pipeline: the comment at the top has the two schedules to add."),
		newScheduleOn(a, schedule.Kubernetes, "Write CronJobs for Kubernetes",
			"Two CronJobs, with the settings, a volume for the state, a service account that\nmay do nothing, and a network policy."),
		newScheduleOn(a, schedule.Systemd, "Write services and timers for systemd",
			"A service and a timer for each command, with the settings, and a unit that is\nstarted when one fails. Tokens are credentials of the services."),
		newScheduleOn(a, schedule.Cron, "Write a crontab and the script that it runs",
			"A script, its settings and the lines of a crontab. Tokens are files of mode 0600\nbeside the script. It prints nothing unless something is wrong."),
	)
}

type scheduleOptions struct {
	*app

	platform schedule.Platform
	timezone string
	at       string
	indexed  int
	outDir   string
	force    bool
}

func newScheduleOn(a *app, platform schedule.Platform, short, about string) *cobra.Command {
	o := &scheduleOptions{app: a, platform: platform}
	cmd := &cobra.Command{
		Use:   string(platform),
		Short: short,
		Long: about + `

The times follow from the name of the organization, so that not all jobs start in
the same minute. --at and --timezone choose others. With --out-dir, the files are
written below a folder, each under its path.`,
		Example: fmt.Sprintf(`  sentryidp schedule %[1]s --org acme --authentik-url https://authentik.example.com
  sentryidp schedule %[1]s --timezone Europe/Berlin --at 03:17 --out-dir .`, platform),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "scim.source", "scim.file", "scim.scope", "scim.groups", "scim.remove",
		"authentik.url", "authentik.application", "insecure_http")
	flags := cmd.Flags()
	flags.StringVar(&o.timezone, "timezone", "UTC", "`name` of the timezone of the times, as in the IANA database")
	flags.StringVar(&o.at, "at", "", "`time` of the push, such as 03:17 (default: it follows from the organization)")
	flags.StringVar(&o.outDir, "out-dir", "", "write the files below this `folder`")
	flags.BoolVar(&o.force, "force", false, "replace files of --out-dir")
	must(cmd.MarkFlagDirname("out-dir"))
	if platform == schedule.Kubernetes {
		flags.IntVar(&o.indexed, "indexed", 0, "`number` of pods that share the profiles of the configuration; 0: one pod, for one organization")
	}
	return cmd
}

func (o *scheduleOptions) run(cmd *cobra.Command) error {
	switch {
	case o.sandbox != noSandbox:
		return fault.Hint(fault.Usagef("a job cannot use --sandbox, which ends with this command"), "name your Sentry and authentik")
	case o.force && o.outDir == "":
		return fault.Hint(fault.Usagef("--force replaces files of --out-dir, and there is no --out-dir"), "add --out-dir FOLDER")
	}
	settings, err := o.jobSettings(cmd)
	if err != nil {
		return err
	}
	files, err := schedule.Files(o.platform, settings)
	if err != nil {
		return err
	}
	if settings.Release() == schedule.Placeholder {
		o.term.Warn("this build is not a release (%s): replace %s in the job by a release", settings.Version, schedule.Placeholder)
	}
	o.tellUnsteady(settings)
	if err := o.write(files); err != nil {
		return err
	}
	return o.show(scheduleDocumentOf(o, settings, files))
}

// tellUnsteady names a night in which the push is left out, or runs twice.
func (o *scheduleOptions) tellUnsteady(s schedule.Settings) {
	if day, is := s.Unsteady(s.Nightly(), o.now()); is {
		o.term.Note("on %s the clocks of %s change, and the time of the push, %02d:%02d, is not there once: choose another with --at", day.Format(time.DateOnly), s.Zone(), s.Nightly().Hour, s.Nightly().Minute)
	}
}

// jobSettings are those of the profile of this run, or of all profiles.
func (o *scheduleOptions) jobSettings(cmd *cobra.Command) (schedule.Settings, error) {
	if cmd.Flags().Changed("indexed") {
		return o.scheduledProfiles(cmd)
	}
	loaded, err := o.settings(cmd, integrationAddresses()...)
	if err != nil {
		return schedule.Settings{}, err
	}
	return o.scheduled(loaded)
}

// write puts the files below the folder of --out-dir. None is written where one
// of them exists and may not be replaced, which a folder never may.
func (o *scheduleOptions) write(files []schedule.File) error {
	if o.outDir == "" {
		return nil
	}
	for _, f := range files {
		path := filepath.Join(o.outDir, filepath.FromSlash(f.Path))
		switch info, err := os.Lstat(path); {
		case err == nil && info.IsDir():
			return fault.Hint(fault.New(fault.Failed, "expected the name of a file but found the folder %s; nothing was written", path), "name another folder with --out-dir")
		case err == nil && !o.force:
			return fault.Hint(fault.New(fault.Failed, "%s exists and is not replaced; nothing was written", path), "add --force to replace it")
		}
	}
	for _, f := range files {
		path := filepath.Join(o.outDir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a repository, or /etc/systemd/system
			return err
		}
		if err := atomicfile.Write(path, []byte(f.Content), f.Mode, atomicfile.Replace(o.force)); err != nil {
			return err
		}
	}
	return nil
}
