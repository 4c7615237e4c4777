package cmd

import "github.com/spf13/cobra"

func newAccess(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "access", Short: "Access review: evidence of who has access and why"},
		newAccessReview(a), newAccessVerify(a),
	)
}
