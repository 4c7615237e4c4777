package cmd

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/completion"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type completionInstallOptions struct {
	*app

	dryRun bool
	force  bool
}

func newCompletionInstall(a *app) *cobra.Command {
	o := &completionInstallOptions{app: a}
	shells := words(completion.Shells())
	cmd := &cobra.Command{
		Use:   "install [bash|zsh|fish|powershell]",
		Short: "Put the completion script where your shell looks",
		Long: `Write the completion script into the folder of your home from which the shell
loads completions, and say which it is. Without an argument, the shell is the one
of SHELL. Where the shell has to be told of the script, the line for its startup
file is printed; startup files are not changed. An older script is replaced, and
any other file only with --force.`,
		Example: `  sentryidp completion install
  sentryidp completion install zsh --dry-run`,
		Args:              usageArgs(cobra.MaximumNArgs(1)),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say where the script goes and write nothing")
	cmd.Flags().BoolVar(&o.force, "force", false, "replace a file that is not a completion script of sentryidp")
	return cmd
}

func (o *completionInstallOptions) run(cmd *cobra.Command, args []string) error {
	user := completion.User{Getenv: o.getenv, GOOS: runtime.GOOS}
	shell, err := o.shell(user, args)
	if err != nil {
		return err
	}
	program := cmd.Root().Name()
	place, err := user.Place(shell, program)
	if err != nil {
		return err
	}
	var script bytes.Buffer
	if err := writeCompletion(cmd.Root(), shell, &script); err != nil {
		return err
	}
	state, err := o.standing(place.Path, program, script.Bytes())
	if err != nil {
		return err
	}
	if !o.dryRun && state != scriptCurrent {
		if err := os.MkdirAll(filepath.Dir(place.Path), 0o755); err != nil { //nolint:gosec // as shells have it
			return err
		}
		if err := atomicfile.Write(place.Path, script.Bytes(), 0o644, atomicfile.Replace(state != scriptCreated)); err != nil {
			return err
		}
	}
	return o.show(&completionDocument{
		Shell: shell, File: place.Path, State: state, DryRun: o.dryRun, Line: place.Line, Startup: place.Startup, Needs: place.Needs,
	})
}

func (o *completionInstallOptions) shell(user completion.User, args []string) (completion.Shell, error) {
	if len(args) == 0 {
		return user.Shell()
	}
	if !slices.Contains(words(completion.Shells()), args[0]) {
		return "", fault.Hint(fault.Usagef("expected a shell that has completion but found %q", args[0]), "name bash, zsh, fish or powershell")
	}
	return completion.Shell(args[0]), nil
}

// scriptState is what becomes of the file, or with --dry-run would.
type scriptState string

const (
	scriptCreated  scriptState = "created"
	scriptReplaced scriptState = "replaced"
	scriptCurrent  scriptState = "current"
)

// standing judges what is at path already. A link is somebody's arrangement, as is
// everything that is not a script of the program.
func (o *completionInstallOptions) standing(path, program string, script []byte) (scriptState, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return scriptCreated, nil
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fault.New(fault.Failed, "%s is a folder", path)
	}
	var present []byte
	if info.Mode().IsRegular() {
		if present, err = os.ReadFile(path); err != nil {
			return "", err
		}
	}
	switch {
	case bytes.Equal(present, script):
		return scriptCurrent, nil
	case completion.IsOurs(present, program) || o.force:
		return scriptReplaced, nil
	}
	return "", fault.Hint(fault.New(fault.Failed, "%s exists, is not a completion script of %s, and is not replaced", path, program), "add --force to replace it")
}

// completionDocument is the document of `completion install`. Line is what has to
// stand in the file Startup, empty where the shell finds the script by itself.
type completionDocument struct {
	Shell   completion.Shell `json:"shell"`
	File    string           `json:"file"`
	State   scriptState      `json:"state"`
	DryRun  bool             `json:"dry_run"`
	Line    string           `json:"line,omitempty"`
	Startup string           `json:"startup,omitempty"`
	Needs   string           `json:"needs,omitempty"`
}

var _ report.Document = (*completionDocument)(nil)

// RenderText writes what was done and what is left to do.
func (d *completionDocument) RenderText(w io.Writer, s ui.Styles) error {
	state := map[scriptState]string{scriptCreated: "created", scriptReplaced: "replaced", scriptCurrent: "current, not changed"}[d.State]
	if d.DryRun {
		state += " (dry run: nothing was written)"
	}
	rows := [][2]string{{"Shell", string(d.Shell)}, {"File", s.Code(ui.Printable(d.File))}, {"State", state}}
	if d.Line != "" {
		rows = append(rows, [2]string{"Add to " + ui.Printable(d.Startup), s.Code(ui.Printable(d.Line))})
	}
	if d.Needs != "" {
		rows = append(rows, [2]string{"Needs", d.Needs})
	}
	return s.Pairs(w, append(rows, [2]string{"Then", "start a new shell"}))
}
