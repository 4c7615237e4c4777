package cmd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/input"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// handshakeTimeout bounds the look at a server where --timeout does not.
const handshakeTimeout = 10 * time.Second

// shownBy takes the certificates that a server shows, valid or not: to look at
// them is the point. Nothing is sent over the connection.
func (o *samlCertInspectOptions) shownBy(ctx context.Context, address string) (*keypair.Contents, error) {
	host, port, err := hostPort(address)
	if err != nil {
		return nil, err
	}
	bound := ctx
	if o.timeout <= 0 {
		var cancel context.CancelFunc
		bound, cancel = context.WithTimeout(ctx, handshakeTimeout)
		defer cancel()
	}
	dialer := tls.Dialer{
		Config: &tls.Config{ServerName: host, InsecureSkipVerify: true}, //nolint:gosec // the certificate is looked at, not trusted
	}
	conn, err := dialer.DialContext(bound, "tcp", net.JoinHostPort(host, port))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, input.Ended(ctx, "the certificates of "+net.JoinHostPort(host, port))
	case errors.Is(err, context.DeadlineExceeded):
		err = errors.New("no TLS within " + handshakeTimeout.String())
	}
	if err != nil {
		return nil, notShown(net.JoinHostPort(host, port), err)
	}
	defer func() { _ = conn.Close() }()
	secure, ok := conn.(*tls.Conn)
	if !ok {
		return nil, fmt.Errorf("look at %s: no TLS", host)
	}
	return &keypair.Contents{Format: keypair.TLS, Certificates: secure.ConnectionState().PeerCertificates}, nil
}

// notShown tells a server that cannot be looked at from a certificate that Go's
// own TLS refuses before anybody can look at it.
func notShown(server string, err error) error {
	if strings.Contains(err.Error(), "failed to parse certificate from server") {
		return fault.Hint(fault.New(fault.Failed, "%s shows a certificate that Go refuses: %w", server, err),
			"OpenSSL is less strict: openssl s_client -connect %s -showcerts </dev/null | sentryidp saml cert inspect -", server)
	}
	return fault.Hint(fmt.Errorf("look at %s: %w", server, err), "the server must be reachable from here and speak TLS")
}

func hostPort(address string) (host, port string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return "", "", fault.Usagef("want an address such as https://authentik.example.com:443, without credentials")
	}
	if u.Port() == "" {
		return u.Hostname(), "443", nil
	}
	return u.Hostname(), u.Port(), nil
}
