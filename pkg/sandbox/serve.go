package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Listen opens addr, such as 127.0.0.1:0. The sandbox hands out what it holds
// to whoever asks, so an address that other machines reach is refused unless
// allowPublic.
func Listen(ctx context.Context, addr string, allowPublic bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listen address: wanted host:port, found %q: %w", addr, err)
	}
	if !allowPublic {
		if addr, err = loopbackOf(ctx, addr, host); err != nil {
			return nil, err
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", addr, err)
	}
	return listener, nil
}

// ErrPublic says that an address is not of this machine alone.
var ErrPublic = errors.New("which other machines may reach")

// loopbackOf looks a name up before anything listens, and holds to what it found.
func loopbackOf(ctx context.Context, addr, host string) (string, error) {
	resolved, err := resolve(ctx, addr)
	if err != nil {
		return "", err
	}
	if host == "" || !resolved.IP.IsLoopback() {
		return "", fmt.Errorf("listen address: wanted a loopback address such as 127.0.0.1:0, found %q, %w", addr, ErrPublic)
	}
	return resolved.String(), nil
}

func resolve(ctx context.Context, addr string) (*net.TCPAddr, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return nil, fmt.Errorf("listen address: wanted a port from 0 to 65535, found %q: %w", port, err)
	}
	if host == "" {
		return &net.TCPAddr{Port: number}, nil
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("listen address: wanted a host of this machine, found %q: %w", host, err)
	}
	for _, ip := range ips {
		if ip.IP.IsLoopback() {
			return &net.TCPAddr{IP: ip.IP, Port: number, Zone: ip.Zone}, nil
		}
	}
	return &net.TCPAddr{IP: ips[0].IP, Port: number, Zone: ips[0].Zone}, nil
}

// Serve answers requests on listener until ctx ends; those under way then have
// five seconds to finish. It returns nil after such an end.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	// ctx has ended: the shutdown needs one that has not.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
