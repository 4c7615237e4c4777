package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/completion"
	"github.com/sentryidp/sentryidp/pkg/report"
)

func newCompletion(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use:   "completion",
		Short: "Print a completion script for a shell, or install it",
		Long: `Print a completion script, for one session or for a folder that your shell reads
completions from. 'completion install' puts it into the one of your shell.`,
	},
		newCompletionOf(a, completion.Bash, "sentryidp completion bash > sentryidp.bash && source sentryidp.bash"),
		newCompletionOf(a, completion.Zsh, `sentryidp completion zsh > "${fpath[1]}/_sentryidp"`),
		newCompletionOf(a, completion.Fish, "sentryidp completion fish | source"),
		newCompletionOf(a, completion.PowerShell, "sentryidp completion powershell | Out-String | Invoke-Expression"),
		newCompletionInstall(a),
	)
}

func newCompletionOf(a *app, shell completion.Shell, example string) *cobra.Command {
	return &cobra.Command{
		Use:         string(shell),
		Short:       "Print the completion script for " + string(shell),
		Example:     "  " + example,
		Annotations: writes(report.Text),
		Args:        noArgs,
		RunE:        func(cmd *cobra.Command, _ []string) error { return writeCompletion(cmd.Root(), shell, a.term.Out) },
	}
}

func writeCompletion(root *cobra.Command, shell completion.Shell, out io.Writer) error {
	switch shell {
	case completion.Bash:
		return root.GenBashCompletionV2(out, true)
	case completion.Zsh:
		return root.GenZshCompletion(out)
	case completion.Fish:
		return root.GenFishCompletion(out, true)
	case completion.PowerShell:
		return root.GenPowerShellCompletionWithDesc(out)
	}
	return fmt.Errorf("no completion for the shell %q", shell)
}
