package doctor

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// clientConfig is where Sentry tells everybody about itself (web/urls.py).
const clientConfig = "/api/client-config/"

// sentryChecks need no token.
func sentryChecks() []check {
	asked := []Probe{ProbeSentry}
	return []check{
		{code: codeSentryReach, side: Sentry, title: "Sentry answers", needs: asked, judge: func(f *facts) []Result {
			return reach(&f.sentry, "sentry.url (--sentry-url)")
		}},
		{code: codeSentryTLS, side: Sentry, title: "Sentry's TLS certificate", needs: asked, causes: []string{codeSentryReach}, judge: func(f *facts) []Result {
			return certificate(f, &f.sentry, "sentry.ca_file")
		}},
		{
			code: codeSentryRedirect, side: Sentry, title: "Sentry answers at its address without a redirect", needs: asked,
			causes: []string{codeSentryReach, codeSentryTLS}, judge: sentryRedirect,
		},
		{
			code: codeSentryIdentity, side: Sentry, title: "what answers is Sentry", needs: asked,
			causes: []string{codeSentryReach, codeSentryTLS, codeSentryRedirect}, judge: identity,
		},
		{
			code: codeSentryPrefix, side: Sentry, title: "Sentry's system.url-prefix is its address", needs: asked,
			causes: sentryAnswers(), judge: prefix,
		},
		{
			code: "sentry-release", side: Sentry, title: "Sentry's release has no known fault or advisory on SAML", needs: asked,
			causes: sentryAnswers(), judge: advisories,
		},
		{
			code: "sentry-invites", side: Sentry, title: "Sentry sends invitations", needs: asked,
			causes: sentryAnswers(), judge: invites,
		},
		{
			code: codeSentryMetadata, side: Sentry, title: "Sentry's SAML addresses are those that follow from the settings", needs: []Probe{ProbeMetadata}, uses: asked,
			causes: slices.Concat(sentryAnswers(), []string{codeSentryPrefix}), judge: spMetadata,
		},
	}
}

func sentryRedirect(f *facts) []Result {
	v := &f.sentry
	switch {
	case v.err != nil:
		return one(unchecked("Sentry gave no answer"))
	case !v.redirects():
		return one(fine(v.place() + " answers by itself"))
	case v.location == nil:
		return one(fail("nowhere", fmt.Sprintf("%s answered %d without saying where to", v.place(), v.status), "an answer", "look at the proxy in front of Sentry"))
	}
	return one(redirect(v, "set sentry.url (--sentry-url) to "+base(v.location)+", if that is the address of Sentry's system.url-prefix"))
}

// redirect is the fault of an address that leads elsewhere.
func redirect(v *visit, move string) Result {
	to := *v.location
	to.RawQuery, to.User = "", nil
	saw := v.place() + " redirects to " + to.String()
	const wanted = "an answer at the address itself: SAML compares addresses to the letter"
	switch {
	case v.address.Host == to.Host && v.address.Scheme != to.Scheme:
		return fail("scheme", saw, wanted, move)
	case v.address.Host != to.Host && strings.TrimSuffix(to.Path, "/") == strings.TrimSuffix(v.address.Path, "/"):
		return fail("host", saw, wanted, move)
	}
	return fail("elsewhere", saw, wanted, "let the proxy in front leave "+v.address.Path+" alone: it must need no login").sure(Likely)
}

// base is the address of the Sentry whose client configuration is at u. It can be
// below a path.
func base(u *url.URL) string {
	below, found := strings.CutSuffix(u.Path, clientConfig)
	if !found {
		below = ""
	}
	return u.Scheme + "://" + u.Host + below
}

func identity(f *facts) []Result {
	v := &f.sentry
	const wanted = "Sentry's client configuration, which needs no login"
	status := fmt.Sprintf("%s answered %d %s", v.place(), v.status, http.StatusText(v.status))
	switch {
	case !v.answered():
		return one(unchecked("Sentry gave no answer at this address"))
	case v.status >= http.StatusInternalServerError:
		return one(fail("down", status, wanted, "see that Sentry's web container is up, and that the proxy in front reaches it"))
	case v.status == http.StatusUnauthorized || v.status == http.StatusForbidden:
		return one(fail("denied", status, wanted, "let the proxy in front of Sentry pass /api/ and /saml/ without a login of its own").sure(Likely))
	case v.status == http.StatusNotFound:
		return one(fail("other-site", status, wanted, "check sentry.url (--sentry-url): another site answers there, or Sentry is below another path").sure(Likely))
	case v.status != http.StatusOK:
		return one(warn("status", status, wanted, "check sentry.url (--sentry-url): is this Sentry, with the path of its system.url-prefix?").sure(Possible))
	case f.configErr != nil:
		saw := v.place() + " shows an empty page"
		if told := answer.Describe(v.body); told != "" {
			saw = v.place() + " shows " + told
		}
		return one(fail("other-site", saw, wanted, "check sentry.url (--sentry-url): another site answers there, or a login page in front of Sentry").sure(Likely))
	}
	return one(fine(named(f)))
}

