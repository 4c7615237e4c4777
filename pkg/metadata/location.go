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
		return fault.Hint(fault.Usagef("%s is not an absolute http or https URL: %q", what, text),
			"want something like https://idp.example.com/saml/sso")
	case strings.Contains(text, "#"):
		return fault.Hint(fault.Usagef("%s must have no fragment: %s", what, text),
			"parameters are appended to it: leave the part from '#' out")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
