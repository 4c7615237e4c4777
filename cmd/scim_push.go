package cmd

import (
	"context"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

type scimPushOptions struct {
	*app

	dryRun           bool
	yes              bool
	detailedExitcode bool
	snapshotDir      string
	lockTimeout      time.Duration
	reports          []string

	files []reportFile // the reports, once they are checked
	began time.Time
}

const reportHelp = "`file` that the report is also written to: .json, .md, .html or .xml (JUnit); repeatable"

func newScimPush(a *app) *cobra.Command {
	o := &scimPushOptions{app: a}
	cmd := &cobra.Command{
		Use:   "push",
		Short: "Push people and groups into Sentry, once",
		Long: `Read the directory (authentik or a file) and Sentry, make a plan, check it
against the guards, apply it, and read Sentry again to verify.

The removal of a person is final: Sentry deletes the membership of a person who
is set inactive. Owners are never removed and never get another role. Teams that
the directory does not name are left alone (but see --prune-teams). Before a push
takes anything away (people, memberships, teams, roles or names), Sentry's side is
saved as a snapshot for 'sentryidp scim restore'. With scim.team_roles and
scim.projects it gives roles in teams and links teams to projects.

A guard that is exceeded refuses the whole plan: exit code 6, nothing was written,
and the message names the override of that guard. An override is for one push.
Some guards compare with earlier pushes: keep the state directory (--state-dir)
between runs.

On a terminal it shows the plan and asks before it writes. It does not ask with
--yes, --no-input or --sandbox, where people come from standard input, and where
the variable CI is set.`,
		Example: `  sentryidp scim push --sandbox
  sentryidp scim push --org acme --authentik-url https://authentik.example.com --dry-run
  sentryidp scim push --org acme --file people.yaml -o json
  sentryidp scim push --sandbox --report push.html --report push.xml`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "scim.source", "scim.file", "scim.scope", "scim.groups", "scim.flatten_groups", "scim.remove",
		"authentik.url", "authentik.application",
		"scim.accept_second_addresses", "scim.rename_slugs", "scim.prune_teams",
		"scim.guard.max_removals", "scim.guard.max_membership_losses", "scim.guard.max_team_losses", "scim.guard.max_promotions",
		"scim.guard.max_demotions", "scim.guard.max_replaced", "scim.guard.max_blank", "scim.guard.max_team_removals",
		"scim.guard.max_team_promotions", "scim.guard.max_team_demotions", "scim.guard.max_project_removals",
		"scim.guard.allow_empty", "scim.guard.allow_shrink", "scim.guard.allow_empty_teams", "scim.guard.allow_hidden_users",
		"scim.concurrency", "scim.rate", "state_dir", "insecure_http")
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the plan and write nothing")
	flags.BoolVar(&o.yes, "yes", false, "do not ask")
	flags.BoolVar(&o.detailedExitcode, "detailed-exitcode", false, "with --dry-run: exit 2 when changes are pending")
	flags.StringVar(&o.snapshotDir, "snapshot-dir", "", "`folder` of the snapshot that is saved before anything is taken away (default: snapshots in the state directory)")
	flags.DurationVar(&o.lockTimeout, "lock-timeout", 0, "maximum `duration` to wait for another push into the organization (default 0: do not wait)")
	flags.StringArrayVar(&o.reports, "report", nil, reportHelp)
	completeFile(cmd, "report", "json", "md", "html", "xml")
	completeFile(cmd, "file", "yaml", "yml", "json", "jsonl", "csv")
	must(cmd.MarkFlagDirname("snapshot-dir"))
	return a.forProfiles(cmd, profileRuns{write: true})
}

func (o *scimPushOptions) run(cmd *cobra.Command) error {
	if o.detailedExitcode && !o.dryRun {
		return fault.Hint(fault.Usagef("--detailed-exitcode says whether changes are pending, which is known only without applying them"),
			"add --dry-run")
	}
	o.began = o.now()
	var err error
	if o.files, err = reportFilesOf(o.reports); err != nil {
		return err
	}
	ctx := cmd.Context()
	loaded, err := o.settings(cmd, sentryAddresses()...)
	if err != nil {
		return err
	}
	if err := checkReports(o.files, loaded.Config.SCIM.File); err != nil {
		return err
	}
	if err := o.checkOutput(); err != nil {
		return err
	}
	question := o.question(loaded)
	report, err := untilFresh(o.app, func(began time.Time) (*output.Report, error) {
		o.began = began
		return o.carryOut(ctx, loaded, question)
	})
	if report == nil {
		return o.unread(cmd.Context(), loaded, output.KindPush, sourceOf(loaded), err)
	}
	return o.conclude(cmd.Context(), report, err)
}

// question is what the push is put to a person with, or nil where nobody is asked.
func (o *scimPushOptions) question(loaded *config.Loaded) *asking {
	if o.rehearsal != nil || !o.asksPerson(o.yes, loaded.Config.SCIM.File) {
		return nil
	}
	return &asking{app: o.app, question: "Push this?"}
}

// carryOut reads the directory and pushes it. The report is there even when the
// run ended early, but not when it ended before Sentry was read.
func (o *scimPushOptions) carryOut(ctx context.Context, loaded *config.Loaded, question *asking) (*output.Report, error) {
	want, source, err := o.want(ctx, loaded)
	if err != nil {
		return nil, err
	}
	release, err := o.lock(ctx, loaded)
	if err != nil {
		return nil, err
	}
	defer release()
	push, err := o.push(ctx, loaded, source)
	if err != nil {
		return nil, err
	}
	defer o.attend(ctx, push, question)()
	return push.Run(ctx, want)
}

// attend shows the progress of push, and puts its plan to a person unless
// question is nil. The caller ends it.
func (o *scimPushOptions) attend(ctx context.Context, push *provision.Push, question *asking) (end func()) {
	progress := o.term.Progress(o.now)
	push.Progress = func(stage string, done, total int) { progress.Step(stage, done, total) }
	if question != nil {
		push.Confirm = func(r *output.Report) error {
			progress.End() // the question has the terminal to itself
			progress = o.term.Progress(o.now)
			return question.confirm(ctx, r.RenderPlan)
		}
	}
	return func() { progress.End() }
}

// want reads the directory and works out what Sentry should hold.
func (o *scimPushOptions) want(ctx context.Context, loaded *config.Loaded) (*desired.State, string, error) {
	needs := append([]string{setup.Org}, append(sourceSettings(loaded), setup.SCIMToken)...)
	if err := o.demand(loaded, needs...); err != nil {
		return nil, "", err // before a person types a list, or thousands are asked for
	}
	if _, _, err := o.organization(loaded.Addresses()); err != nil {
		return nil, "", err
	}
	people, selection, err := o.people(ctx, loaded)
	if err != nil {
		return nil, "", err
	}
	if o.dryRun || o.verbose > 0 {
		o.tellRoles(selection.Roles)
	}
	want, err := desired.Want(people, selection)
	return want, people.Source, err
}

func (o *scimPushOptions) push(ctx context.Context, loaded *config.Loaded, source string) (*provision.Push, error) {
	base, slug, err := o.organization(loaded.Addresses())
	if err != nil {
		return nil, err
	}
	settings := loaded.Config.SCIM
	guards, err := guardsOf(settings.Guard)
	if err != nil {
		return nil, err
	}
	connection, err := o.connectScim(ctx, loaded, base, slug)
	if err != nil {
		return nil, err
	}
	teams, err := o.teams(loaded, base, slug, connection)
	if err != nil {
		return nil, err
	}
	push := &provision.Push{
		Client: connection.client, Teams: teams, SentryURL: base.String(), Org: string(slug), Source: source, Notes: loaded.Loosened(),
		Policy: plan.Policy{
			Remove: plan.Remove(settings.Remove), DefaultRole: settings.DefaultRole, PruneTeams: settings.PruneTeams,
			RenameSlugs: settings.RenameSlugs, AcceptSecond: settings.AcceptSecond, UnlinkProjects: settings.ProjectRemoval == config.RemoveManagedProjects,
		},
		Guards: guards, DryRun: o.dryRun, Workers: settings.Concurrency, Now: o.now, Began: o.began, Say: o.term.Note,
		SaveSnapshot: func(actual *plan.Actual) (string, error) {
			dir, err := o.snapshots(loaded)
			if dir == "" || err != nil {
				return "", err
			}
			return snapshot.Take(base.String(), string(slug), o.now(), actual).Save(dir)
		},
		CheckSnapshot: func() error {
			dir, err := o.snapshots(loaded)
			if dir == "" || err != nil {
				return err
			}
			return snapshot.Check(dir)
		},
		Requests: func() output.Requests {
			return output.Requests{Total: connection.sent.Total(), ByMethod: connection.sent.ByMethod()}
		},
	}
	o.remind(ctx, push, loaded)
	return push, nil
}

// snapshots is the folder of snapshots, or empty where none is kept.
func (o *scimPushOptions) snapshots(loaded *config.Loaded) (string, error) {
	switch {
	case o.snapshotDir != "":
		return o.snapshotDir, nil
	case o.rehearsal != nil:
		return "", nil // what is removed from the sandbox was never there
	}
	state, err := o.stateDir(loaded)
	if err != nil {
		return "", err
	}
	return filepath.Join(state, "snapshots"), nil
}
