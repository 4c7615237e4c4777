package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// faultSkew is more than the five minutes that python3-saml forgives, added to the
// five that authentik dates its assertions back.
const faultSkew = 15 * time.Minute

// now is Sentry's clock.
func (s *Sentry) now() time.Time {
	switch now := s.config.Now(); {
	case s.config.Faults.IsOn("sentry-ahead"):
		return now.Add(faultSkew)
	case s.config.Faults.IsOn("sentry-behind"):
		return now.Add(-faultSkew)
	default:
		return now
	}
}

// prefix is system.url-prefix as it is set, base that under which Sentry is
// reached.
func (s *Sentry) prefix(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	faults := s.config.Faults
	switch {
	case faults.IsOn("prefix-empty"):
		return ""
	case faults.IsOn("prefix-undotted"):
		return "http://sentry:9000"
	case faults.IsOn("prefix-host"):
		return u.Scheme + "://" + strings.Replace(u.Host, u.Hostname(), "sentry.internal.test", 1)
	case faults.IsOn("prefix-port"):
		return u.Scheme + "://" + u.Hostname()
	case faults.IsOn("prefix-path"):
		return base + "/sentry"
	case faults.IsOn("prefix-scheme") && u.Scheme == "https":
		return "http://" + u.Host
	case faults.IsOn("prefix-scheme"):
		return "https://" + u.Host
	}
	return base
}

// inTheWay is what is answered in the place of Sentry, by what stands in front of
// it or because it fails.
func (s *Sentry) inTheWay(r *http.Request) (reply, bool) {
	faults, path := s.config.Faults, r.URL.Path
	moved := func(to string) (reply, bool) {
		return reply{status: http.StatusFound, contentType: html, header: http.Header{"Location": {to}}, body: ""}, true
	}
	scim := strings.Contains(path, "/scim/v2/")
	switch {
	case faults.IsOn("sentry-redirect"):
		return moved("https://sentry.example.com" + r.URL.RequestURI())
	case faults.IsOn("sentry-login-wall"):
		return moved("https://login.example.com/start")
	case faults.IsOn("sentry-page"):
		return reply{status: http.StatusOK, contentType: html, body: "<!DOCTYPE html><title>Welcome</title><p>It works."}, true
	case faults.IsOn("sentry-down"):
		return reply{status: http.StatusBadGateway, contentType: html, body: "<h1>502 Bad Gateway</h1>"}, true
	case faults.IsOn("scim-missing") && scim:
		return reply{status: http.StatusNotFound, contentType: html, body: "<h1>404 Not Found</h1>"}, true
	case faults.IsOn("scim-limited") && scim:
		return reply{
			status: http.StatusTooManyRequests, contentType: html,
			body: `{"detail":"You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds"}`,
		}, true
	case faults.IsOn("sp-metadata-error") && strings.HasPrefix(path, "/saml/metadata/"):
		return reply{status: http.StatusInternalServerError, contentType: html, body: "<h1>Internal Server Error</h1>\n"}, true
	}
	return reply{}, false
}
