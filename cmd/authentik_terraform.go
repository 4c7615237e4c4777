package cmd

import "github.com/spf13/cobra"

func newAuthentikTerraform(a *app) *cobra.Command {
	o := &offlineOptions{app: a}
	cmd := &cobra.Command{
		Use:   "terraform",
		Short: "Write the integration as Terraform configuration",
		Long: `Write what 'authentik apply' makes as configuration for the Terraform provider
goauthentik/authentik, from the settings alone. No secret is in it: they are
sensitive variables.`,
		Example: `  sentryidp authentik terraform --org acme --bind-group sentry-users > sentry.tf
  sentryidp authentik terraform --org acme --with-scim --authentik-version 2026.5`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			desired, err := o.desired(cmd, false)
			if err != nil {
				return err
			}
			return o.show(&describedDocument{Release: desired.Release, Format: "terraform", Content: string(desired.Terraform())})
		},
	}
	integrationFlags(cmd, "authentik.with_scim")
	o.flags(cmd)
	return cmd
}
