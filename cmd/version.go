package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/version"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version and how it was built",
		Example: "  sentryidp version -o json",
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return a.show(version.Read(a.release, a.builder)) },
	}
}
