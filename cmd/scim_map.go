package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/output"
)

type scimMapOptions struct {
	*app

	user   string
	check  bool
	sample int
}

func newScimMap(a *app) *cobra.Command {
	o := &scimMapOptions{app: a}
	cmd := &cobra.Command{
		Use:   "map",
		Short: "Show what each person of the directory becomes in Sentry",
		Long: `Show what the settings make of each person: the e-mail, the role and the rule
that gives it, the teams, and why somebody is skipped. Nothing is asked of
Sentry and no token is needed.

With --check-authentik, authentik runs its SCIM mapping too, for all people or for
--sample of them; a difference is exit code 3.

With --user, show what expressions see of one person, attributes included, and
what each of them makes. This page alone shows attributes.`,
		Example: `  sentryidp scim map --sandbox
  sentryidp scim map --file people.yaml -o json
  sentryidp scim map --file people.yaml --user ada@acme.test
  sentryidp scim map --authentik-url https://authentik.example.com --check-authentik --sample 200`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	settingFlags(cmd, "scim.source", "scim.file", "scim.scope", "scim.groups", "scim.flatten_groups",
		"authentik.url", "authentik.application", "scim.guard.allow_hidden_users", "insecure_http")
	cmd.Flags().StringVar(&o.user, "user", "", "show how this person is mapped: a username or e-mail (`name`)")
	cmd.Flags().BoolVar(&o.check, "check-authentik", false, "let authentik map everybody too, and compare")
	cmd.Flags().IntVar(&o.sample, "sample", 0, "with --check-authentik: only this `number` of people, spread evenly")
	completeFile(cmd, "file", "yaml", "yml", "json", "jsonl", "csv")
	return cmd
}

func (o *scimMapOptions) run(cmd *cobra.Command) error {
	if err := exclusive(cmd, "check-authentik", "user"); err != nil {
		return err
	}
	loaded, err := o.settings(cmd)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	if o.check {
		return o.compare(ctx, loaded)
	}
	people, selection, err := o.people(ctx, loaded)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("user") {
		return o.one(desired.MapOne(people, selection, o.user))
	}
	mapped, err := desired.Map(people, selection)
	if err != nil {
		return err
	}
	return o.show(&output.Mapped{Mapped: mapped})
}

// one shows the page of a person, which helps to understand why a mapping is
// refused.
func (o *scimMapOptions) one(page *desired.MappedOne, refused error) error {
	if page == nil {
		return refused
	}
	if err := o.show(&output.MappedOne{MappedOne: page}); err != nil {
		return err
	}
	return refused
}
