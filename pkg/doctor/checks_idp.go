package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// warnDays is how long before its end the signing certificate is warned of: a
// roll-over needs an owner of Sentry and an administrator of the identity provider.
const warnDays = 30

// differs is lint's code for an entity ID that is another address than the
// metadata's. The check of the issuer looks at it more closely.
const differs = "entity-id-differs"

// idpChecks need no token.
func idpChecks() []check {
	asked := []Probe{ProbeIDP}
	return []check{
		{code: codeIDPReach, side: Authentik, title: "the identity provider answers", needs: asked, judge: func(f *facts) []Result {
			return reach(&f.idp, "authentik.url (--authentik-url)")
		}},
		{code: codeIDPTLS, side: Authentik, title: "the identity provider's TLS certificate", needs: asked, causes: []string{codeIDPReach}, judge: func(f *facts) []Result {
			return certificate(f, &f.idp, "authentik.ca_file")
		}},
		{code: codeIDPRedirect, side: Authentik, title: "the metadata is served without a redirect", needs: asked, causes: []string{codeIDPReach, codeIDPTLS}, judge: idpRedirect},
		{
			code: codeIDPIdentity, side: Authentik, title: "the identity provider is up, and no other site answers", needs: asked, uses: []Probe{ProbeAuthentik},
			causes: []string{codeIDPReach, codeIDPTLS, codeIDPRedirect}, judge: idpIdentity,
		},
		{
			code: "clocks", side: Both, title: "the clocks agree", uses: []Probe{ProbeSentry, ProbeIDP},
			causes: []string{codeSentryReach, codeSentryTLS, codeIDPReach, codeIDPTLS}, judge: clocks,
		},
		{
			code: "idp-for-sentry", side: Both, title: "Sentry can fetch the metadata", needs: asked, uses: []Probe{ProbeSentry},
			causes: []string{codeIDPReach, codeIDPTLS}, judge: forSentry,
		},
	}
}

// metadataChecks need no token. That the application is not as it should be, which
// a token tells, comes first.
func metadataChecks() []check {
	asked := []Probe{ProbeDocument}
	answers := idpAnswers()
	return []check{
		{
			code: "idp-answer", side: Authentik, title: "the address serves SAML metadata", needs: []Probe{ProbeIDP},
			causes: slices.Concat(answers, []string{codeApplication, "authentik-provider"}), judge: idpAnswer,
		},
		{code: "idp-issuer", side: Authentik, title: "the entity ID is the address of the metadata", needs: asked, causes: slices.Concat(answers, []string{"idp-answer"}), judge: issuer},
		{
			code: "idp-metadata", side: Authentik, title: "the identity provider's metadata, as Sentry reads it", needs: asked,
			causes: slices.Concat(answers, []string{"authentik-provider", "idp-answer"}), judge: idpMetadata,
		},
	}
}

func idpRedirect(f *facts) []Result {
	v := &f.idp
	switch {
	case v.err != nil:
		return one(unchecked("the identity provider gave no answer"))
	case !v.redirects():
		return one(fine(v.place() + " answers by itself"))
	}
	saw := fmt.Sprintf("%s answered %d", v.place(), v.status)
	if v.location != nil {
		saw = redirect(v, "").Saw
	}
	return one(fail("followed", saw, `the metadata itself: Sentry follows no redirect and says "Failed to parse provided SAML2 metadata"`,
		"give Sentry the address that the redirect ends at, or paste the XML; a redirect to a login means that the metadata is not public"))
}

// idpIdentity is about the whole site. What is wrong at one address is idpAnswer's.
func idpIdentity(f *facts) []Result {
	v := &f.idp
	_, page := errors.AsType[*answer.UnreadableError](f.selfErr)
	status := fmt.Sprintf("%s answered %d %s", v.place(), v.status, http.StatusText(v.status))
	const wanted = "authentik's own answer"
	switch {
	case !v.answered():
		return one(unchecked("the identity provider gave no answer at this address"))
	case v.status > http.StatusInternalServerError, v.status == http.StatusInternalServerError && statusOf(f.selfErr) >= http.StatusInternalServerError:
		return one(fail("down", status, wanted, "see that authentik's server container is up, and that the proxy in front reaches it"))
	case f.idpErr != nil && page:
		return one(fail("other-site", v.place()+" and authentik's API both answer with a web page", wanted,
			"check authentik.url (--authentik-url): another site answers there, or a login page in front of authentik"))
	}
	return one(fine(v.address.Host + " serves its own answers"))
}

func idpAnswer(f *facts) []Result {
	v := &f.idp
	const wanted = "SAML metadata, which needs no login"
	switch {
	case !v.answered():
		return one(unchecked("the identity provider gave no answer at this address"))
	case v.status == http.StatusNotFound:
		return one(fail("not-found", v.place()+" answered 404 Not Found", wanted,
			"check the slug of the application (authentik.application, --application), and that it has a SAML provider: Applications > the application > Provider").sure(Likely))
	case f.idpErr != nil:
		return one(fail("unreadable", fault.Text(f.idpErr), wanted, strings.Join(fault.Hints(f.idpErr), "; ")))
	}
	return one(fine(v.place() + " serves SAML metadata"))
}

// served reports whether there is metadata to be looked at.
func (f *facts) served() bool { return f.fromFile || f.idp.answered() && f.idpErr == nil }

