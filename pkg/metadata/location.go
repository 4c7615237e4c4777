package metadata

import (
	"net"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// checkLocation refuses what cannot be the Location of an endpoint: anything
// but an absolute http or https URL without credentials and fragment. what
// names the URL in the error. Credentials are not repeated.
func checkLocation(what, text string) error {
	u, err := url.Parse(text)
	absolute := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
	switch {
	case err == nil && u.User != nil, err != nil && strings.Contains(text, "@"):
		return fault.Hint(fault.Usagef("%s must not hold credentials", what),
			"metadata is public: leave the part before '@' out")
	case !absolute, strings.ContainsFunc(text, isControlOrSpace):
		return fault.Hint(fault.Usagef("%s is not an absolute http or https URL: %q", what, shownAddress(text)),
			"want something like https://idp.example.com/saml/sso")
	case strings.Contains(text, "#"):
		return fault.Hint(fault.Usagef("%s must have no fragment: %s", what, shownAddress(text)),
			"parameters are appended to it: leave the part from '#' out")
	}
	return nil
}

// shownAddress is an address as messages may have it, without credentials, query and
// fragment, also where it is no URL.
func shownAddress(text string) string {
	place, cut := text, ""
	if at := strings.IndexAny(text, "?#"); at >= 0 {
		place, cut = text[:at], text[at:at+1]+"…"
	}
	scheme, rest, _ := strings.Cut(place, "://")
	if at := strings.LastIndex(rest, "@"); at >= 0 {
		place = scheme + "://…" + rest[at:]
	}
	return place + cut
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
