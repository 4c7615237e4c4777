package transport

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// CheckPlain refuses to send a secret over plain http (code fault.Usage), except
// to loopback, which does not leave this machine, and to the hosts that are
// named, in whatever case and without ports.
func CheckPlain(address *url.URL, hosts []string) error {
	if strings.EqualFold(address.Scheme, "https") || isLoopback(address.Hostname()) {
		return nil
	}
	if slices.ContainsFunc(hosts, func(host string) bool { return sameHost(host, address.Hostname()) }) {
		return nil
	}
	return fault.Usagef("a token must not be sent over plain http, which others can read on the way: expected https but found %s", withoutSecrets(address))
}

// isLoopback knows the name localhost (RFC 6761 section 6.3) and the loopback
// addresses.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

// sameHost compares names, or addresses in any spelling.
func sameHost(a, b string) bool {
	first, firstErr := netip.ParseAddr(a)
	second, secondErr := netip.ParseAddr(b)
	if firstErr == nil && secondErr == nil {
		return first == second
	}
	return strings.EqualFold(a, b)
}
