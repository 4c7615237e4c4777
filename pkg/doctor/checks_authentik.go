package doctor

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// authentikChecks need authentik's token.
func authentikChecks() []check {
	answers := idpAnswers()
	asked := []Probe{ProbeIntegration}
	addresses := slices.Concat(answers, []string{codeSentryRedirect, codeSentryPrefix, codeSentryMetadata})
	return []check{
		{
			code: codeAuthentikToken, side: Authentik, title: "authentik's token opens its API", needs: []Probe{ProbeAuthentik}, uses: []Probe{ProbeIntegration},
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
			code: "authentik-scim", side: Authentik, title: "authentik's own SCIM provider suits Sentry", needs: asked, uses: []Probe{ProbeAuthentik},
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
	switch status := statusOf(err); {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return one(fail("refused", "authentik refuses the token: "+fault.Text(err), "a token with the intent API", fix))
	case errors.Is(err, ErrBudget):
		return one(unchecked("authentik was not asked: " + words(err)))
	case err != nil:
		return one(fail("no-answer", "authentik's API gave no answer: "+fault.Text(err), "JSON of authentik's API",
			"check authentik.url (--authentik-url), and that the proxy in front of authentik passes /api/ without a login of its own").sure(Likely))
	case errors.Is(f.planErr, authentik.ErrForbidden):
		return one(fail("permission", "authentik's token may not see the whole integration: "+fault.Text(f.planErr), "a token whose user may view applications, providers, mappings, bindings and certificates",
			strings.Join(fault.Hints(f.planErr), "; ")))
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
		_, unreadable := errors.AsType[*answer.UnreadableError](f.releaseErr)
		if unreadable || statusOf(f.releaseErr) > 0 || errors.Is(f.releaseErr, ErrBudget) {
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

func detail(field string) string { return strings.ReplaceAll(field, "_", "-") }

func shown(value string) string {
	if value == "" {
		return "empty"
	}
	return value
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
