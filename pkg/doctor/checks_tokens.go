package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// tokenChecks need a token of Sentry's.
func tokenChecks() []check {
	return slices.Concat(apiChecks(), reportChecks(), accountChecks())
}

// renamed is the fault of an organization that is not there, whoever asks.
const renamed = codeSentryMetadata + "/slug"

// noProvider are the faults without whose end there is no SCIM.
func noProvider() []string {
	return []string{codeAuthProvider + "/none", codeAuthProvider + "/other", codeAuthProvider + "/scim-off"}
}

// apiChecks need the API token.
func apiChecks() []check {
	answers := sentryAnswers()
	return []check{
		{
			code: codeSentryToken, side: Sentry, title: "Sentry's API token opens the organization", needs: []Probe{ProbeAuth},
			causes: slices.Concat(answers, []string{renamed, codeSentryPrefix}), judge: apiToken,
		},
		{
			code: codeSSOFeature, side: Sentry, title: "the organization may use SAML", needs: []Probe{ProbeAuth}, uses: []Probe{ProbeSentry},
			causes: slices.Concat(answers, []string{renamed, codeSentryToken}), judge: ssoFeature,
		},
		{
			code: codeAuthProvider, side: Sentry, title: "single sign-on is set up in Sentry", needs: []Probe{ProbeAuth}, uses: []Probe{ProbeSentry},
			causes: slices.Concat(answers, []string{renamed, codeSentryToken}), judge: authProvider,
		},
		{
			code: "audit-log", side: Sentry, title: "nobody switched single sign-on or provisioning off", needs: []Probe{ProbeAudit},
			causes: slices.Concat(answers, []string{renamed, codeSentryToken}, noProvider()), judge: auditLog,
		},
	}
}

// accountChecks need the SCIM token, or the API token for the members.
func accountChecks() []check {
	answers := sentryAnswers()
	return []check{
		{code: "scim-address", side: Sentry, title: "the SCIM base URL is the organization's", judge: scimAddress, causes: []string{"settings"}},
		{
			code: codeSCIMToken, side: Sentry, title: "the SCIM token opens Sentry's SCIM API", needs: []Probe{ProbeSCIM}, uses: []Probe{ProbeSentry},
			causes: slices.Concat(answers, []string{renamed, codeSentryPrefix, "scim-address"}, noProvider(), []string{"audit-log", codeReport + "/scim-off", codeReport + "/scim-token"}), judge: scimToken,
		},
		{
			code: "scim-rows", side: Sentry, title: "every member that SCIM lists has an address", needs: []Probe{ProbeSCIM},
			causes: slices.Concat(answers, []string{renamed, codeSCIMToken}), judge: scimRows,
		},
		{
			code: "members", side: Sentry, title: "the members of the organization can log in", needs: []Probe{ProbeMembers}, uses: []Probe{ProbeAuth},
			causes: slices.Concat(answers, []string{renamed, codeSentryToken}, noProvider(), []string{codeReport + "/owners", codeSCIMToken}), judge: members,
		},
		{
			code: "owners", side: Sentry, title: "two owners can get in if single sign-on fails", needs: []Probe{ProbeMembers}, uses: []Probe{ProbeAuth, ProbeSentry},
			causes: slices.Concat(answers, []string{renamed, codeSentryToken}, noProvider(), []string{codeReport + "/owners", codeSCIMToken}), judge: owners,
		},
		{
			code: "sso-login", side: Both, title: "a member has logged in by single sign-on", uses: []Probe{ProbeMembers},
			causes: slices.Concat(answers, []string{renamed, codeSentryToken}, noProvider(), []string{codeSCIMToken}), judge: ssoLogin,
		},
	}
}

// statusOf is the HTTP status of a refusal, 0 where there was none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*sentryapi.APIError](err); ok {
		return e.Status
	}
	if e, ok := errors.AsType[*scim.APIError](err); ok {
		return e.Status
	}
	if e, ok := errors.AsType[*authentik.APIError](err); ok {
		return e.Status
	}
	return 0
}

