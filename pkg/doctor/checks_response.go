package doctor

import (
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/samlresponse"
)

// responseChecks judge a response that was given.
func responseChecks() []check {
	return []check{{
		code: codeResponse, side: Both, title: "Sentry accepts the response of the identity provider", needs: []Probe{ProbeDocument}, uses: []Probe{ProbeSentry},
		causes: idpAnswers(), judge: response,
	}}
}

// explaining are the checks that would explain why a response is refused, by the
// code of the refusal.
func explaining() map[string][]string {
	return map[string][]string{
		"destination":          {codeSentryPrefix, codeSentryMetadata, "authentik-provider/acs-url"},
		"audience":             {codeSentryPrefix, codeSentryMetadata, "authentik-provider/audience"},
		"subject-confirmation": {codeSentryPrefix, codeSentryMetadata, "authentik-provider/acs-url"},
		"issuer":               {codeStored + "/entity-id", "idp-issuer", "authentik-provider/issuer-override", "authentik-provider/issuer"},
		"timestamps":           {"clocks"},
		"encryption":           {"authentik-provider/encryption-kp"},
		"binding":              {"authentik-provider/sp-binding"},
		"signature-present":    {"authentik-provider/sign-assertion", "authentik-provider/signing-kp"},
		"signature":            {codeStored + "/certificate", "authentik-provider/signing-kp", "idp-metadata/several-certificates", "authentik-provider/signed-twice"},
		"attribute-statement":  {"authentik-provider/property-mappings"},
		"identity":             {codeStored + "/attributes", "authentik-provider/property-mappings", "authentik-attributes"},
	}
}

func response(f *facts) []Result {
	stored := f.judgement().Stored
	switch {
	case f.response == nil:
		return one(unchecked("no response is given: pass --response"))
	case f.subject.URLs == nil:
		return one(unchecked("no organization is named").because("settings"))
	case !f.served() || stored == nil || stored.EntityID == "" || stored.X509Cert == "":
		return one(unchecked("there is no metadata that it could be compared with"))
	}
	if p := f.stored(); p != nil && p.EntityID != nil {
		stored.EntityID = *p.EntityID
	}
	v := samlresponse.Judge(f.response, samlresponse.Settings{
		Provider: samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert},
		SP:       *f.subject.URLs, At: issued(f.response, f.now), Mapping: f.mapping, DefaultSP: f.subject.DefaultSentry, Release: f.subject.Release,
	})
	for _, c := range v.Checks {
		switch c.Verdict {
		case samlresponse.Failed:
			saw := "Sentry says \"" + v.Reason + "\", for it saw " + shown(c.Saw)
			return one(fail(c.Code, saw, shown(c.Wanted), c.Fix).sure(Likely).because(explaining()[c.Code]...))
		case samlresponse.Unknown:
			return one(unchecked("it depends on the attribute mapping that Sentry was given: pass --map").alone())
		}
	}
	who := v.Identity.Email
	if assumed := strings.Join(v.Assumptions, "; "); assumed != "" {
		who += ", where " + assumed
	}
	return one(fine("Sentry would log in " + who))
}

// issued is the time for which a response is judged: a file is older than the
// login. The clocks have a check of their own.
func issued(r *samlresponse.Response, now time.Time) time.Time {
	if at, err := time.Parse(time.RFC3339, r.Facts().IssueInstant); err == nil {
		return at.Add(time.Second)
	}
	return now
}
