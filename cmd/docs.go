package cmd

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/sentryidp/sentryidp/pkg/report"
)

// newDocs writes the manual from the command tree; the release runs it.
func newDocs(*app) *cobra.Command {
	docs := group(&cobra.Command{Use: "docs", Short: "Write man pages or Markdown", Hidden: true},
		&cobra.Command{
			Use: "man DIR", Short: "Write man pages into a folder", Example: "  sentryidp docs man man1",
			Annotations: writes(report.Text),
			Args:        usageArgs(cobra.ExactArgs(1)),
			RunE: func(cmd *cobra.Command, args []string) error {
				return writeDocs(cmd, args[0], func(root *cobra.Command, dir string) error {
					return doc.GenManTree(root, &doc.GenManHeader{Title: "SENTRYIDP", Section: "1"}, dir)
				})
			},
		},
		&cobra.Command{
			Use: "markdown DIR", Short: "Write Markdown into a folder", Example: "  sentryidp docs markdown docs",
			Annotations: writes(report.Text),
			Args:        usageArgs(cobra.ExactArgs(1)),
			RunE:        func(cmd *cobra.Command, args []string) error { return writeDocs(cmd, args[0], doc.GenMarkdownTree) },
		},
	)
	return docs
}

func writeDocs(cmd *cobra.Command, dir string, write func(*cobra.Command, string) error) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	root := cmd.Root()
	root.DisableAutoGenTag = true // the date would make each build's pages differ
	return write(root, dir)
}
