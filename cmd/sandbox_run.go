package cmd

import (
	"context"
	"errors"
	"net"
	"net/http"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
)

// runningSandbox is an emulated Sentry, with or without an identity provider.
type runningSandbox struct {
	url, idpURL string
	org         string
	sentry      *sandbox.Sentry
	rehearsal   *sso.Rehearsal // nil without an identity provider
	servers     []server
	done        chan error
}

type server struct {
	listener net.Listener
	handler  http.Handler
}

// startSandbox serves an emulated Sentry until ctx ends.
func (a *app) startSandbox(ctx context.Context, state sandbox.State, address string, public bool, config sandbox.Config) (*runningSandbox, error) {
	s, err := a.openSandbox(ctx, state, address, public, config)
	if err == nil {
		s.start(ctx)
	}
	return s, err
}

// openSandbox listens for an emulated Sentry that does not answer yet. The
// address, clock and randomness of config are set here.
func (a *app) openSandbox(ctx context.Context, state sandbox.State, address string, public bool, config sandbox.Config) (*runningSandbox, error) {
	listener, err := listenSandbox(ctx, address, public)
	if err != nil {
		return nil, err
	}
	url := "http://" + listener.Addr().String()
	config.BaseURL, config.Now, config.Rand = url, a.now, a.rand
	sentry, err := sandbox.NewSentry(state, config)
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	return &runningSandbox{
		url: url, org: state.Org, sentry: sentry, servers: []server{{listener, sentry}}, done: make(chan error, 1),
	}, nil
}

// addIDP puts an identity provider beside an emulated Sentry, and the single
// sign-on into it.
func (a *app) addIDP(ctx context.Context, s *runningSandbox, address string, public bool) error {
	listener, err := listenSandbox(ctx, address, public)
	if err != nil {
		return err
	}
	s.idpURL = "http://" + listener.Addr().String()
	s.rehearsal, err = a.newRehearsal(s.sentry, s.url, s.idpURL)
	if err != nil {
		_ = listener.Close()
		return err
	}
	s.servers[0].handler = s.rehearsal.Sentry(s.sentry)
	s.servers = append(s.servers, server{listener, s.rehearsal.IDP(http.NotFoundHandler())})
	return nil
}

func listenSandbox(ctx context.Context, address string, public bool) (net.Listener, error) {
	listener, err := sandbox.Listen(ctx, address, public)
	if errors.Is(err, sandbox.ErrPublic) {
		err = fault.Hint(err, "whoever reaches the sandbox can read its token; if that is meant, pass --allow-public")
	}
	return listener, fault.WithCode(err, fault.Usage)
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
