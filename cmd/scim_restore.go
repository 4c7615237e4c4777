package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

type scimRestoreOptions struct {
	*scimPushOptions

	roles        bool
	fromOtherOrg bool
}

func newScimRestore(a *app) *cobra.Command {
	o := &scimRestoreOptions{scimPushOptions: &scimPushOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Restore members, memberships, teams and roles from a snapshot",
		Long: `Read a snapshot, which a push saves before it takes anything away and 'sentryidp
scim export' writes at any time, and restore what Sentry lacks: members as
invitations, teams and their names, memberships, projects of teams, and with
--roles the roles of members, in the organization and in teams. Nothing is removed,
and without --roles no member's role changes.

SCIM restores no owners, no SSO identities and no ids; the plan lists what is
missing for that reason.

It shows the plan and asks before it writes. Where nobody can be asked, it needs
--yes or --dry-run: without a terminal, where the variable CI is set, with
--no-input, and with - for standard input. With --sandbox it does not ask, and a
snapshot of any organization can be rehearsed.`,
		Example: `  sentryidp scim restore before.json --org acme --dry-run
  sentryidp scim restore before.json --org acme --roles
  sentryidp scim restore before.json --org acme --yes -o json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "scim.concurrency", "scim.rate", "state_dir", "insecure_http")
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the plan and write nothing")
	flags.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "with --dry-run: exit 2 when changes are pending")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
	flags.BoolVar(&o.roles, "roles", false, "restore the roles of members too")
	flags.BoolVar(&o.fromOtherOrg, "from-other-org", false, "accept a snapshot of another organization")
	flags.DurationVar(&o.lockTimeout, "lock-timeout", 0, "maximum `duration` to wait for a push into the organization (default 0: do not wait)")
	flags.StringArrayVar(&o.reports, "report", nil, reportHelp)
	completeFile(cmd, "report", "json", "md", "html", "xml")
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"json"}, cobra.ShellCompDirectiveFilterFileExt)
	return cmd
}

// snapshotLimit is the greatest size of a snapshot, in bytes.
const snapshotLimit = 256 << 20

func (o *scimRestoreOptions) run(cmd *cobra.Command, path string) error {
	o.began = o.now()
	if err := o.checkFlags(path); err != nil {
		return err
	}
	var err error
	if o.files, err = reportFilesOf(o.reports); err != nil {
		return err
	}
	if err := checkReports(o.files, path); err != nil {
		return err
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	ctx := cmd.Context()
	snapshot, err := parsed(ctx, o.app, source{path, filekind.Snapshot, snapshotLimit}, snapshot.Parse)
	if err != nil {
		return err
	}
	loaded, err := o.settings(cmd, sentryAddresses()...)
	if err != nil {
		return err
	}
	if err := o.demand(loaded, setup.Org, setup.SCIMToken); err != nil {
		return err
	}
	var question *asking
	if !o.yes && o.rehearsal == nil {
		question = &asking{app: o.app, question: "Restore this?"}
	}
	report, err := untilFresh(o.app, func(began time.Time) (*output.Report, error) {
		o.began = began
		return o.restore(ctx, loaded, path, snapshot, question)
	})
	if report == nil {
		return o.unread(cmd.Context(), loaded, output.KindRestore, path, err)
	}
	return o.conclude(cmd.Context(), report, err)
}

func (o *scimRestoreOptions) checkFlags(path string) error {
	switch {
	case o.detailedExitcode && !o.dryRun:
		return fault.Hint(fault.Usagef("--detailed-exitcode says whether changes are pending, which is known only without applying them"), "add --dry-run")
	case !o.yes && !o.dryRun && o.sandbox == noSandbox && (path == "-" || !o.term.CanAsk()):
		return fault.Hint(fault.Usagef("there is nobody to ask whether the plan is meant"), "look at it with --dry-run, then pass --yes")
	}
	return nil
}

func (o *scimRestoreOptions) restore(ctx context.Context, loaded *config.Loaded, path string, snapshot *snapshot.Snapshot, question *asking) (*output.Report, error) {
	release, err := o.lock(ctx, loaded)
	if err != nil {
		return nil, err
	}
	defer release()
	push, err := o.push(ctx, loaded, path)
	if err != nil {
		return nil, err
	}
	defer o.attend(ctx, push, question)()
	return push.Restore(ctx, snapshot, provision.Restoring{
		Roles: o.roles, FromOtherOrg: o.fromOtherOrg || o.rehearsal != nil, // the sandbox is nobody's: it stands in for any Sentry
	})
}
