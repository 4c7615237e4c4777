// Package sentry knows what Sentry is as a service provider: which URLs an
// organization has, what slugs, roles and addresses it accepts. It talks to
// nobody.
package sentry

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// SaaS is where Sentry itself runs Sentry.
const SaaS = "https://sentry.io"

// OnlyDefault is a fix for where nobody gave Sentry's address, so that the
// default one decides: a user of another Sentry must not follow it.
func OnlyDefault(address, fix string) string {
	return "if Sentry is not at " + address + ", which is only the default, pass --sentry-url with its address and change nothing yet; otherwise " + fix
}

var hostName = pattern.New(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)

// Base is the address of a Sentry installation, without a slash at the end. It
// has to be what Sentry has as system.url-prefix, which every URL below is
// compared with.
type Base struct{ text string }

// String returns the address.
func (b Base) String() string { return b.text }

// ParseBase reads an address: a URL, or a bare host, which means https. Port and
// path prefix stay as they are written, because Sentry compares them so. The
// warnings tell what works but will be stumbled over. Errors are fault.Usage.
func ParseBase(raw string) (base Base, warnings []string, err error) {
	text := strings.TrimSpace(raw)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return Base{}, nil, badBase("is no URL") // the parser's words would repeat the text, credentials and all
	}
	if problem := baseProblem(u); problem != "" {
		return Base{}, nil, badBase(problem)
	}
	u.Host = strings.ToLower(u.Host)
	base = Base{text: u.Scheme + "://" + u.Host + strings.TrimRight(u.EscapedPath(), "/")}
	return base, baseWarnings(u), nil
}

func badBase(problem string) error {
	return fault.Hint(fault.Usagef("Sentry's address %s", problem),
		"it looks like https://sentry.example.com, with a port and a path only where Sentry's system.url-prefix has them")
}

func baseProblem(u *url.URL) string {
	_, portErr := strconv.ParseUint(u.Port(), 10, 16)
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "has the scheme " + u.Scheme + ", wanted https"
	case u.User != nil:
		return "holds credentials"
	case u.RawQuery != "" || u.ForceQuery:
		return "has a query"
	case u.Fragment != "":
		return "has a fragment"
	case u.Hostname() == "":
		return "has no host"
	case net.ParseIP(u.Hostname()) == nil && !hostName().MatchString(u.Hostname()):
		return "has a host of characters other than letters, digits, - and . (write other alphabets as xn--)"
	case u.Port() != "" && portErr != nil, strings.HasSuffix(u.Host, ":"):
		return "has an impossible port"
	case strings.Contains(u.Path, "//") || strings.ContainsAny(u.Path, "\\ "):
		return "has a path that Sentry cannot have"
	}
	return ""
}

// baseWarnings are what python3-saml and Sentry trip over (Sentry,
// auth/providers/saml2/provider.py).
func baseWarnings(u *url.URL) []string {
	var warnings []string
	host := u.Hostname()
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme == "http" && !loopback {
		warnings = append(warnings, "plain http: SAML responses and the SCIM token can be read on the way; set system.url-prefix to https")
	}
	if !IsSAMLURL(u.Scheme + "://" + u.Host + "/") {
		warnings = append(warnings, "the host "+host+" is refused by Sentry's SAML library, and Sentry answers HTTP 500: "+
			"it must be a name with a dot whose labels begin and end with a letter or digit, localhost or an address")
	}
	if strings.HasSuffix(host, ".sentry.io") {
		warnings = append(warnings, "Sentry SaaS names itself "+SaaS+"/saml/metadata/<org>/ in SAML, whatever host it is opened under: leave --sentry-url out to get those URLs")
	}
	return warnings
}

// IsSaaS reports whether the address is one of Sentry's own service: sentry.io,
// a region of it (us.sentry.io), or an organization's host below it.
func (b Base) IsSaaS() bool {
	u, err := url.Parse(b.text)
	return err == nil && (u.Host == "sentry.io" || strings.HasSuffix(u.Host, ".sentry.io"))
}
