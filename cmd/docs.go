package cmd

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/report"
)

// newDocs writes the manual from the command tree; the release runs it.
func newDocs(a *app) *cobra.Command {
	docs := group(&cobra.Command{Use: "docs", Short: "Write man pages or Markdown", Hidden: true},
		&cobra.Command{
			Use: "man DIR", Short: "Write man pages into a folder", Example: "  sentryidp docs man man1",
			Annotations: writes(report.Text),
			Args:        usageArgs(cobra.ExactArgs(1)),
			RunE:        func(cmd *cobra.Command, args []string) error { return writeDocs(cmd.Root(), args[0], a.manPageOf) },
		},
		&cobra.Command{
			Use: "markdown DIR", Short: "Write Markdown into a folder", Example: "  sentryidp docs markdown docs",
			Annotations: writes(report.Text),
			Args:        usageArgs(cobra.ExactArgs(1)),
			RunE:        func(cmd *cobra.Command, args []string) error { return writeDocs(cmd.Root(), args[0], markdownPageOf) },
		},
	)
	return docs
}

// writeDocs writes a page for cmd and for all below it that are not hidden.
func writeDocs(cmd *cobra.Command, dir string, pageOf func(*cobra.Command) (string, []byte)) error {
	const readable fs.FileMode = 0o644
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	name, page := pageOf(cmd)
	if err := os.WriteFile(filepath.Join(dir, name), page, readable); err != nil {
		return err
	}
	for _, child := range cmd.Commands() {
		if child.Hidden {
			continue
		}
		if err := writeDocs(child, dir, pageOf); err != nil {
			return err
		}
	}
	return nil
}
