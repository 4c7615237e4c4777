package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type sandboxOptions struct {
	*app

	listen      string
	allowPublic bool
	release     string
	saas        bool
	stateFile   string
	readyFile   string
	latency     time.Duration
}

func newSandbox(a *app) *cobra.Command {
	o := &sandboxOptions{app: a}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve an emulated Sentry to rehearse against",
		Long: `Serve an emulated Sentry, as strict as the product, until interrupted. It keeps
everything in memory. GET /_sandbox/state returns what it holds, in the shape
that --state reads, and GET /_sandbox/requests what it was asked.

The token it prints is made up for this run and opens nothing else.`,
		Example: `  sentryidp sandbox
  sentryidp sandbox --listen 127.0.0.1:9000 --state state.json --ready-file ready.json
  sentryidp sandbox --sentry-release 26.6 --saas`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	releases := releaseNames()
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "listen on this `address`; port 0 picks a free one")
	flags.BoolVar(&o.allowPublic, "allow-public", false, "allow an address that other machines can reach")
	flags.Var(enum(&o.release, string(sandbox.ReleaseLatest), releases), "sentry-release", "behave as this release of Sentry")
	flags.BoolVar(&o.saas, "saas", false, "limit the rate as Sentry SaaS does")
	flags.DurationVar(&o.latency, "latency", 0, "wait this `duration` with each answer")
	flags.StringVar(&o.stateFile, "state", "", "start from the state in `file` (JSON), - for standard input")
	flags.StringVar(&o.readyFile, "ready-file", "", "write the result to `file` too, once the server listens")
	completeValues(cmd, "sentry-release", releases)
	completeFile(cmd, "state", "json")
	return cmd
}

func releaseNames() []string {
	var names []string
	for _, r := range sandbox.Releases() {
		names = append(names, string(r))
	}
	return names
}

func (o *sandboxOptions) run(ctx context.Context) error {
	if o.latency < 0 {
		return fault.Usagef("--latency is %s, want a duration such as 5ms", o.latency)
	}
	state, err := o.state()
	if err != nil {
		return err
	}
	if o.saas {
		state.Deployment = "saas"
	}
	server, err := o.startSandbox(ctx, state, o.listen, o.allowPublic, sandbox.Config{Release: sandbox.Release(o.release), Latency: o.latency})
	if err != nil {
		return err
	}
	if err := o.announce(server.document(state.OrgID)); err != nil {
		return err
	}
	o.term.Note("serving an emulated Sentry on %s until interrupted", server.url)
	return server.wait()
}

func (o *sandboxOptions) announce(doc *sandboxDocument) error {
	if o.readyFile != "" {
		var text bytes.Buffer
		if err := report.Write(&text, ui.Plain(), report.JSON, doc); err != nil {
			return err
		}
		if err := atomicfile.Write(o.readyFile, text.Bytes(), 0o600, atomicfile.Overwrite); err != nil {
			return err
		}
	}
	return o.show(doc)
}

// stateLimit is the greatest size of a state file, in bytes.
const stateLimit = 64 << 20

func (o *sandboxOptions) state() (sandbox.State, error) {
	if o.stateFile == "" {
		return sandbox.SampleState(), nil
	}
	data, err := o.readInput(o.stateFile, stateLimit)
	if err != nil {
		return sandbox.State{}, err
	}
	state, err := sandbox.ParseState(data)
	if err != nil {
		return sandbox.State{}, fault.Hint(fmt.Errorf("read the state %s: %w", o.stateFile, err),
			"GET /_sandbox/state of a running sandbox shows the shape")
	}
	return state, nil
}

// readInput reads a file, or standard input for "-", and refuses more than
// limit bytes.
func (a *app) readInput(path string, limit int64) ([]byte, error) {
	in := a.term.In
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, err // which names the file
	}
	if int64(len(data)) > limit {
		return nil, fault.New(fault.Failed, "%s is larger than %d MiB", path, limit>>20)
	}
	return data, nil
}

// runningSandbox is an emulated Sentry that listens.
type runningSandbox struct {
	url    string
	org    string
	sentry *sandbox.Sentry
	done   chan error
}

// startSandbox serves an emulated Sentry until ctx ends. The address, clock and
// randomness of config are set here.
func (a *app) startSandbox(ctx context.Context, state sandbox.State, address string, public bool, config sandbox.Config) (*runningSandbox, error) {
	listener, err := sandbox.Listen(ctx, address, public)
	if errors.Is(err, sandbox.ErrPublic) {
		err = fault.Hint(err, "whoever reaches the sandbox can read its token; if that is meant, pass --allow-public")
	}
	if err != nil {
		return nil, fault.WithCode(err, fault.Usage)
	}
	url := "http://" + listener.Addr().String()
	config.BaseURL, config.Now, config.Rand = url, a.now, a.rand
	sentry, err := sandbox.NewSentry(state, config)
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	s := &runningSandbox{url: url, org: state.Org, sentry: sentry, done: make(chan error, 1)}
	go s.serve(ctx, listener)
	return s, nil
}

func (s *runningSandbox) serve(ctx context.Context, listener net.Listener) {
	s.done <- sandbox.Serve(ctx, listener, s.sentry)
}

// wait returns when the server has shut down. To be interrupted is how it ends.
func (s *runningSandbox) wait() error { return <-s.done }

func (s *runningSandbox) document(orgID string) *sandboxDocument {
	return &sandboxDocument{
		SentryURL: s.url, SCIMBaseURL: s.url + "/api/0/organizations/" + s.org + "/scim/v2",
		Org: s.org, OrgID: orgID, SCIMToken: s.sentry.Token(),
	}
}

// sandboxDocument says where the emulated Sentry is. The token opens nothing
// but this run, so it is shown.
type sandboxDocument struct {
	SentryURL   string `json:"sentry_url"`
	SCIMBaseURL string `json:"scim_base_url"`
	Org         string `json:"org"`
	OrgID       string `json:"org_id"`
	SCIMToken   string `json:"scim_token"`
}

// RenderText writes one line a fact.
func (d *sandboxDocument) RenderText(w io.Writer, s ui.Styles) error {
	return s.Pairs(w, [][2]string{
		{"Sentry", s.Code(d.SentryURL)},
		{"SCIM base URL", s.Code(d.SCIMBaseURL)},
		{"Organization", d.Org},
		{"SCIM token", s.Code(d.SCIMToken)},
	})
}

// Variables makes `eval "$(sentryidp sandbox -o env)"` unneeded by its names:
// they are the settings that point this program at the sandbox.
func (d *sandboxDocument) Variables() []report.Variable {
	return []report.Variable{
		{Name: "SENTRYIDP_SENTRY_URL", Value: d.SentryURL},
		{Name: "SENTRYIDP_SENTRY_ORG", Value: d.Org},
		{Name: "SENTRYIDP_SENTRY_SCIM_TOKEN", Value: d.SCIMToken},
	}
}
