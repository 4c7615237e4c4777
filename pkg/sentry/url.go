package sentry

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// samlURL is python3-saml's pattern of a URL (settings.py, url_regex), with what
// Python's classes and IGNORECASE take beyond ASCII.
var samlURL = pattern.New(`(?i)^[a-zİı0-9.-]*://` +
	`(?:(?:[A-Zİı0-9_](?:[A-Zİı0-9_-]{0,61}[A-Zİı0-9_])?\.)+(?:[A-Zİı]{2,6}\.?|[A-Zİı0-9-]{2,}\.?)|localhost|` +
	`\p{Nd}{1,3}\.\p{Nd}{1,3}\.\p{Nd}{1,3}\.\p{Nd}{1,3}|\[?[A-F0-9]*:[A-F0-9:]+\]?)(?::\p{Nd}+)?` +
	`(?:/?|[/?][^\p{Z}\t-\r\x1c-\x1f\x{85}]+)\n?$`)

// IsSAMLURL reports whether Sentry's SAML library accepts text as the URL of an
// endpoint: http, https, ftp or ftps, and a host that is localhost, an address
// or a name with a dot (python3-saml, settings.py validate_url). Numbers of an
// address may be too large: the library counts their digits alone. Sentry
// answers HTTP 500 to every SAML request where an endpoint of its own, or one of
// the identity provider's, is not such a URL.
func IsSAMLURL(text string) bool {
	scheme, _, _ := strings.Cut(text, "://")
	return slices.Contains([]string{"http", "https", "ftp", "ftps"}, strings.ToLower(scheme)) && samlURL().MatchString(text)
}

// IsFormURL reports whether the fields of Sentry's forms accept text as a URL: a
// web or FTP scheme, or none, and a host that is localhost, an address or a name
// with a dot (Django, core/validators.py URLValidator). Otherwise the form says
// "Enter a valid URL."
func IsFormURL(text string) bool {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "http://" + text // as URLField does
	}
	u, err := url.Parse(text)
	if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0xFFFD }) {
		return false
	}
	switch u.Scheme {
	case "http", "https", "ftp", "ftps":
		return isFormHost(u.Hostname())
	}
	return false
}

func isFormHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil || strings.EqualFold(host, "localhost") {
		return true
	}
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(host), "."), ".")
	for _, label := range labels {
		if !isFormLabel(label) {
			return false
		}
	}
	top := labels[len(labels)-1]
	digits := strings.ContainsAny(top, "0123456789") && !strings.HasPrefix(top, "xn--")
	return len(labels) > 1 && len([]rune(top)) > 1 && !digits
}

func isFormLabel(label string) bool {
	odd := func(r rune) bool {
		ascii := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-'
		return r < 0xa1 && !ascii
	}
	return label != "" && len([]rune(label)) <= 63 && !strings.HasPrefix(label, "-") && !strings.HasSuffix(label, "-") &&
		!strings.ContainsFunc(label, odd)
}