// named is what Sentry says of itself.
func named(f *facts) string {
	kind := "Sentry SaaS"
	if f.config.SelfHosted {
		kind = strings.TrimSpace("self-hosted Sentry " + f.config.Release.String())
	}
	if f.config.SingleOrganization {
		return kind + ", one organization"
	}
	return kind + ", several organizations"
}

// introduced reports whether Sentry said who it is.
func (f *facts) introduced() bool {
	return f.sentry.answered() && f.sentry.status == http.StatusOK && f.configErr == nil
}

// isSaaS reports whether Sentry said that it is not self-hosted.
func (f *facts) isSaaS() bool { return f.introduced() && !f.config.SelfHosted }

func prefix(f *facts) []Result {
	if !f.introduced() {
		return one(unchecked("Sentry does not tell its system.url-prefix"))
	}
	told, want := strings.TrimRight(f.config.URLPrefix, "/"), f.subject.SentryURL
	saw := "Sentry's system.url-prefix is " + told
	restart := "set system.url-prefix (config.yml) to the address that users open Sentry at, and restart Sentry"
	if f.subject.DefaultSentry {
		restart = sentry.OnlyDefault(want, restart)
	}
	switch {
	case told == "":
		return one(fail("empty", "Sentry's system.url-prefix is not set", want, restart))
	case !sentry.IsSAMLURL(told + "/"):
		return one(fail("refused", saw+", which Sentry's SAML library refuses", "a host with a dot, localhost or an address", restart))
	case told == want:
		return one(fine(saw))
	}
	a, errA := url.Parse(want)
	b, errB := url.Parse(told)
	detail := "path"
	switch {
	case errA != nil || errB != nil:
	case a.Hostname() != b.Hostname():
		detail = "host"
	case a.Scheme != b.Scheme:
		detail = "scheme"
	case a.Port() != b.Port():
		detail = "port"
	}
	r := fail(detail, saw+", and the settings say "+want, "one address: every SAML and SCIM address begins with it",
		"if users open Sentry at "+told+", set sentry.url (--sentry-url) to it; otherwise "+restart)
	if !f.config.SelfHosted {
		r.Fix = "leave sentry.url out: Sentry SaaS calls itself " + told + " whatever host it is opened under"
	}
	return one(r)
}

func advisories(f *facts) []Result {
	release := f.subject.Release
	if f.introduced() && f.config.Release.Known() {
		release = f.config.Release
	}
	switch {
	case f.isSaaS():
		return one(fine("Sentry SaaS is updated by Sentry"))
	case !release.Known():
		return one(unchecked("Sentry does not tell its release, and sentry.release (--sentry-release) is not set"))
	}
	known := sentry.AdvisoriesFor(release)
	if len(known) == 0 {
		return one(fine("none is known for Sentry " + release.String()))
	}
	names, urgent := make([]string, 0, len(known)), false
	for _, a := range known {
		names = append(names, a.Name())
		urgent = urgent || a.Several && f.introduced() && !f.config.SingleOrganization
	}
	r := warn("advisory", "Sentry "+release.String()+" is affected by "+strings.Join(names, ", "), "a release without known weaknesses of the SAML login", sentry.Fix(known))
	if urgent {
		r.Verdict, r.Saw = Failed, r.Saw+", and has several organizations, whose owners can take over accounts of others"
	}
	if broken := sentry.BrokenSAML(release); broken != "" {
		return one(fail("broken", "in Sentry "+release.String()+" "+broken, "a release whose SAML works", r.Fix))
	}
	return one(r)
}

func invites(f *facts) []Result {
	switch {
	case !f.introduced():
		return one(unchecked("Sentry does not tell whether it invites"))
	case f.config.InvitesOff:
		return one(warn("off", "invitations are switched off (SENTRY_ENABLE_INVITES): new members get no e-mail, and the audit log has member.add in place of member.invite",
			"invitations, or users who know where to log in", "tell new members to log in by SSO, which accepts their invitation, or set SENTRY_ENABLE_INVITES = True in sentry.conf.py and restart Sentry"))
	}
	return one(fine("invitations are switched on"))
}

func spMetadata(f *facts) []Result {
	if f.verifiedErr != nil {
		return one(unchecked("Sentry's metadata cannot be had: " + words(f.verifiedErr)))
	}
	wanted := "entity ID " + f.subject.URLs.Audience
	var found []Result
	for _, p := range f.verified.Problems {
		found = append(found, fail(p.Code, p.Message, wanted, p.Fix))
	}
	return orFine(found, publishes(f.verified))
}

func publishes(v *metadata.Verification) string {
	if v.Published == nil {
		return "Sentry publishes its addresses"
	}
	return "Sentry publishes the entity ID " + v.Published.EntityID
}
