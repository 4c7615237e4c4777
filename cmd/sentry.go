package cmd

import "github.com/spf13/cobra"

func newSentry(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "sentry", Short: "Self-hosted Sentry: set SSO up without a browser"},
		newSentryScript(a),
		newSentryStatus(a),
	)
}
