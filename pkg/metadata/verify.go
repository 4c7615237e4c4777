package metadata

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Verification compares the addresses that were computed for an organization
// with those that Sentry publishes.
type Verification struct {
	OK         bool              `json:"ok"`
	Published  *ServiceProvider  `json:"published"` // null where Sentry shows none
	Compared   []Comparison      `json:"compared"`
	Problems   []Problem         `json:"problems"`
	Release    sentry.Release    `json:"release"`    // of a self-hosted Sentry; empty: it does not say
	URLPrefix  *string           `json:"url_prefix"` // system.url-prefix as Sentry says it; null: it does not say
	Advisories []sentry.Advisory `json:"advisories"` // on SAML, that the release is affected by
}

// Comparison is one address.
type Comparison struct {
	Name      string `json:"name"` // entity_id, acs_url or sls_url
	Computed  string `json:"computed"`
	Published string `json:"published"`
	Equal     bool   `json:"equal"`
}

// Problem is why the addresses differ, named as what has to be changed.
type Problem struct {
	Code    string `json:"code"` // scheme, host, port, path, slash, slug; redirect, status, server-error, no-metadata
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Verify fetches Sentry's own metadata for an organization and compares it with
// what was computed. Where Sentry tells its release and system.url-prefix, which
// needs no login either, they are taken into account; release is the one to
// assume where it does not. What Sentry answers is never an error but a problem,
// and an error (code Failed) that it does not answer. client follows no
// redirects.
func Verify(ctx context.Context, client *http.Client, computed sentry.URLs, release sentry.Release) (*Verification, error) {
	v := &Verification{Compared: []Comparison{}, Problems: []Problem{}, Release: release, Advisories: []sentry.Advisory{}}
	status, body, err := get(ctx, client, "Sentry's metadata URL", computed.MetadataURL)
	to, redirected := errors.AsType[*redirect](err)
	if err != nil && !redirected {
		return nil, err
	}
	v.introduce(ctx, client, computed)
	switch {
	case redirected:
		v.elsewhere(computed.MetadataURL, to.to)
	case status != http.StatusOK:
		v.refused(computed, status)
	default:
		v.read(computed, body)
	}
	v.OK = len(v.Problems) == 0
	return v, nil
}

// OnlyDefault puts before each fix that the address of Sentry is only the
// default.
func (v *Verification) OnlyDefault(address string) {
	for i := range v.Problems {
		v.Problems[i].Fix = sentry.OnlyDefault(address, v.Problems[i].Fix)
	}
}

// introduce asks Sentry who it is. One that does not say is as good.
func (v *Verification) introduce(ctx context.Context, client *http.Client, computed sentry.URLs) {
	status, body, err := get(ctx, client, "Sentry's address", computed.SentryURL+"/api/client-config/")
	if err == nil && status == http.StatusOK {
		if config, wrong := sentry.ParseClientConfig(body); wrong == nil {
			v.URLPrefix = &config.URLPrefix
			if config.Release.Known() {
				v.Release = config.Release
			}
		}
	}
	v.Advisories = append(v.Advisories, sentry.AdvisoriesFor(v.Release)...)
}

func (v *Verification) read(computed sentry.URLs, body []byte) {
	published, err := parseServiceProvider(body)
	switch {
	case err == nil:
		v.compare(computed, published)
	case filekind.Of(body) == filekind.WebPage:
		v.add("no-metadata", computed.MetadataURL+" shows a web page (HTML) instead of SAML metadata",
			"check --sentry-url: another site answers there, or a proxy in front of Sentry that asks for a login; /saml/ must need none")
	default:
		v.add("no-metadata", fmt.Sprintf("%s shows no SAML metadata: %s", computed.MetadataURL, err), "check --sentry-url: is this Sentry?")
	}
}

func (v *Verification) add(code, message, fix string) {
	for _, p := range v.Problems {
		if p.Code == code {
			return // three addresses differ for one reason
		}
	}
	v.Problems = append(v.Problems, Problem{code, message, fix})
}

func (v *Verification) refused(computed sentry.URLs, status int) {
	switch {
	case status == http.StatusNotFound:
		v.add("slug", fmt.Sprintf("Sentry knows no organization %q (404)", computed.Org),
			"give the slug that stands in the address bar, in --org")
	case status == http.StatusInternalServerError:
		v.broken(computed)
	case status > http.StatusInternalServerError:
		v.add("status", fmt.Sprintf("%s answered %d %s", computed.MetadataURL, status, http.StatusText(status)),
			"see that Sentry's web container is up, and that the proxy in front reaches it")
	default:
		v.add("status", fmt.Sprintf("%s answered %d %s", computed.MetadataURL, status, http.StatusText(status)),
			"check --sentry-url, and that a proxy in front lets /saml/ through")
	}
}

// broken explains HTTP 500. Sentry's SAML library refuses a system.url-prefix
// that is not set or has a host without a dot; all else is in Sentry's log.
func (v *Verification) broken(computed sentry.URLs) {
	const what = "Sentry cannot make its own metadata (500)"
	dotted := "set system.url-prefix to the address that users open Sentry at, with a host that has a dot, localhost or an address, and restart Sentry"
	switch {
	case v.URLPrefix != nil && *v.URLPrefix == "":
		v.add("host", what+": its system.url-prefix is not set", dotted)
	case v.URLPrefix != nil && !sentry.IsSAMLURL(strings.TrimSuffix(*v.URLPrefix, "/")+"/"):
		v.add("host", what+": its SAML library refuses system.url-prefix, which is "+*v.URLPrefix, dotted)
	case v.URLPrefix != nil:
		v.add("server-error", what+", and its system.url-prefix "+*v.URLPrefix+" is not the cause", "look for the error in the log of Sentry's web container")
	case !sentry.IsSAMLURL(computed.MetadataURL):
		v.add("host", what+": its SAML library refuses addresses such as "+computed.SentryURL, dotted)
	default:
		v.add("server-error", what+" and does not say why",
			"look for the error in the log of Sentry's web container; a system.url-prefix that is not set, or whose host has no dot, is one cause, "+
				"a database that is down another")
	}
}