const makeToken = "make an internal integration in Sentry (Settings > Custom Integrations) with the scopes org:read, member:read and team:read, " +
	"and for the audit log org:write; put its token into sentry.api.token"

func apiToken(f *facts) []Result {
	err := f.provider.err
	const wanted = "a token of the organization with org:read"
	switch statusOf(err) {
	case http.StatusUnauthorized:
		return one(fail("unknown", "Sentry does not know the API token ("+words(err)+")", wanted, makeToken))
	case http.StatusForbidden:
		return one(fail("scope", "the API token may not read the organization ("+words(err)+")", wanted, makeToken).sure(Likely))
	case http.StatusNotFound:
		return one(fail("organization", fmt.Sprintf("the API token opens no organization %q (%s)", f.subject.URLs.Org, words(err)), wanted,
			"check --org, and that the token is of this organization").sure(Likely))
	}
	if err != nil {
		return one(unchecked("Sentry's API gave no answer: " + words(err)))
	}
	return one(fine("the API token reads the organization"))
}

// ssoFeature goes by organizations:sso-saml2, which Sentry asks for when SAML is
// set up (web/frontend/organization_auth_settings.py).
func ssoFeature(f *facts) []Result {
	const feature = "sso-saml2"
	switch o := f.organization; {
	case f.provider.err != nil || o.err != nil || len(o.Features) == 0:
		return one(unchecked("the API token does not tell the features of the organization"))
	case slices.Contains(o.Features, feature):
		return one(fine("the organization has the feature " + feature))
	}
	r := fail("off", "the organization lacks the feature "+feature, "the feature, without which Sentry sets up no SAML",
		`on Sentry SaaS choose a plan with SAML (Business or Enterprise); on self-hosted add "organizations:sso-saml2" to SENTRY_FEATURES in sentry.conf.py`).sure(Likely)
	if isSAML(f.provider.Key) {
		r.Verdict, r.Saw = Warning, r.Saw+": what is set up stays, and cannot be set up again"
	}
	return one(r)
}

func authProvider(f *facts) []Result {
	p := f.provider
	clicks := "Sentry: Settings > Auth"
	switch {
	case p.err != nil:
		return one(unchecked("the API token does not tell it"))
	case p.Key == "":
		return one(fail("none", "the organization has no auth provider", "SAML2", clicks+" > SAML2 > Configure; 'sentryidp saml urls' has what it asks for").because(codeSSOFeature))
	case !isSAML(p.Key):
		return one(fail("other", "the organization's auth provider is "+p.Key, "SAML2", "remove it in "+clicks+", and configure SAML2"))
	}
	var found []Result
	if !p.SCIM && f.unavailable[ProbeSCIM] == "" {
		found = append(found, fail("scim-off", "SCIM is not enabled", "SCIM enabled, as a SCIM token is set",
			clicks+" > Configure > Enable SCIM, and copy the new token into sentry.scim.token"))
	}
	saw := fmt.Sprintf("%s, SSO is %s, SCIM is %s, the default role is %s", p.Key, either(p.RequireLink, "required", "optional"),
		either(p.SCIM, "enabled", "not enabled"), p.DefaultRole)
	switch {
	case p.RequireLink:
		return orFine(found, saw)
	case f.isSaaS():
		choice := fine(saw)
		choice.Code = "optional" // a choice, which is no fault
		return append(found, choice)
	}
	return append(found, warn("optional", "SSO is optional: members get in with a password as well", "SSO required, once an owner has logged in by it",
		clicks+" > Configure > Require SSO"))
}

func either(yes bool, this, that string) string {
	if yes {
		return this
	}
	return that
}

// isSAML knows the keys of Sentry's SAML providers (auth/providers/saml2).
func isSAML(key string) bool {
	return slices.Contains([]string{"saml2", "okta", "onelogin", "auth0", "rippling", "jumpcloud", "active-directory"}, key)
}

// lately is how old a change of the SSO settings may be to be worth a word.
const lately = 7 * 24 * time.Hour

