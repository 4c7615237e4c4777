package sandbox

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// inside answers what is no part of Sentry: the state, and the journal. It takes
// the sandbox's own token and a loopback host, so that no site that a browser on
// this machine has open can read it: not even under a name of its own that leads
// to this machine (DNS rebinding).
func (s *Sentry) inside(r *http.Request, name string) reply {
	refuse := func(status int, header http.Header, format string, args ...any) reply {
		return reply{status: status, header: header, body: map[string]string{"detail": fmt.Sprintf(format, args...)}}
	}
	token, given := bearer(r)
	switch {
	case !isLoopback(r.Host):
		return refuse(http.StatusMisdirectedRequest, nil, "host: expected localhost or a loopback address but found %q", r.Host)
	case !given || subtle.ConstantTimeCompare([]byte(token), []byte(s.config.SandboxToken)) != 1:
		return refuse(http.StatusUnauthorized, http.Header{"Www-Authenticate": {"Bearer"}}, "expected the sandbox's own token: Authorization: Bearer TOKEN")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return refuse(http.StatusMethodNotAllowed, http.Header{"Allow": {"GET, HEAD"}}, "%s", methodNotAllowed(r.Method))
	}
	switch name {
	case "state":
		return reply{status: http.StatusOK, body: s.Snapshot()}
	case "requests":
		return reply{status: http.StatusOK, body: map[string]any{"requests": s.Requests(), "total": s.asked.Load()}}
	default:
		return refuse(http.StatusNotFound, nil, "expected /_sandbox/state or /_sandbox/requests but found %s", r.URL.Path)
	}
}

// isLoopback reports whether a Host header, with or without a port, is of this
// machine whoever answers for names.
func isLoopback(header string) bool {
	host, _, err := net.SplitHostPort(header)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(header, "["), "]")
	}
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}
