package guide_test

import (
	"fmt"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/guide"
)

func TestAStepIsWhatItsChecksAre(t *testing.T) {
	t.Parallel()
	optional := doctor.Result{Code: "auth-provider/optional", Verdict: doctor.OK, Saw: "SSO is optional"}
	warning := func(code string) doctor.Result {
		r := failed(code)
		r.Verdict = doctor.Warning
		return r
	}
	for name, test := range map[string]struct {
		results []doctor.Result
		key     string
		want    string // state: code, saw, why, look and after
	}{
		"all ok":                       {nil, "saml", "done"},
		"a fault":                      {[]doctor.Result{failed("sentry-tls/expired")}, "addresses", "open: sentry-tls/expired is wrong"},
		"a warning":                    {[]doctor.Result{warning("clocks/idp")}, "addresses", "open: clocks/idp is wrong"},
		"a fault among what is not":    {[]doctor.Result{unchecked("sentry-metadata", "no answer"), failed("idp-tls/expired")}, "addresses", "open: idp-tls/expired is wrong"},
		"not checked":                  {[]doctor.Result{unchecked("owners", "neither sentry.scim.token nor sentry.api.token can be used")}, "way-back", "unknown: neither sentry.scim.token nor sentry.api.token can be used (a token of Sentry: see step 3)"},
		"not asked":                    {[]doctor.Result{unchecked("idp-metadata", "--offline asks no server")}, "metadata", "unknown: --offline asks no server (leave --offline out)"},
		"the token that the step sets": {[]doctor.Result{unchecked("authentik-token", "authentik.token is not set")}, "tokens", "open: authentik.token is not set (a token of authentik)"},
		"the optional token is wrong":  {[]doctor.Result{failed("sentry-token/unknown")}, "tokens", "open: sentry-token/unknown is wrong"},
		"the optional token is not":    {[]doctor.Result{unchecked("sentry-token", "sentry.api.token is not set")}, "tokens", "done"},
		"another step's fault":         {[]doctor.Result{failed("authentik-application/missing"), because("idp-answer/not-found", "authentik-application/missing")}, "metadata", "open: idp-answer/not-found is wrong after step 5"},
		"another step hides it":        {[]doctor.Result{failed("authentik-application/missing"), {Code: "directory", Verdict: doctor.Unchecked, Why: "no", Cause: "authentik-application/missing"}}, "push", "unknown: no after step 5"},
		"a fault of no step":           {[]doctor.Result{failed("audit-log/sso-disabled"), because("scim-token/forbidden", "audit-log/sso-disabled")}, "scim", "open: audit-log/sso-disabled is wrong"},
		"SCIM is off":                  {[]doctor.Result{failed("auth-provider/scim-off"), because("scim-token/forbidden", "auth-provider/scim-off")}, "scim", "open: auth-provider/scim-off is wrong"},
		"SCIM is off, SAML is not":     {[]doctor.Result{failed("auth-provider/scim-off")}, "saml", "done"},
		"SCIM shows SAML":              {[]doctor.Result{unchecked("auth-provider", "sentry.api.token is not set")}, "saml", "done"},
		"SSO is optional":              {[]doctor.Result{optional}, "require", "open: SSO is optional"},
		"SSO is optional and set up":   {[]doctor.Result{optional}, "saml", "done"},
		"nobody has logged in":         {[]doctor.Result{unchecked("sso-login/nobody", "nobody yet")}, "login", "open: nobody yet"},
		"a response is right":          {[]doctor.Result{unchecked("sso-login/nobody", "nobody yet"), {Code: "response", Verdict: doctor.OK}}, "login", "done"},
		"the report shows SAML":        {[]doctor.Result{unchecked("auth-provider", "sentry.api.token is not set"), unchecked("scim-token", "no"), {Code: "sentry-stored", Verdict: doctor.OK}}, "saml", "done"},
		"the report shows another":     {[]doctor.Result{failed("sentry-stored/certificate")}, "saml", "open: sentry-stored/certificate is wrong"},
		"the report has no provider":   {[]doctor.Result{unchecked("sentry-stored", "no"), unchecked("scim-token", "no"), failed("sentry-report/no-provider")}, "saml", "open: sentry-report/no-provider is wrong"},
		"SSO is optional, by report":   {[]doctor.Result{unchecked("auth-provider", "no"), warning("sentry-report/optional")}, "require", "open: sentry-report/optional is wrong"},
		"SCIM is off, by report":       {[]doctor.Result{failed("sentry-report/scim-off")}, "scim", "open: sentry-report/scim-off is wrong"},
		"nobody can get in, by report": {[]doctor.Result{failed("sentry-report/owners")}, "way-back", "open: sentry-report/owners is wrong"},
		"SAML is not allowed":          {[]doctor.Result{failed("sso-feature/off"), unchecked("sentry-stored", "no"), unchecked("scim-token", "no")}, "saml", "open: sso-feature/off is wrong"},
		"owners need SSO by now":       {[]doctor.Result{warning("owners/locked-out")}, "way-back", "done"},
		"one owner":                    {[]doctor.Result{warning("owners/few")}, "way-back", "open: owners/few is wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := summary(ticked(settings(t, "https://sentry.io"), seen(test.results...)).Step(test.key)); got != test.want {
				t.Errorf("%s is %s, expected %s", test.key, got, test.want)
			}
		})
	}
}

func summary(s guide.Step) string {
	f := s.Finding
	text := string(s.State)
	if f.Saw+f.Why != "" {
		text += ": " + f.Saw + f.Why
	}
	if f.Look != "" {
		text += " (" + f.Look + ")"
	}
	if f.After != 0 {
		text += fmt.Sprintf(" after step %d", f.After)
	}
	return text
}

func TestTheNextStepIsTheFirstThatIsOpen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		audience guide.Audience
		seen     *doctor.Report
		want     int
		headline string
	}{
		"all is done":         {"", seen(), 0, "All 15 steps are done"},
		"half way":            {"", halfway(), 5, "7 of 15 steps are done. Next: 5. Make the application and its SAML provider (3 not checked)"},
		"half way, authentik": {guide.Authentik, halfway(), 5, "2 of 4 steps are done. Next: 5. Make the application and its SAML provider"},
		"half way, Sentry":    {guide.Sentry, halfway(), 8, "0 of 5 steps are done. Next: 8. Keep a way back in (2 not checked)"},
		"only not checked":    {guide.Authentik, seen(unchecked("idp-answer", "no answer")), 7, "3 of 4 steps are done. Next: 7. See that Sentry can read the metadata (1 not checked)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settings(t, "https://sentry.io")
			s.For = test.audience
			g := ticked(s, test.seen)
			if g.Next != test.want || g.Headline != test.headline {
				t.Errorf("the next is %d: %s", g.Next, g.Headline)
			}
			marked := 0
			for _, step := range g.Steps {
				if step.Next {
					marked = step.Number
				}
			}
			if marked != test.want {
				t.Errorf("marked is %d", marked)
			}
		})
	}
}