func auditLog(f *facts) []Result {
	if status := statusOf(f.audit.err); status == http.StatusForbidden {
		return one(unchecked("the API token has no org:write, which Sentry's audit log asks for").alone())
	}
	if f.audit.err != nil {
		return one(unchecked("the audit log cannot be read: " + words(f.audit.err)))
	}
	newest := sentryapi.AuditEntry{}
	for _, e := range f.audit.events {
		if e.Created.After(newest.Created) {
			newest = e
		}
	}
	saw := "nothing of it in the audit log"
	if newest.Event != "" {
		saw = fmt.Sprintf("the newest is %s at %s", newest.Event, newest.Created.UTC().Format(time.RFC3339))
		if newest.Note != "" {
			saw += " (" + newest.Note + ")"
		}
	}
	switch newest.Event {
	case "sso.disable":
		return one(warn("sso-disabled", saw, "sso.enable as the newest", "ask who did it; Settings > Auth sets it up again"))
	case "sso.edit":
		if f.now.Sub(newest.Created) < lately {
			return one(warn("sso-edited", saw, "no change of the SSO settings within a week of the trouble",
				"if logins fail since then, compare Settings > Auth > Configure with 'sentryidp saml attributes' and the identity provider's certificate").sure(Possible))
		}
	case "internal-integration.remove-token", "sentry-app.remove":
		return one(warn("token-removed", saw, "an integration of SCIM that nobody touches",
			"if it was the SCIM Internal Integration: switch SCIM off and on in Settings > Auth, and copy the new token").sure(Possible))
	}
	return one(fine(saw))
}

func scimAddress(f *facts) []Result {
	set := strings.TrimRight(f.subject.SCIMURL, "/")
	switch {
	case f.subject.URLs == nil:
		return one(unchecked("no organization is named"))
	case set == "" || set == f.subject.URLs.SCIMBaseURL:
		return one(fine(f.subject.URLs.SCIMBaseURL))
	}
	saw, wanted := "sentry.scim.url is "+f.subject.SCIMURL, f.subject.URLs.SCIMBaseURL
	const fix = "remove sentry.scim.url: it follows from sentry.url and sentry.org"
	a, errA := url.Parse(set)
	b, errB := url.Parse(wanted)
	if errA == nil && errB == nil && a.Host != b.Host && a.Path == b.Path {
		return one(warn("host", saw, wanted, fix+", unless it is a region of Sentry SaaS").sure(Possible))
	}
	return one(fail("differs", saw, wanted, fix).sure(Likely))
}

func scimToken(f *facts) []Result {
	if f.scimErr == nil {
		return one(fine("Sentry counts " + phrase.Count(f.glance.Total, "member", "members")))
	}
	const wanted = "a token with member:admin and team:admin of an organization that has SCIM enabled"
	saw, hints := fault.Text(f.scimErr), strings.Join(fault.Hints(f.scimErr), "; ")
	refused, _ := errors.AsType[*scim.APIError](f.scimErr)
	switch {
	case refused == nil:
		return one(unchecked("Sentry's SCIM API gave no answer: " + saw))
	case refused.Status == http.StatusUnauthorized:
		return one(fail("unknown", "Sentry does not know the SCIM token: "+saw, wanted, hints))
	case refused.Status == http.StatusForbidden && strings.Contains(hints, "lacks a scope;"):
		return one(fail("scope", "the SCIM token lacks a scope: "+saw, wanted, hints))
	case refused.Status == http.StatusForbidden && f.isSaaS():
		return one(fail("forbidden", "Sentry refuses the SCIM token: "+saw, wanted, hints+"; SCIM needs a Business or Enterprise plan").sure(Possible))
	case refused.Status == http.StatusForbidden:
		return one(fail("forbidden", "Sentry refuses the SCIM token: "+saw, wanted, hints).sure(Possible))
	case refused.Status == http.StatusNotFound:
		return one(fail("organization", "Sentry's SCIM API is not at this address: "+saw, wanted, hints).sure(Likely))
	}
	return one(fail("refused", "Sentry's SCIM API refuses: "+saw, wanted, hints).sure(Possible))
}
