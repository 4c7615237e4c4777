package cmd

import (
	"bytes"
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
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
	perMember   time.Duration

	authentikListen    string
	authentikRelease   string
	authentikStateFile string

	faults     []string
	listFaults bool
	sound      bool
}

func newSandbox(a *app) *cobra.Command {
	o := &sandboxOptions{app: a}
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve an emulated Sentry and an emulated authentik to rehearse against",
		Long: `Serve an emulated Sentry and an emulated authentik, as strict as the products,
until interrupted. They keep everything in memory. GET /_sandbox/state of Sentry
returns what it holds, in the shape that --state reads, and GET
/_sandbox/requests what it was asked, both to the sandbox token and to loopback
hosts alone.

A state can hold what Sentry's SCIM does not show: second addresses of members
("secondary_emails"), invitations without address ("placeholder": true), team
slugs edited by hand, and roles in teams ("team_roles"). With --member-latency,
or "member_latency_ms" in the state, a PATCH of a team takes as long as its
members need, and is carried out even if the client gives up.

A single sign-on can be rehearsed in a browser: authentik has a login page, and
Sentry's side checks each response. The people are invented and have no passwords.

--sound starts with the integration set up as in authentik's guide, and with members
who have all logged in. --fault does so too, but for this fault; --faults lists what
can be wrong. Faults are also switched on the rehearsal's page, while both run.

The tokens it prints are made up for this run and open nothing else.`,
		Example: `  sentryidp sandbox
  sentryidp sandbox --listen 127.0.0.1:9000 --authentik-listen 127.0.0.1:9001
  sentryidp sandbox --state state.json --ready-file ready.json
  sentryidp sandbox --fault prefix-host --fault cert-expired
  sentryidp sandbox --sentry-release 26.6 --saas --authentik-release 2025.10`,
		Annotations: writes(everyDocument(report.Env)...),
		Args:        noArgs,
		RunE:        func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	releases := releaseNames()
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "listen on this `address`; port 0 picks a free one")
	flags.BoolVar(&o.allowPublic, "allow-public", false, "allow an address that other machines can reach")
	flags.Var(enum(&o.release, string(sandbox.ReleaseLatest), releases), "sentry-release", "behave as this release of Sentry")
	flags.BoolVar(&o.saas, "saas", false, "limit the rate as Sentry SaaS does")
	flags.DurationVar(&o.latency, "latency", 0, "wait this `duration` with each answer")
	flags.DurationVar(&o.perMember, "member-latency", 0, "`duration` of each member that a PATCH of a team adds or removes (default as in the state)")
	flags.StringVar(&o.stateFile, "state", "", "start from the state in `file` (JSON), - for standard input")
	flags.StringVar(&o.readyFile, "ready-file", "", "write the result to `file` too, once the server listens")
	flags.StringVar(&o.authentikListen, "authentik-listen", "127.0.0.1:0", "let authentik listen on this `address`")
	flags.Var(enum(&o.authentikRelease, string(emulated.ReleaseLatest), authentikReleases()), "authentik-release", "behave as this release of authentik")
	flags.StringVar(&o.authentikStateFile, "authentik-state", "", "start authentik from the state in `file` (JSON)")
	flags.StringArrayVar(&o.faults, "fault", nil, "start with the `fault` of this name, in an integration that is sound otherwise; repeatable")
	flags.BoolVar(&o.sound, "sound", false, "start with an integration that is set up, and sound")
	flags.BoolVar(&o.listFaults, "faults", false, "list the names of faults, and serve nothing")
	completeValues(cmd, "fault", faultNames())
	completeValues(cmd, "sentry-release", releases)
	completeValues(cmd, "authentik-release", authentikReleases())
	completeFile(cmd, "authentik-state", "json")
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
	if o.listFaults {
		doc, err := newFaultsDocument()
		if err != nil {
			return err
		}
		return o.show(doc)
	}
	if err := checkFaults(o.faults); err != nil {
		return err
	}
	if o.latency < 0 {
		return fault.Usagef("--latency is %s, want a duration such as 5ms", o.latency)
	}
	if o.perMember < 0 {
		return fault.Usagef("--member-latency must be a duration such as 10ms, found %s", o.perMember)
	}
	state, err := o.state(ctx)
	if err != nil {
		return err
	}
	if o.saas {
		state.Deployment = "saas"
	}
	people, err := o.authentikState(ctx)
	if err != nil {
		return err
	}
	server, err := o.openSandbox(ctx, sandboxSetup{
		address: o.listen, public: o.allowPublic, state: state, config: sandbox.Config{Release: sandbox.Release(o.release), Latency: o.latency, MemberLatency: o.perMember},
		authentikAddress: o.authentikListen, authentikState: people, authentikRelease: emulated.Release(o.authentikRelease), sound: o.sound || len(o.faults) > 0,
	})
	if err != nil {
		return err
	}
	if err := o.addLogin(server, o.authentikStateFile != ""); err != nil {
		server.close()
		return err
	}
	if err := server.switchFaults(o.faults); err != nil {
		server.close()
		return err
	}
	server.start(ctx)
	if err := o.announce(server.document(state.OrgID)); err != nil {
		return err
	}
	o.term.Note("serving an emulated Sentry on %s and an emulated authentik on %s until interrupted", server.url, server.authentikURL)
	o.term.Note("open %s in a browser to rehearse a login", server.rehearsal.HomeURL())
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

