// Package cmd is the command line: one file a command, named after it. It
// turns flags and settings into one call of a package below pkg, and results
// and errors into words and exit codes. The work itself is not done here.
package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// app is what a command is given: the streams, the environment, the clock, the
// randomness and the global flags. Settings are loaded only when asked for.
type app struct {
	term             *ui.Terminal
	env              []string
	now              func() time.Time
	rand             io.Reader
	release, builder string

	args       []string // of the run
	format     report.Format
	configFile string
	profile    string
	verbose    int
	timeout    time.Duration
	sandbox    sandboxStart
	draft      *config.Draft // stands for a file that is not written yet; nil: none
	probing    bool          // tries answers of a person, who knows where secrets go

	tune    func(*transport.Options) // changes the clients that this app makes; nil: nothing
	secrets map[string]secret.String // by setting, each read once; nil: read whenever asked for

	keyring *keyringAccess // of the system; nil: nothing is stored in one

	rehearsal *runningSandbox // with --sandbox, once settings are loaded
	watch     watch
	told      []string // the texts of tellOnce

	sink   func(report.Document) error // takes the result; nil: standard output does
	shared *sharedPeople               // what was read for other runs of this process; nil: nothing is kept
}

// watch returns what is asked in the place of an emulated authentik, which it asks;
// nil: nobody watches. Tests hold what is sent and answered to authentik's schema.
type watch func(*emulated.Authentik) http.Handler

// softMemory is the size, in bytes, from which garbage is collected sooner than
// when memory has doubled. It limits nothing: a large organization fits in a
// small container, at the cost of some time.
const softMemory = 160 << 20

// Main runs the program with the process's arguments, streams and environment,
// and returns its exit code. release and builder are the version and the address
// of the builder that the linker was told, or empty.
func Main(release, builder string) int { return program(release, builder, nil) }

func program(release, builder string, watch watch) int {
	ctx := untilSignal(context.Background(), os.Exit)
	keepFromPipes()
	env := os.Environ()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	a := &app{
		term: ui.System(env), env: env, now: time.Now, rand: rand.Reader, release: release, builder: builder, watch: watch, keyring: systemKeyring(),
	}
	return a.run(ctx, os.Args[1:])
}

// run executes one command line and is the only place where an error becomes
// words and a number.
func (a *app) run(ctx context.Context, args []string) int {
	if a.getenv("GITHUB_ACTIONS") == "true" {
		a.term.Annotations = "sentryidp"
	}
	out := &counter{to: a.term.Out}
	a.term.Out = out
	cmd, err := a.execute(ctx, args)
	if errors.Is(err, syscall.EPIPE) && errors.Is(out.err, syscall.EPIPE) {
		return int(fault.OK) // the reader of a pipe has seen enough
	}
	err = interrupted(ctx, err)
	code := fault.CodeOf(err)
	if err != nil && !fault.IsQuiet(err) {
		a.printError(cmd, err, code, out.bytes == 0)
	}
	return int(code)
}

// execute carries one command line out, and returns its command.
func (a *app) execute(ctx context.Context, args []string) (*cobra.Command, error) {
	a.args = args
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(a.term.In)
	root.SetOut(a.term.Out)
	root.SetErr(a.term.Err)
	return root.ExecuteContextC(ctx)
}

// printError writes the error for a person and, to a standard output that is
// empty yet, for a program that expects a document.
func (a *app) printError(cmd *cobra.Command, err error, code fault.Code, empty bool) {
	hints := fault.Hints(err)
	if code == fault.Usage && len(hints) == 0 {
		hints = []string{"run '" + cmd.CommandPath() + " --help' for usage"}
	}
	a.term.Fail(errors.New(fault.Text(err)), hints)
	if empty && (a.format == report.JSON || a.format == report.YAML) {
		_ = a.show(newErrorDocument(err, code, hints)) // what cannot be written has been said above
	}
}

// show writes the result of a command to standard output.
func (a *app) show(doc report.Document) error {
	if a.sink != nil {
		return a.sink(doc)
	}
	if a.term.Annotations != "" {
		return a.showInActions(doc)
	}
	return report.Write(a.term.Out, a.term.OutStyles(), a.format, doc)
}
