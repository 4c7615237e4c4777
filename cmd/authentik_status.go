package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

func newAuthentikStatus(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what of the integration stands in authentik, and what drifted",
		Long: `Compare authentik with the settings, field by field, and write nothing. What
differs is exit code 3.`,
		Example: `  sentryidp authentik status --org acme --authentik-url https://authentik.example.com
  sentryidp authentik status --org acme -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.authentikStatus(cmd) },
	}
	integrationFlags(cmd, "authentik.with_scim", "state_dir", "insecure_http")
	return cmd
}

func (a *app) authentikStatus(cmd *cobra.Command) error {
	ctx := cmd.Context()
	loaded, err := a.settings(cmd, integrationAddresses()...)
	if err != nil {
		return err
	}
	run, err := a.integrationRun(ctx, loaded)
	if err != nil {
		return err
	}
	report, err := run.Plan(ctx)
	if err != nil {
		return err
	}
	if err := a.show(report); err != nil {
		return err
	}
	if len(report.Pending()) > 0 {
		return fault.Quiet(fault.Findings)
	}
	return nil
}