func idpMetadata(f *facts) []Result {
	if !f.served() {
		return one(unchecked("there is no metadata"))
	}
	judged := f.judgement()
	var found []Result
	for _, finding := range judged.Findings {
		if finding.Severity == metadata.Info || finding.Code == differs {
			continue
		}
		r := linted(finding)
		if finding.Code == "invalid-url" {
			r = r.because("idp-issuer/host") // the same wrong host is in the issuer
		}
		found = append(found, r)
	}
	if len(found) > 0 || judged.Stored == nil {
		return found
	}
	return one(fine("Sentry stores the entity ID " + judged.Stored.EntityID))
}

// judgement is what Sentry makes of the metadata.
func (f *facts) judgement() *metadata.Judgement {
	from := metadata.Source{Name: f.subject.MetadataURL, URL: f.subject.MetadataURL, Now: f.now, WarnDays: warnDays}
	if f.fromFile {
		from.URL = ""
	}
	return metadata.Judge(f.idpXML, from)
}

func linted(finding metadata.Finding) Result {
	r := fail(finding.Code, finding.Message+": Sentry "+finding.Sentry, "metadata that Sentry takes whole", finding.Fix)
	if finding.Severity != metadata.Error {
		r.Verdict = Warning
	}
	return r
}

func issuer(f *facts) []Result {
	if !f.served() {
		return one(unchecked("there is no metadata"))
	}
	stored := f.judgement().Stored
	if stored == nil || stored.EntityID == "" {
		return one(unchecked("the metadata has no entity ID"))
	}
	saw := "the entity ID is " + stored.EntityID
	if want := f.subject.Issuer; want != "" {
		if stored.EntityID == want {
			return one(fine(saw + ", as authentik.issuer says"))
		}
		return one(fail("differs", saw, "authentik.issuer, which is "+want, "'sentryidp authentik apply' sets it; then let Sentry read the metadata again"))
	}
	const path = "/application/saml/"
	switch {
	case f.stored() != nil && f.stored().EntityID != nil, f.fromFile, stored.EntityID == f.subject.MetadataURL:
		return one(fine(saw)) // what Sentry stored has a check of its own
	case strings.Contains(stored.EntityID, path):
	case strings.Contains(f.subject.MetadataURL, path) && stored.EntityID != beforeIssuers:
		return one(warn("pinned", saw+", which is not the address of the metadata, and authentik.issuer is not set", "the entity ID that Sentry stored: it refuses any other issuer",
			"if Sentry has this one, write it into authentik.issuer (--issuer); otherwise clear the issuer of the provider in authentik").sure(Possible))
	default:
		return one(fine(saw))
	}
	return one(byHost(stored.EntityID, f.subject.MetadataURL))
}

// beforeIssuers is the issuer that authentik had for every application by default
// until 2026.5, and that upgraded providers keep.
const beforeIssuers = "authentik"

// byHost is the fault of an issuer that follows the request (authentik 2026.5 and
// later, providers/saml/api/providers.py build_absolute_uri).
func byHost(entityID, address string) Result {
	saw := fmt.Sprintf("the metadata came from %s, and its entity ID is %s", address, entityID)
	const wanted = "the same: Sentry refuses a response of another issuer than the one that it stored"
	a, errA := url.Parse(address)
	b, errB := url.Parse(entityID)
	switch {
	case errA != nil || errB != nil:
	case a.Host == b.Host && a.Scheme != b.Scheme:
		return warn("scheme", saw, wanted,
			"let the proxy in front of authentik send X-Forwarded-Proto, and name the proxy in AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS; then let Sentry read the metadata again").sure(Likely)
	case a.Host != b.Host && !sentry.IsSAMLURL(entityID):
		return fail("host", saw, "an address that Sentry takes: "+wanted, "let the proxy in front of authentik keep the Host header, and name the proxy in AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS; then let Sentry read the metadata again").sure(Likely)
	case a.Host != b.Host:
		return warn("host", saw, wanted,
			"use the address that users log in at in authentik.url and in Sentry, let the proxy in front keep the Host header, or pin the issuer: --issuer "+address).sure(Likely)
	}
	return warn("path", saw, wanted, "use one address for authentik everywhere, or pin the issuer: --issuer "+address).sure(Possible)
}

func forSentry(f *facts) []Result {
	together := isLoopback(f.idp.address.Hostname()) && isLoopback(f.sentry.addressHost())
	var found []Result
	for _, finding := range metadata.Reach(f.subject.MetadataURL, f.idpAddrs) {
		if together || finding.Code == "private-address" && !f.refusesPrivate() {
			continue
		}
		found = append(found, linted(finding).sure(Likely))
	}
	if f.idp.err != nil && len(found) == 0 {
		return one(unchecked("the identity provider gave no answer here"))
	}
	return orFine(found, f.idp.address.Host+" is no address that Sentry refuses")
}

func (v *visit) addressHost() string {
	if v.address == nil {
		return ""
	}
	return v.address.Hostname()
}

// refusesPrivate reports whether Sentry fetches nothing from private addresses:
// SaaS cannot, and self-hosted does not from 25.9 on (conf/server.py
// SENTRY_DISALLOWED_IPS).
func (f *facts) refusesPrivate() bool {
	release := f.subject.Release
	if f.introduced() && f.config.Release.Known() {
		release = f.config.Release
	}
	return !release.Known() || !release.Before(sentry.Release{Year: 25, Month: 9})
}
