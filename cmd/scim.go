package cmd

import (
	"context"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/transport"
	"github.com/sentryidp/sentryidp/pkg/ui"
	"github.com/sentryidp/sentryidp/pkg/version"
)

func newScim(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "scim", Short: "SCIM: push people and groups into Sentry"},
		newScimPush(a), newScimStatus(a), newScimMap(a), newScimExport(a), newScimRestore(a),
	)
}

// scimConnection is a client of one organization's SCIM API and the count of
// what it sent.
type scimConnection struct {
	client *scim.Client
	sent   *transport.Counter

	endpoint string       // the address of the SCIM API
	web      *http.Client // with the SCIM token
}

// connectScim makes a client from the settings. The token is read here, as
// late as can be, and goes nowhere but into the client.
func (a *app) connectScim(ctx context.Context, loaded *config.Loaded, base sentry.Base, slug sentry.Slug) (*scimConnection, error) {
	endpoint := loaded.Config.Sentry.SCIM.URL
	if endpoint == "" {
		endpoint = sentry.URLsOf(base, slug).SCIMBaseURL
	}
	roots, err := a.authorities(ctx, loaded.Config.Sentry.CAFile)
	if err != nil {
		return nil, fault.Hint(err, "sentry.ca_file names the file")
	}
	token, err := a.scimToken(ctx, loaded, endpoint)
	if err != nil {
		return nil, err
	}
	settings := loaded.Config.SCIM
	counter := &transport.Counter{}
	options := a.clientOptions(loaded)
	options.Origin, options.Token, options.Counter, options.RootCAs = endpoint, token, counter, roots
	options.Concurrency, options.Rate = settings.Concurrency, float64(settings.Rate)
	client, err := a.newClient(options)
	if err != nil {
		return nil, err
	}
	c, err := scim.New(endpoint, client, scim.Clock(options.Clock), scim.PageSize(settings.PageSize), scim.Readers(settings.Concurrency))
	if err != nil {
		return nil, err
	}
	return &scimConnection{client: c, sent: counter, endpoint: endpoint, web: client}, nil
}

// clientOptions are what all clients of the settings have in common.
func (a *app) clientOptions(loaded *config.Loaded) transport.Options {
	bounds := loaded.Config.HTTP
	return transport.Options{
		UserAgent: a.userAgent(), PlainHosts: loaded.Config.InsecureHTTP, Trace: a.trace(), Waiting: a.waiting, Clock: transport.Clock{Now: a.now, Rand: a.rand},
		AttemptTimeout: config.Duration(bounds.RequestTimeout), ConnectTimeout: config.Duration(bounds.ConnectTimeout),
		GiveUpAfter: config.Duration(bounds.GiveUpAfter),
	}
}

// newClient makes a client with what this app asks of all of them.
func (a *app) newClient(options transport.Options) (*http.Client, error) {
	if a.tune != nil {
		a.tune(&options)
	}
	return transport.New(options)
}

func (a *app) userAgent() string { return "sentryidp/" + version.Read(a.release, a.builder).Version }

// waiting tells a person why nothing happens.
func (a *app) waiting(line string) { a.term.Note("%s", ui.Printable(line)) }

// trace returns where request lines go, or nil when nobody asked for them.
func (a *app) trace() func(string) {
	if a.verbose == 0 {
		return nil
	}
	return a.term.Trace
}

// stateDir is where this program keeps what it must not lose.
func (a *app) stateDir(loaded *config.Loaded) (string, error) {
	if dir := loaded.Config.StateDir; dir != "" {
		return dir, nil
	}
	dir, err := config.StateDir(a.env)
	return dir, fault.Hint(err, "name a folder with --state-dir (state_dir)")
}
