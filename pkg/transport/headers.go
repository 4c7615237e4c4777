package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/secret"
)

// UserAgent sets the User-Agent header. An empty agent changes nothing.
func UserAgent(agent string) Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		if agent == "" {
			return next
		}
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.Header.Set("User-Agent", agent)
			return next.RoundTrip(req)
		})
	}
}

// Bearer sends token as "Authorization: Bearer" (RFC 6750 section 2.1) to the
// scheme, host and port of origin, and to no other: a redirect or a link in an
// answer never carries it away. Plain http is refused as CheckPlain says. An
// empty token changes nothing.
func Bearer(origin string, token secret.String, plainHosts []string) (Middleware, error) {
	if token.IsZero() {
		return func(next http.RoundTripper) http.RoundTripper { return next }, nil
	}
	home, err := url.Parse(origin)
	if err != nil || home.Host == "" {
		return nil, fmt.Errorf("transport: a token needs the URL it belongs to, found %q", withoutSecrets(home))
	}
	if err := CheckPlain(home, plainHosts); err != nil {
		return nil, err
	}
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(req *http.Request) (*http.Response, error) {
			if !sameOrigin(home, req.URL) {
				return next.RoundTrip(req)
			}
			req = req.Clone(req.Context())
			req.Header.Set("Authorization", "Bearer "+token.Reveal())
			return next.RoundTrip(req)
		})
	}, nil
}

// sameOrigin compares scheme, host and port (RFC 6454 section 5).
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) &&
		strings.EqualFold(a.Hostname(), b.Hostname()) &&
		port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "https"):
		return "443"
	}
	return "80"
}

// withoutSecrets writes u without its credentials and query.
func withoutSecrets(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
