package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

func newAuthentikSync(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Run authentik's own SCIM schedule once, and follow it",
		Long: `Send the schedule of the application's SCIM provider, wait for the tasks that it
starts, and print what they wrote. A task that failed is exit code 1.

This is authentik's SCIM client at work, with what is known of it: see the
warnings of 'authentik status --with-scim'. 'scim push' does the job without it.`,
		Example: `  sentryidp authentik sync --authentik-url https://authentik.example.com
  sentryidp authentik sync --application sentry --timeout 10m -o json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.authentikSync(cmd) },
	}
	settingFlags(cmd, "authentik.url", "authentik.application")
	return cmd
}

func (a *app) authentikSync(cmd *cobra.Command) error {
	ctx, cancel := a.deadline(cmd.Context())
	defer cancel()
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	client, err := a.connectAuthentik(ctx, loaded)
	if err != nil {
		return err
	}
	sync := integration.Sync{
		Client: client, Application: loaded.Config.Authentik.Application,
		Clock: transport.Clock{Now: a.now, Rand: a.rand}, Say: a.term.Note,
	}
	result, err := sync.Run(ctx)
	if result != nil {
		if shown := a.show(result); shown != nil {
			return shown
		}
	}
	return err
}