func (o *sandboxOptions) state(ctx context.Context) (sandbox.State, error) {
	if o.stateFile == "" {
		return sandbox.SampleState(), nil
	}
	return parsed(ctx, o.app, source{o.stateFile, filekind.SentryState, stateLimit}, func(data []byte) (sandbox.State, error) {
		state, err := sandbox.ParseState(data)
		return state, fault.Hint(err, "GET /_sandbox/state of a running sandbox shows the shape")
	})
}

func (s *runningSandbox) document(orgID string) *sandboxDocument {
	return &sandboxDocument{
		APIToken: s.sentry.APIToken(), AuthentikToken: s.authentik.Token(), AuthentikURL: s.authentikURL, IDPMetadataURL: s.rehearsal.MetadataURL(), LoginURL: s.rehearsal.LoginURL(),
		Org: s.org, OrgID: orgID, RehearsalURL: s.rehearsal.HomeURL(), SandboxToken: s.sentry.SandboxToken(),
		SCIMBaseURL: s.url + "/api/0/organizations/" + s.org + "/scim/v2", SCIMToken: s.sentry.Token(), SentryURL: s.url,
	}
}

// sandboxDocument says where the emulated products are. The tokens open nothing
// but this run, so they are shown.
type sandboxDocument struct {
	APIToken       string `json:"api_token"`
	AuthentikToken string `json:"authentik_token"`
	AuthentikURL   string `json:"authentik_url"`
	IDPMetadataURL string `json:"idp_metadata_url"`
	LoginURL       string `json:"login_url"`
	Org            string `json:"org"`
	OrgID          string `json:"org_id"`
	RehearsalURL   string `json:"rehearsal_url"`
	SandboxToken   string `json:"sandbox_token"`
	SCIMBaseURL    string `json:"scim_base_url"`
	SCIMToken      string `json:"scim_token"`
	SentryURL      string `json:"sentry_url"`
}

// RenderText writes one line a fact.
func (d *sandboxDocument) RenderText(w io.Writer, s ui.Styles) error {
	return s.Pairs(w, [][2]string{
		{"Sentry", s.Code(d.SentryURL)},
		{"SCIM base URL", s.Code(d.SCIMBaseURL)},
		{"Organization", d.Org},
		{"SCIM token", s.Code(d.SCIMToken)},
		{"Sentry API token", s.Code(d.APIToken)},
		{"authentik", s.Code(d.AuthentikURL)},
		{"authentik token", s.Code(d.AuthentikToken)},
		{"IdP metadata", s.Code(d.IDPMetadataURL)},
		{"Rehearsal", s.Code(d.RehearsalURL)},
		{"Sandbox token", s.Code(d.SandboxToken)},
	})
}

// Variables are the settings that point this program at the sandbox, and, under
// names that are no settings, where the single sign-on is.
func (d *sandboxDocument) Variables() []report.Variable {
	return []report.Variable{
		{Name: "SANDBOX_IDP_METADATA_URL", Value: d.IDPMetadataURL},
		{Name: "SANDBOX_LOGIN_URL", Value: d.LoginURL},
		{Name: "SANDBOX_REHEARSAL_URL", Value: d.RehearsalURL},
		{Name: "SANDBOX_TOKEN", Value: d.SandboxToken},
		{Name: "SENTRYIDP_SENTRY_API_TOKEN", Value: d.APIToken},
		{Name: "SENTRYIDP_SENTRY_ORG", Value: d.Org},
		{Name: "SENTRYIDP_SENTRY_SCIM_TOKEN", Value: d.SCIMToken},
		{Name: "SENTRYIDP_SENTRY_URL", Value: d.SentryURL},
		{Name: "SENTRYIDP_AUTHENTIK_URL", Value: d.AuthentikURL},
		{Name: "SENTRYIDP_AUTHENTIK_TOKEN", Value: d.AuthentikToken},
	}
}
