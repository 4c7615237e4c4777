package cmd

import (
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// rehearsalJudge judges the logins of a rehearsal as 'saml response inspect'
// does, for a Sentry at an address.
func rehearsalJudge(address, org string) (func(sso.Login) sso.Verdict, error) {
	base, _, err := sentry.ParseBase(address)
	if err != nil {
		return nil, err
	}
	urls := sentry.URLsOf(base, sentry.Slug(org))
	return func(login sso.Login) sso.Verdict {
		stored, err := metadata.Parse(login.Metadata)
		if err != nil {
			return rehearsedVerdict(samlresponse.Unreadable(err))
		}
		return rehearsedVerdict(samlresponse.JudgePosted(login.SAMLResponse, samlresponse.Settings{Provider: providerOf(stored), SP: urls, At: login.At}))
	}, nil
}

// rehearsedVerdict is a verdict as the pages show it.
func rehearsedVerdict(v *samlresponse.Verdict) sso.Verdict {
	shown := sso.Verdict{
		Message: v.Message, Reason: v.Reason, ServerError: v.ServerError,
		Identity: sso.Identity{ID: v.Identity.Identifier, Email: v.Identity.Email, Name: v.Identity.Name},
	}
	if v.Unknown { // nobody is let in on a guess
		shown.Message, shown.Reason = "The verdict is not known", "the verdict is not known"
	}
	for _, name := range slices.Sorted(maps.Keys(v.Attributes)) {
		shown.Attributes = append(shown.Attributes, sso.Attribute{Name: name, Values: v.Attributes[name]})
	}
	for _, c := range v.Checks {
		shown.Checks = append(shown.Checks, sso.Check{
			Code: c.Code, Result: strings.ReplaceAll(c.Verdict, "_", " "), Found: c.Saw, Expected: c.Wanted, Fix: c.Fix,
		})
	}
	return shown
}
