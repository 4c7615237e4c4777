package cmd

import (
	"github.com/spf13/cobra"
)

type scimStatusOptions struct {
	*scimPushOptions

	all bool
}

func newScimStatus(a *app) *cobra.Command {
	o := &scimStatusOptions{scimPushOptions: &scimPushOptions{app: a}}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Compare Sentry with the directory, and write nothing",
		Long: `Read the directory and Sentry, and show which people are missing, inactive or
have another role, which teams are missing, and which members they lack or have
too many.

Exit code 3 says that a push would change something. Members and teams that the
directory does not name are counted. They are drift only where --remove absent
says that a push removes them. The guards are asked by 'sentryidp scim push
--dry-run', not here.`,
		Example: `  sentryidp scim status --sandbox
  sentryidp scim status --org acme --file people.yaml
  sentryidp scim status --org acme --file people.yaml -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "sentry.org", "sentry.url", "scim.source", "scim.file", "scim.scope", "scim.groups", "scim.flatten_groups", "scim.remove",
		"authentik.url", "authentik.application", "scim.guard.allow_hidden_users",
		"scim.accept_second_addresses", "scim.rename_slugs", "scim.prune_teams", "scim.concurrency", "scim.rate", "state_dir", "insecure_http")
	cmd.Flags().BoolVar(&o.all, "all", false, "name everybody and every team, not only what drifted")
	completeFile(cmd, "file", "yaml", "yml", "json", "jsonl", "csv")
	return a.forProfiles(cmd, profileRuns{})
}

func (o *scimStatusOptions) run(cmd *cobra.Command) error {
	ctx := cmd.Context()
	loaded, err := o.settings(cmd, sentryAddresses()...)
	if err != nil {
		return err
	}
	want, source, err := o.want(ctx, loaded)
	if err != nil {
		return err
	}
	push, err := o.push(ctx, loaded, source)
	if err != nil {
		return err
	}
	status, err := push.Status(ctx, want)
	if status == nil {
		return err
	}
	status.All = o.all
	if shown := o.show(status); shown != nil {
		return shown
	}
	if status.Drift {
		o.term.Note("'sentryidp scim push --dry-run' shows the changes one by one")
	}
	return err
}
