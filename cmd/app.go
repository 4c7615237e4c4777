// Package cmd is the command line: one file a command, named after it. It
// turns flags and settings into one call of a package below pkg, and results
// and errors into words and exit codes. The work itself is not done here.
package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// app is what a command is given: the streams, the environment, the clock, the
// randomness and the global flags. Settings are loaded only when asked for.
type app struct {
	term    *ui.Terminal
	env     []string
	now     func() time.Time
	rand    io.Reader
	release string

	format     report.Format
	configFile string
	profile    string
	verbose    int
	timeout    time.Duration
	sandbox    bool

	rehearsal *runningSandbox // with --sandbox, once settings are loaded
	told      []string        // the notes of tellOnce
}

// softMemory is the size, in bytes, from which garbage is collected sooner than
// when memory has doubled. It limits nothing: a large organization fits in a
// small container, at the cost of some time.
const softMemory = 160 << 20

// Main runs the program with the process's arguments, streams and environment,
// and returns its exit code. release is the version that the linker was told,
// or empty.
func Main(release string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := os.Environ()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	a := &app{term: ui.System(env), env: env, now: time.Now, rand: rand.Reader, release: release}
	return a.run(ctx, os.Args[1:])
}

// run executes one command line and is the only place where an error becomes
// words and a number.
func (a *app) run(ctx context.Context, args []string) int {
	if a.getenv("GITHUB_ACTIONS") == "true" {
		a.term.Annotations = "sentryidp"
	}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(a.term.In)
	root.SetOut(a.term.Out)
	root.SetErr(a.term.Err)
	cmd, err := root.ExecuteContextC(ctx)
	if errors.Is(err, syscall.EPIPE) {
		return int(fault.OK) // the reader of a pipe has seen enough
	}
	err = interrupted(ctx, err)
	code := fault.CodeOf(err)
	if err != nil && !fault.IsQuiet(err) {
		a.printError(cmd, err, code)
	}
	return int(code)
}

// interrupted is err, or what to say instead when ctx was cancelled by a signal.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return fault.Hint(fault.New(fault.Interrupted, "interrupted"), "run it again: what was applied stands")
	}
	return err
}

func (a *app) printError(cmd *cobra.Command, err error, code fault.Code) {
	hints := fault.Hints(err)
	if code == fault.Usage && len(hints) == 0 {
		hints = []string{"run '" + cmd.CommandPath() + " --help' for usage"}
	}
	a.term.Fail(errors.New(fault.Text(err)), hints)
}

// show writes the result of a command to standard output.
func (a *app) show(doc report.Document) error {
	if a.term.Annotations != "" {
		return a.showInActions(doc)
	}
	return report.Write(a.term.Out, a.term.OutStyles(), a.format, doc)
}

// deadline returns ctx bounded by --timeout, if one was given.
func (a *app) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, a.timeout)
}
