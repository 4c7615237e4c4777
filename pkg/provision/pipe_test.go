package provision_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/transport"
)

// pipes is a network inside a synctest bubble. Whoever waits for it can be told
// from whoever works, so that time passes only when everybody waits: how loaded
// the machine is makes no attempt slow.
type pipes struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// serve makes handler answer for the rest of the test whatever is sent over the
// returned network, to any address.
func serve(tb testing.TB, handler http.Handler, concurrency int) *http.Transport {
	tb.Helper()
	p := &pipes{calls: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(p) }) // ends by Close
	network := transport.NewBase(concurrency, nil)
	network.Proxy, network.DialContext = nil, p.dial
	tb.Cleanup(func() {
		network.CloseIdleConnections()
		_ = server.Close()
		serving.Wait()
	})
	return network
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.calls <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept waits for the next call.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case call := <-p.calls:
		return call, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is nowhere.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }
