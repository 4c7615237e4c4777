package doctor

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// authentikChecks need authentik's token.
func authentikChecks() []check {
	answers := idpAnswers()
	asked := []Probe{ProbeIntegration}
	addresses := slices.Concat(answers, []string{codeSentryRedirect, codeSentryPrefix, codeSentryMetadata})
	return []check{
		{
			code: codeAuthentikToken, side: Authentik, title: "authentik's token opens its API", needs: []Probe{ProbeAuthentik},
			causes: answers, judge: authentikToken,
		},
		{
			code: codeAuthentikRelease, side: Authentik, title: "authentik's release is known", needs: []Probe{ProbeAuthentik},
			causes: slices.Concat(answers, []string{codeAuthentikToken}), judge: authentikRelease,
		},
		{
			code: codeApplication, side: Authentik, title: "authentik has an application with a SAML provider", needs: asked, uses: []Probe{ProbeAuthentik},
			causes: slices.Concat(answers, []string{codeAuthentikToken, codeAuthentikRelease}), judge: authentikApplication,
		},
		{
			code: "authentik-provider", side: Authentik, title: "the SAML provider suits Sentry", needs: asked,
			causes: slices.Concat(addresses, []string{codeAuthentikToken, codeAuthentikRelease, codeApplication}), judge: authentikProvider,
		},
		{
			code: "authentik-attributes", side: Both, title: "authentik sends the attributes that Sentry maps", needs: asked,
			causes: slices.Concat(answers, []string{codeAuthentikToken, codeAuthentikRelease, codeApplication, "authentik-provider"}), judge: attributes,
		},
		{
			code: "authentik-bindings", side: Authentik, title: "the right people may use the application", needs: asked,
			causes: slices.Concat(answers, []string{codeAuthentikToken, codeAuthentikRelease, codeApplication}), judge: authentikBindings,
		},
		{
			code: "authentik-scim", side: Authentik, title: "authentik's own SCIM provider suits Sentry", needs: asked,
			causes: slices.Concat(addresses, []string{codeAuthentikToken, codeAuthentikRelease, codeApplication}), judge: authentikSCIM,
		},
	}
}

// certificateChecks come after those of the metadata, which tell more.
func certificateChecks() []check {
	answers, asked := idpAnswers(), []Probe{ProbeIntegration}
	return []check{
		{
			code: "authentik-certificate", side: Authentik, title: "the signing certificate lasts", needs: asked,
			causes: slices.Concat(answers, []string{"idp-metadata", codeAuthentikToken, codeAuthentikRelease, codeApplication}), judge: authentikCertificate,
		},
	}
}

func authentikToken(f *facts) []Result {
	err := f.selfErr
	const fix = "make a token in authentik (Directory > Tokens and App passwords) with the intent API, and put it into authentik.token"
	refused, isRefusal := errors.AsType[*authentik.APIError](err)
	switch {
	case isRefusal && (refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden):
		return one(fail("refused", "authentik refuses the token: "+fault.Text(err), "a token with the intent API", fix))
	case err != nil:
		return one(unchecked("authentik's API gave no answer: " + fault.Text(err)))
	}
	user := answer.Printable(f.self.Username)
	if f.self.IsSuperuser {
		return one(fine("the token belongs to " + user + ", a superuser"))
	}
	return one(fine("the token belongs to " + user + ", who is not a superuser: what it may not view is missing from lists without a word"))
}

func authentikRelease(f *facts) []Result {
	switch {
	case f.releaseErr != nil && f.release.Version == "":
		refused, isRefusal := errors.AsType[*authentik.APIError](f.releaseErr)
		if isRefusal && refused.Status >= http.StatusBadRequest {
			return one(unchecked("the token does not tell the release: " + fault.Text(f.releaseErr)))
		}
		return one(fail("unknown", fault.Text(f.releaseErr), "authentik "+authentik.Oldest().String()+" or newer", "update authentik").sure(Likely))
	case f.release.Note != "":
		return one(warn("newer", f.release.Note, "a release that this program knows", "look for a newer sentryidp"))
	}
	return one(fine("authentik " + f.release.Version))
}

// unplanned says why authentik could not be compared, nil where it was.
func (f *facts) unplanned() []Result {
	if f.planErr == nil {
		return nil
	}
	why := "authentik cannot be compared with the settings: " + fault.Text(f.planErr)
	if hints := fault.Hints(f.planErr); len(hints) > 0 {
		why += " (" + hints[0] + ")"
	}
	return one(unchecked(why))
}

const applies = "'sentryidp authentik apply --dry-run' shows the changes, without --dry-run it makes them"

// steps are what differs of objects of a kind.
func (f *facts) steps(kinds ...integration.Kind) []integration.Step {
	return slices.DeleteFunc(f.plan.Pending(), func(s integration.Step) bool { return !slices.Contains(kinds, s.Kind) })
}

func authentikApplication(f *facts) []Result {
	if results := f.unplanned(); results != nil {
		return results
	}
	wanted := "the application " + f.subject.Application + " with a SAML provider"
	for _, s := range f.steps(integration.Application) {
		if s.Action == integration.Create {
			missing := fail("missing", "authentik has no application "+s.Name, wanted, applies)
			if f.selfErr == nil && !f.self.IsSuperuser {
				missing.Saw += ", or the token may not view it"
				missing.Certainty = Likely
			}
			return one(missing)
		}
		for _, c := range s.Changes {
			if c.Field == "provider" && c.From == "" {
				return one(fail("no-provider", "the application "+s.Name+" has no provider", wanted, applies))
			}
			if c.Field == "provider" {
				return one(fail("provider", "the application "+s.Name+" has the provider "+c.From, wanted, applies).sure(Likely))
			}
		}
	}
	return one(fine("the application " + f.subject.Application + " has its SAML provider"))
}

// breaks are the fields of a SAML provider without which no login works, and why.
// What else differs is a warning: a provider that was made by hand works with it.
func breaks() map[string]string {
	return map[string]string{
		"acs_url":             "Sentry refuses a response that was sent to another address",
		"audience":            "Sentry refuses a response for another audience",
		"sp_binding":          "Sentry's ACS takes POST alone",
		"signing_kp":          "Sentry refuses what is not signed, or signed with another key than the one that it stored",
		"sign_assertion":      "Sentry refuses a response in which nothing is signed",
		"verification_kp":     "Sentry signs no requests, and authentik then refuses them",
		"encryption_kp":       "Sentry reads no encrypted assertions and answers HTTP 500",
		"property_mappings":   "Sentry needs the attributes that it maps",
		"signature_algorithm": "authentik cannot sign with an algorithm that does not suit the key",
		"issuer":              "Sentry refuses a response of another issuer than the one that it stored",
		"issuer_override":     "Sentry refuses a response of another issuer than the one that it stored",
	}
}

func authentikProvider(f *facts) []Result {
	if results := f.unplanned(); results != nil {
		return results
	}
	var found []Result
	for _, s := range f.steps(integration.SAMLProvider) {
		if s.Action == integration.Create {
			return one(fail("missing", "authentik has no SAML provider "+s.Name, "a SAML provider for Sentry", applies).because(codeApplication))
		}
		for _, c := range s.Changes {
			found = append(found, providerFault(s, c))
		}
	}
	for _, w := range f.plan.Warnings {
		if w.Code == "signed-twice" {
			found = append(found, warned(w))
		}
	}
	return orFine(found, "the SAML provider has what Sentry needs")
}

func providerFault(s integration.Step, c integration.Change) Result {
	saw := fmt.Sprintf("%s of the provider %s is %s", c.Field, s.Name, shown(c.From))
	r := warn(detail(c.Field), saw, shown(c.To), applies)
	if why, breaking := breaks()[c.Field]; breaking {
		r.Verdict, r.Saw = Failed, saw+": "+why
	}
	if strings.HasPrefix(c.Field, "issuer") {
		r.Certainty = Possible // what Sentry stored is not known
		r.Verdict = Warning
	}
	return r
}

func detail(field string) string { return strings.ReplaceAll(field, "_", "-") }

func shown(value string) string {
	if value == "" {
		return "empty"
	}
	return value
}

// attributes compares what authentik sends with the mapping that Sentry was given,
// which is that of the integration guide where nobody gave another.
func attributes(f *facts) []Result {
	mapping, whose, certainty := sentry.GuideMapping().Mapping, "the integration guide's mapping, as saml.attributes is not set", Possible
	if f.mapping != nil {
		mapping, whose, certainty = f.mapping.Mapping, f.mapping.Name, Certain
	}
	switch {
	case f.sentErr != nil:
		return one(unchecked("the mappings of authentik cannot be read: " + fault.Text(f.sentErr)))
	case f.sent == nil:
		return one(unchecked("the application has no SAML provider, or one without mappings"))
	}
	var found []Result
	for _, field := range [][2]string{{"identifier", mapping.Identifier}, {"email", mapping.Email}, {"first-name", mapping.FirstName}, {"last-name", mapping.LastName}} {
		if field[1] == "" || slices.Contains(f.sent, field[1]) {
			continue
		}
		r := fail(field[0], fmt.Sprintf("authentik sends no attribute %s, which Sentry is told to read (%s)", field[1], whose), "one of "+phrase.List(f.sent),
			"choose the property mapping that has this name in the SAML provider, or change the name in Sentry's attribute mapping (Settings > Auth > Configure)").sure(certainty)
		if strings.HasSuffix(field[0], "-name") || f.mapping == nil {
			r.Verdict = Warning // a login works without a name, and a guess is no failure
		}
		found = append(found, r)
	}
	return orFine(found, "authentik sends what Sentry reads ("+whose+")")
}

func authentikBindings(f *facts) []Result {
	if results := f.unplanned(); results != nil {
		return results
	}
	var found []Result
	for _, s := range f.steps(integration.Binding) {
		found = append(found, fail("missing", "authentik does not have the binding as wanted: "+s.Name, "the groups and users of authentik.bind_groups and bind_users may log in", applies))
	}
	for _, w := range f.plan.Warnings {
		if w.Code == "no-bindings" {
			found = append(found, warned(w))
		}
	}
	for _, s := range f.steps(integration.Application) {
		for _, c := range s.Changes {
			if c.Field == "policy_engine_mode" {
				found = append(found, warn("mode", "the policy engine mode is "+shown(c.From)+": every binding must pass", c.To, applies))
			}
		}
	}
	return orFine(found, "the application is bound as the settings say")
}

// warned is a warning of the integration, whose judge it stays.
func warned(w integration.Warning) Result {
	return warn(w.Code, w.Text+". "+w.Reason, "not so", w.Fix)
}

func authentikCertificate(f *facts) []Result {
	if results := f.unplanned(); results != nil {
		return results
	}
	var found []Result
	for _, w := range f.plan.Warnings {
		if slices.Contains([]string{keypair.Expired, keypair.ExpiresSoon, keypair.NotYetValid, "signature-algorithm"}, w.Code) {
			found = append(found, warned(w))
		}
	}
	for _, s := range f.steps(integration.KeyPair) {
		found = append(found, fail("differs", "authentik does not have the signing certificate of the settings: "+s.Name, "the certificate of authentik.certificate_file",
			applies+"; then let Sentry read the metadata again"))
	}
	return orFine(found, "the signing certificate is as wanted")
}

func authentikSCIM(f *facts) []Result {
	if results := f.unplanned(); results != nil {
		return results
	}
	var found []Result
	for _, s := range f.steps(integration.SCIMProvider, integration.Backchannel) {
		for _, c := range s.Changes {
			found = append(found, fail(detail(c.Field), fmt.Sprintf("%s of %s is %s", c.Field, s.Name, shown(c.From)), shown(c.To), applies))
		}
	}
	for _, w := range f.plan.Warnings {
		if strings.HasPrefix(w.Code, "scim-") {
			found = append(found, warned(w))
		}
	}
	return orFine(found, "authentik is not set to push by itself, or does as wanted")
}

// lastChecks compare what the others have found to work.
func lastChecks() []check {
	return []check{{
		code: "directory", side: Both, title: "Sentry has the members and teams of the directory", needs: []Probe{ProbeDrift},
		causes: []string{codeSentryReach, codeSentryTLS, codeIDPReach, codeIDPTLS, codeSCIMToken, codeAuthentikToken, codeApplication}, judge: directory,
	}}
}

func directory(f *facts) []Result {
	switch {
	case errors.Is(f.driftErr, ErrBudget), late(f.driftErr):
		return one(unchecked("it takes more requests or time than an examination: use 'sentryidp scim status'").alone())
	case fault.CodeOf(f.driftErr) == fault.Refused:
		return one(fail("hidden", fault.Text(f.driftErr), "a source that is whole: a push refuses it", strings.Join(fault.Hints(f.driftErr), "; ")))
	case f.driftErr != nil:
		return one(unchecked("the directory cannot be compared: " + fault.Text(f.driftErr)))
	case f.drift != "":
		return one(warn("drift", f.drift, "nothing to push", "'sentryidp scim push --dry-run' shows the changes one by one"))
	}
	return one(fine("a push would change nothing"))
}
