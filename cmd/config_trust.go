package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type configTrustOptions struct {
	*app

	list   bool
	remove bool
}

func newConfigTrust(a *app) *cobra.Command {
	o := &configTrustOptions{app: a}
	cmd := &cobra.Command{
		Use:   "trust [FILE]",
		Short: "Trust the configuration file of a working directory",
		Long: `Trust the configuration file of the working directory, or FILE, with the content
that it has now. Once the content changes, it is not trusted any more. The list is
trust.json in the user's state folder, which no configuration file can move.

A file that is not trusted may set only the organization, the application, and
addresses for commands that send no secret. Read a file before you trust it: it
can run programs and decide who is removed. See 'sentryidp help security'.`,
		Example: `  sentryidp config trust
  sentryidp config trust --list
  sentryidp config trust --remove ./sentryidp.yaml`,
		Args:              usageArgs(cobra.MaximumNArgs(1)),
		ValidArgsFunction: cobra.FixedCompletions([]string{"yaml", "yml", "toml", "json"}, cobra.ShellCompDirectiveFilterFileExt),
		RunE:              o.run,
	}
	cmd.Flags().BoolVar(&o.list, "list", false, "print the list, and which files have changed")
	cmd.Flags().BoolVar(&o.remove, "remove", false, "remove the file from the list")
	return cmd
}

func (o *configTrustOptions) run(cmd *cobra.Command, args []string) error {
	if err := exclusive(cmd, "list", "remove"); err != nil {
		return err
	}
	if o.list && len(args) > 0 {
		return fault.Usagef("--list prints all files: expected no file but found %q", args[0])
	}
	store, err := config.OpenTrust(o.env)
	if err != nil {
		return fault.Hint(err, "the list of trusted files lies in the user's state folder: set HOME or XDG_STATE_HOME")
	}
	if o.list {
		doc, err := o.listed(cmd.Context(), store)
		if err != nil {
			return err
		}
		return o.show(doc)
	}
	path, err := projectFile(args)
	if err != nil {
		return err
	}
	if o.remove {
		return o.forget(store, path)
	}
	return o.trust(cmd.Context(), store, path)
}

// projectFile is the file that was named, or else the one of the working
// directory.
func projectFile(args []string) (string, error) {
	if len(args) == 0 {
		found := config.ProjectFiles("")
		if len(found) == 1 {
			return found[0], nil
		}
		return "", fault.Hint(fault.Usagef("expected one configuration file in the working directory but found %d", len(found)), "name the file")
	}
	if !config.IsProjectFile(args[0]) {
		return "", fault.Hint(fault.Usagef("no command looks for %s: expected sentryidp.yaml, .yml, .toml or .json", args[0]),
			"a file of another name needs no trust: add --config %s", args[0])
	}
	return args[0], nil
}

// trust keeps the content of a file that is right in itself.
func (o *configTrustOptions) trust(ctx context.Context, store *config.TrustStore, path string) error {
	loaded, err := loadConfig(config.Input{File: path, Within: within(ctx)})
	if err != nil {
		return err
	}
	if len(loaded.Warnings) > 0 {
		return fault.Hint(fault.Usagef("%s", strings.Join(loaded.Warnings, "\n")), "remove the permission, or add --config to the commands that need the file")
	}
	if err := store.Add(path, loaded.Files[0].Content()); err != nil {
		return err
	}
	return o.show(&trustDocument{Files: []configFile{{Path: path, Standing: config.Trusted}}})
}

func (o *configTrustOptions) forget(store *config.TrustStore, path string) error {
	removed, err := store.Remove(path)
	switch {
	case err != nil:
		return err
	case !removed:
		return fault.Hint(fault.Usagef("%s is not trusted", path), "'sentryidp config trust --list' prints the files that are")
	}
	return o.show(&trustDocument{Files: []configFile{{Path: path, Standing: config.Untrusted}}})
}

// standingMissing is that of a file that is trusted and not there.
const standingMissing config.Standing = "missing"

func (o *configTrustOptions) listed(ctx context.Context, store *config.TrustStore) (*trustDocument, error) {
	doc := &trustDocument{Files: []configFile{}}
	for _, file := range store.Files() {
		standing := standingMissing
		data, err := o.readInput(ctx, source{path: file.Path, limit: config.MaxFile})
		switch {
		case err == nil:
			standing = store.Standing(file.Path, data)
		case ctx.Err() != nil:
			return nil, err
		case !errors.Is(err, fs.ErrNotExist):
			standing = config.Changed
		}
		doc.Files = append(doc.Files, configFile{Path: file.Path, Standing: standing})
	}
	return doc, nil
}

// trustDocument is the document of `config trust`.
type trustDocument struct {
	Files []configFile `json:"files"`
}

// RenderText writes one line a file.
func (d *trustDocument) RenderText(w io.Writer, s ui.Styles) error {
	for _, file := range d.Files {
		style := s.Warn
		if file.Standing == config.Trusted {
			style = s.Good
		}
		if _, err := fmt.Fprintf(w, "%s: %s\n", style(string(file.Standing)), ui.Printable(file.Path)); err != nil {
			return err
		}
	}
	return nil
}
