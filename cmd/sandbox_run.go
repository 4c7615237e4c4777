package cmd

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// sandboxSetup is what is emulated, and where it listens.
type sandboxSetup struct {
	address string
	public  bool // other machines may reach it
	state   sandbox.State
	config  sandbox.Config // but for the address, the clock and the randomness

	authentikAddress string
	authentikState   emulated.State
	authentikRelease emulated.Release

	sound bool // the integration is set up, and nothing is wrong with it
}

// runningSandbox is an emulated Sentry and an emulated authentik, with or without
// a single sign-on between them.
type runningSandbox struct {
	url    string
	org    string
	sentry *sandbox.Sentry

	authentikURL string
	authentik    *emulated.Authentik
	served       http.Handler // authentik, or who watches it
	faults       *faults.Board

	rehearsal *sso.Rehearsal // nil without a single sign-on
	servers   []server
	done      chan error
}

type server struct {
	listener net.Listener
	handler  http.Handler
}

// startSandbox serves both until ctx ends.
func (a *app) startSandbox(ctx context.Context, setup sandboxSetup) (*runningSandbox, error) {
	s, err := a.openSandbox(ctx, setup)
	if err == nil {
		s.start(ctx)
	}
	return s, err
}

// openSandbox listens for both, which do not answer yet.
func (a *app) openSandbox(ctx context.Context, setup sandboxSetup) (*runningSandbox, error) {
	front, url, err := listenSandbox(ctx, setup.address, setup.public)
	if err != nil {
		return nil, err
	}
	back, authentikURL, err := listenSandbox(ctx, setup.authentikAddress, setup.public)
	if err != nil {
		return nil, errors.Join(err, front.Close())
	}
	board, err := faultBoard()
	if err != nil {
		return nil, errors.Join(err, front.Close(), back.Close())
	}
	if setup.sound {
		setup.state = setup.state.Sound()
	}
	setup.config.Faults = board
	setup.config.BaseURL, setup.config.Now, setup.config.Rand, setup.config.SAMLURL = url, a.now, a.rand, sentry.IsSAMLURL
	s := &runningSandbox{url: url, org: setup.state.Org, authentikURL: authentikURL, faults: board, done: make(chan error, 1)}
	var sentryErr, authentikErr error
	s.sentry, sentryErr = sandbox.NewSentry(setup.state, setup.config)
	s.authentik, authentikErr = emulated.New(setup.authentikState, emulated.Config{
		Release: setup.authentikRelease, BaseURL: authentikURL, Now: a.now, Rand: a.rand, Faults: board, SCIM: &http.Client{Timeout: time.Minute},
	})
	s.served = s.authentik
	if a.watch != nil && s.authentik != nil {
		s.served = a.watch(s.authentik)
	}
	s.servers = []server{{front, s.sentry}, {back, s.served}}
	if err := cmp.Or(sentryErr, authentikErr); err != nil {
		s.close()
		return nil, err
	}
	if setup.sound {
		if err := s.guided(sampleApplication, false); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// addLogin puts a single sign-on between the two: authentik's login page beside
// its API, and Sentry's side beside Sentry's. given says that its people are not
// the sample's.
func (a *app) addLogin(s *runningSandbox, given bool) (err error) {
	s.rehearsal, err = a.newRehearsal(s, given)
	if err == nil {
		s.servers[0].handler, s.servers[1].handler = s.rehearsal.Sentry(s.sentry), s.authentik.Front(s.rehearsal.IDP(s.served))
	}
	return err
}

func listenSandbox(ctx context.Context, address string, public bool) (net.Listener, string, error) {
	listener, err := sandbox.Listen(ctx, address, public)
	if errors.Is(err, sandbox.ErrPublic) {
		err = fault.Hint(err, "whoever reaches the sandbox can read its token; if that is meant, pass --allow-public")
	}
	if err != nil {
		return nil, "", fault.WithCode(err, fault.Usage)
	}
	return listener, "http://" + listener.Addr().String(), nil
}

// start serves until ctx ends, or one of the servers fails.
func (s *runningSandbox) start(ctx context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	for _, server := range s.servers {
		group.Go(func() error { return sandbox.Serve(ctx, server.listener, server.handler) })
	}
	go func() { s.done <- group.Wait() }()
}

// wait returns when the servers have shut down. To be interrupted is how they
// end.
func (s *runningSandbox) wait() error { return <-s.done }

// close gives the addresses back of what was not started.
func (s *runningSandbox) close() {
	for _, server := range s.servers {
		_ = server.listener.Close()
	}
}
