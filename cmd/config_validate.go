package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func newConfigValidate(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [FILE]",
		Short: "Check the configuration and report all mistakes at once",
		Long: `Check the configuration that a command would use, with the environment, or only
one file. All mistakes are reported, each with its place.`,
		Example:           "  sentryidp config validate\n  sentryidp config validate sentryidp.yaml",
		Args:              usageArgs(cobra.MaximumNArgs(1)),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml", "toml", "json"}, cobra.ShellCompDirectiveFilterFileExt),
		RunE: func(cmd *cobra.Command, args []string) error {
			in := a.configInput(cmd)
			if len(args) == 1 {
				in = config.Input{File: args[0], Profile: a.profile, Within: in.Within}
			}
			loaded, err := loadConfig(in)
			if err != nil {
				return err
			}
			for _, warning := range loaded.Warnings {
				a.term.Warn("%s", warning)
			}
			return a.show(&validDocument{Valid: true, Files: pathsOf(loaded.Files)})
		},
	}
}

// validDocument is the document of `config validate`.
type validDocument struct {
	Valid bool     `json:"valid"`
	Files []string `json:"files"`
}

// RenderText writes one line.
func (d *validDocument) RenderText(w io.Writer, s ui.Styles) error {
	files := "no files were found"
	if len(d.Files) > 0 {
		files = strings.Join(d.Files, ", ")
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", s.Good("ok"), files)
	return err
}
