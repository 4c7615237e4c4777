package cmd

import "github.com/spf13/cobra"

func newAuthentik(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "authentik", Short: "authentik: set up the integration with Sentry"},
		newAuthentikApply(a),
		newAuthentikStatus(a),
		newAuthentikSync(a),
		newAuthentikBlueprint(a),
		newAuthentikTerraform(a),
	)
}
