package cmd

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/sentryidp/sentryidp/pkg/report"
)

// newDocs writes the manual from the command tree; the release runs it.
func newDocs(a *app) *cobra.Command {
	docs := group(&cobra.Command{Use: "docs", Short: "Write man pages or Markdown", Hidden: true},
		&cobra.Command{
			Use: "man DIR", Short: "Write man pages into a folder", Example: "  sentryidp docs man man1",
			Annotations: writes(report.Text),
			Args:        usageArgs(cobra.ExactArgs(1)),
			RunE:        func(cmd *cobra.Command, args []string) error { return writeDocs(cmd, args[0], a.writeManual) },
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

// writeManual writes a page of the manual for cmd and for all below it that are
// not hidden.
func (a *app) writeManual(cmd *cobra.Command, dir string) error {
	const readable fs.FileMode = 0o644
	name, page := a.manPageOf(cmd)
	if err := os.WriteFile(filepath.Join(dir, name), page, readable); err != nil {
		return err
	}
	for _, child := range cmd.Commands() {
		if child.Hidden {
			continue
		}
		if err := a.writeManual(child, dir); err != nil {
			return err
		}
	}
	return nil
}
