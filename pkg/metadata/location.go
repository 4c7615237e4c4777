package metadata

import (
	"net"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
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

// locationWarnings says what works elsewhere but not with Sentry, or not
// safely. text has passed checkLocation.
func locationWarnings(what, text string) []string {
	u, err := url.Parse(text)
	if err != nil {
		return nil
	}
	var warnings []string
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		warnings = append(warnings, what+" is plain http: logins can be read and changed on the way")
	}
	if !sentry.IsSAMLURL(text) {
		warnings = append(warnings, what+" has the host "+u.Hostname()+
			": Sentry's SAML library refuses hosts without a dot and answers HTTP 500; use a full host name")
	}
	return warnings
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
