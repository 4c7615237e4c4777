package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// newHelp replaces cobra's help command, which exits 0 on a topic that does
// not exist.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Show help for a command or a topic",
		Example: "  sentryidp help scim push\n  sentryidp help exit-codes",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, _, err := root.Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, child := range found.Commands() {
				if !child.Hidden {
					names = append(names, child.Name()+"\t"+child.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil {
				return fault.WithCode(err, fault.Usage)
			}
			if len(rest) > 0 {
				return unknownCommand(found, rest[0])
			}
			return found.Help()
		},
	}
}

// newExitCodesTopic prints the table of exit codes.
func newExitCodesTopic() *cobra.Command {
	var text strings.Builder
	text.WriteString("The exit code is the same in every output format.\n")
	for _, m := range fault.Meanings() {
		fmt.Fprintf(&text, "\n  %3d  %s", m.Code, m.Text)
	}
	text.WriteString("\n\n" + fault.InputRule())
	return &cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: text.String()}
}

// newEnvironmentTopic prints the variables that settings are read from.
func newEnvironmentTopic() *cobra.Command {
	return &cobra.Command{Use: "environment", Short: "The environment variables and settings", Long: config.EnvironmentHelp()}
}
