package sso_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sandbox/sso"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// judgeAt is the judge that a Sentry at this address is given, which is the one
// of 'sentryidp saml response inspect'.
func judgeAt(address string) func(sso.Login) sso.Verdict {
	return func(login sso.Login) sso.Verdict {
		base, _, err := sentry.ParseBase(address)
		if err != nil {
			panic(err)
		}
		stored, err := metadata.Parse(login.Metadata)
		if err != nil {
			panic(err)
		}
		v := samlresponse.JudgePosted(login.SAMLResponse, samlresponse.Settings{
			Provider: samlresponse.Provider{EntityID: stored.EntityID, SSOURL: stored.SSOURL, SLOURL: stored.SLOURL, X509Cert: stored.X509Cert},
			SP:       sentry.URLsOf(base, "acme"), At: login.At,
		})
		shown := sso.Verdict{
			Message: v.Message, Reason: v.Reason, ServerError: v.ServerError,
			Identity: sso.Identity{ID: v.Identity.Identifier, Email: v.Identity.Email, Name: v.Identity.Name},
		}
		for _, name := range slices.Sorted(maps.Keys(v.Attributes)) {
			shown.Attributes = append(shown.Attributes, sso.Attribute{Name: name, Values: v.Attributes[name]})
		}
		for _, c := range v.Checks {
			shown.Checks = append(shown.Checks, sso.Check{Code: c.Code, Result: strings.ReplaceAll(c.Verdict, "_", " "), Found: c.Saw, Expected: c.Wanted, Fix: c.Fix})
		}
		return shown
	}
}

// TestThePageShowsEveryCheck counts the rows of each result.
func TestThePageShowsEveryCheck(t *testing.T) {
	t.Parallel()
	s, v := newSite(t), newVisitor(t)
	rows := func() map[string]int {
		count := map[string]int{}
		for row := range strings.SplitSeq(v.body, "\n") {
			for _, result := range []string{"passed", "failed", "not reached"} {
				if strings.Contains(row, `<td data-label="Check">`) && strings.Contains(row, ">"+result+"<") {
					count[result]++
				}
			}
		}
		return count
	}
	for fault, wanted := range map[string]map[string]int{
		"":            {"passed": 24},
		"encrypted":   {"passed": 2, "failed": 1, "not reached": 21},
		"destination": {"passed": 14, "failed": 1, "not reached": 9},
		"email":       {"passed": 23, "failed": 1},
	} {
		v.spoil(s, fault)
		v.login(s, "bo")
		if got := rows(); !maps.Equal(got, wanted) || !strings.Contains(v.body, "<h2>24 checks, in Sentry&#39;s order</h2>") && !strings.Contains(v.body, "<h2>24 checks, in Sentry's order</h2>") {
			t.Errorf("%q: %v, want %v", fault, got, wanted)
		}
	}
}
