package authentik

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// faultSkew is more than the five minutes that Sentry forgives, added to the five
// that assertions are dated back.
const faultSkew = 15 * time.Minute

// Now is authentik's clock.
func (a *Authentik) Now() time.Time {
	switch now := a.config.Now(); {
	case a.config.Faults.IsOn("authentik-ahead"):
		return now.Add(faultSkew)
	case a.config.Faults.IsOn("authentik-behind"):
		return now.Add(-faultSkew)
	default:
		return now
	}
}

// seenAs is the address that authentik takes for its own.
func (a *Authentik) seenAs(base string) string {
	faults := a.config.Faults
	switch {
	case faults.IsOn("authentik-internal"):
		return "http://authentik-server:9000"
	case faults.IsOn("authentik-scheme") && strings.HasPrefix(base, "https:"):
		return "http" + strings.TrimPrefix(base, "https")
	case faults.IsOn("authentik-scheme"):
		return "https" + strings.TrimPrefix(base, "http")
	}
	return base
}

// Front lets what stands in front of authentik, and its clock, have a say in
// answers that somebody else gives in its place.
func (a *Authentik) Front(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", a.Now().UTC().Format(http.TimeFormat))
		if answer, ok := a.inTheWay(r); ok {
			send(w, answer)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// inTheWay is what is answered in the place of authentik.
func (a *Authentik) inTheWay(r *http.Request) (reply, bool) {
	faults := a.config.Faults
	moved := func(to string) (reply, bool) {
		return reply{status: http.StatusFound, kind: html, body: "", location: to}, true
	}
	metadata := metadataPath().MatchString(r.URL.Path)
	page := reply{status: http.StatusOK, kind: html, body: "<!DOCTYPE html><title>Log in</title><form><input name=username></form>"}
	switch {
	case faults.IsOn("authentik-down"):
		return reply{status: http.StatusBadGateway, kind: html, body: "<h1>502 Bad Gateway</h1>"}, true
	case faults.IsOn("authentik-redirect"):
		return moved("https://authentik.example.com" + r.URL.RequestURI())
	case faults.IsOn("authentik-page"), metadata && faults.IsOn("metadata-page"):
		return page, true
	case metadata && faults.IsOn("metadata-missing"):
		return noPage(), true
	case metadata && faults.IsOn("metadata-redirect"):
		slug := metadataPath().FindStringSubmatch(r.URL.Path)[1]
		return moved(a.downloadPath(slug))
	}
	return reply{}, false
}

// downloadPath is where the API has the metadata of an application's provider.
func (a *Authentik) downloadPath(slug string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := any(0)
	if o := a.samlOf(slug); o != nil {
		key = o[pk]
	}
	return fmt.Sprintf("%sproviders/saml/%s/metadata/?download", apiPath, url.PathEscape(fmt.Sprint(key)))
}
