package doctor

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

// storedChecks compare what Sentry stored, by the report of its script, with what
// the identity provider has.
func storedChecks() []check {
	return []check{{
		code: codeStored, side: Both, title: "Sentry stored what the identity provider has", uses: []Probe{ProbeDocument, ProbeIntegration},
		causes: idpAnswers(), judge: storedProvider,
	}}
}

// reportChecks tell what the judge of the report finds, and whether its switches
// are as wanted. They come before the checks of the SCIM token and of the members.
func reportChecks() []check {
	return []check{{
		code: codeReport, side: Sentry, title: "the report of 'sentry status' shows nothing wrong", uses: []Probe{ProbeSentry, ProbeAuth, ProbeSCIM},
		judge: storedReport,
	}}
}

// noReport is why nothing is known of what Sentry stored.
const noReport = "no report is given: pass --sentry-report"

// stored is the SAML provider of the report; nil where there is none that says
// anything of this organization.
func (f *facts) stored() *sentryexec.Provider {
	r := f.report
	if r == nil || r.Error != "" || r.Provider == nil || !isSAML(r.Provider.Key) || f.subject.URLs != nil && r.Org != f.subject.URLs.Org {
		return nil
	}
	return r.Provider
}

// mappingOf is the attribute mapping of a report, nil where it does not say one
// that could work.
func mappingOf(p *sentryexec.Provider) *samlresponse.Mapping {
	if p == nil {
		return nil
	}
	said := func(key string) string {
		if text := p.Mapping[key]; text != nil {
			return *text
		}
		return ""
	}
	m := &samlresponse.Mapping{Name: "what Sentry stored", Mapping: sentry.Mapping{
		Identifier: said("identifier"), Email: said("user_email"), FirstName: said("first_name"), LastName: said("last_name"),
	}}
	if !m.Known() {
		return nil
	}
	return m
}

const reread = "let Sentry read the metadata again: run the action saml of 'sentryidp sentry script'"

func storedProvider(f *facts) []Result {
	p := f.stored()
	switch {
	case f.report == nil:
		return one(unchecked(noReport))
	case p == nil:
		return one(unchecked("the report tells no SAML provider of the organization").alone())
	}
	var found []Result
	served := f.unavailable[ProbeDocument] == "" && f.served()
	if served {
		found = f.storedMetadata(p)
	}
	if found = append(found, f.storedAttributes(p)...); len(found) == 0 && !served {
		return one(unchecked("there is no metadata that it could be compared with"))
	}
	return orFine(found, "Sentry has the entity ID "+told(p.EntityID)+" and the signing certificate of the identity provider")
}

// storedMetadata compares the provider with the metadata of the identity provider.
// All that differs of another entity ID is of one cause: other metadata was read.
func (f *facts) storedMetadata(p *sentryexec.Provider) []Result {
	judged := f.judgement()
	has := judged.Stored
	if has == nil {
		return one(unchecked("the metadata of the identity provider cannot be read as Sentry reads it"))
	}
	var found []Result
	other := codeStored + "/entity-id"
	if p.EntityID != nil && has.EntityID != "" && *p.EntityID != has.EntityID {
		found = append(found, fail("entity-id", "Sentry stored the entity ID "+told(p.EntityID)+", and the identity provider's is "+has.EntityID,
			"one entity ID: Sentry refuses a response of another issuer", reread+"; or give the identity provider its issuer back: --issuer "+told(p.EntityID)).because("idp-issuer/differs"))
	}
	if p.SSOURL != nil && has.SSOURL != "" && !sameSite(*p.SSOURL, has.SSOURL) {
		found = append(found, warn("sso-url", "Sentry sends users to "+told(p.SSOURL)+", and the metadata has "+has.SSOURL, "the SSO URL of the metadata", reread).because(other).sure(Likely))
	}
	prints := []string{}
	for _, c := range judged.Certificates {
		if c.Facts != nil && c.Use != "encryption" {
			prints = append(prints, c.Facts.FingerprintSHA256)
		}
	}
	if p.Certificate != nil && len(prints) > 0 && !slices.ContainsFunc(prints, func(s string) bool { return strings.EqualFold(s, p.Certificate.SHA256) }) {
		found = append(found, fail("certificate", "Sentry stored the certificate "+p.Certificate.SHA256+", and the identity provider signs with "+phrase.List(prints),
			"the certificate of the metadata: Sentry refuses what another one signed", "run the action certificate of a new 'sentryidp sentry script'").because(other))
	}
	return found
}

// sameSite reports whether two SSO URLs are the same, or two of those under which
// one authentik takes requests of one application (providers/saml/urls.py).
func sameSite(a, b string) bool {
	application := func(text string) string {
		u, err := url.Parse(text)
		if err != nil {
			return text
		}
		before, after, ok := strings.Cut(u.Path, "/application/saml/")
		if !ok {
			return text
		}
		slug, _, _ := strings.Cut(after, "/")
		return u.Scheme + "://" + u.Host + before + "/application/saml/" + slug
	}
	return a == b || application(a) == application(b)
}

// storedAttributes compares the attribute mapping with that of the settings. What
// authentik sends is compared by authentik-attributes.
func (f *facts) storedAttributes(p *sentryexec.Provider) []Result {
	has := mappingOf(p)
	const configure = "run the action saml of 'sentryidp sentry script', or change the mapping in Settings > Auth > Configure"
	switch {
	case has == nil && len(p.Absent) > 0:
		return nil // the judge of the report says so
	case has == nil:
		return one(fail("attributes", "Sentry stored no attribute for the identifier or for the e-mail address", "names for both: without them every login fails", configure))
	case f.named == nil || has.Mapping == f.named.Mapping:
		return nil
	}
	r := warn("attributes", unlike(has.Mapping, *f.named), "one mapping", "if the settings are right, "+configure+"; otherwise correct saml.attributes (--map)").because("authentik-attributes")
	if f.built.names == nil && (has.Identifier != f.named.Identifier || has.Email != f.named.Email) {
		r.Verdict, r.Certainty = Failed, Likely // the settings are all that is known of what is sent
	}
	return one(r)
}

// unlike says where a mapping differs from that of the settings.
func unlike(has sentry.Mapping, named samlresponse.Mapping) string {
	var list []string
	for _, field := range [][3]string{
		{"identifier", has.Identifier, named.Identifier},
		{"e-mail address", has.Email, named.Email},
		{"first name", has.FirstName, named.FirstName},
		{"last name", has.LastName, named.LastName},
	} {
		if field[1] != field[2] {
			list = append(list, fmt.Sprintf("Sentry reads the %s from %s, and %s has %s", field[0], shown(field[1]), named.Name, shown(field[2])))
		}
	}
	return strings.Join(list, "; ")
}

func told(text *string) string {
	if text == nil {
		return "(none)"
	}
	return shown(*text)
}

func storedReport(f *facts) []Result {
	r := f.report
	switch {
	case r == nil:
		return one(unchecked(noReport))
	case f.subject.URLs != nil && r.Org != f.subject.URLs.Org:
		return one(fail("organization", "the report is of the organization "+shown(r.Org), f.subject.URLs.Org, "write the script for this organization: 'sentryidp sentry script'"))
	case f.outdated():
		return one(warn("outdated", "the report differs from what Sentry's API says of the auth provider", "the present state", "run the action status again, and pass its output"))
	}
	var found []Result
	for _, p := range sentryexec.Judge(r, f.now, warnDays).Problems {
		found = append(found, reported(p))
	}
	if p := f.stored(); p != nil {
		found = append(found, f.switches(p)...)
	}
	if r.Provider == nil && len(found) == 0 {
		return one(unchecked(fmt.Sprintf("the report of the action %s tells no provider: pass that of the action status", r.Action)).alone())
	}
	return orFine(found, fmt.Sprintf("Sentry %s: the action %s found nothing wrong", r.Release, r.Action))
}

// outdated reports whether Sentry's API says another thing of the auth provider
// than the report.
func (f *facts) outdated() bool {
	p, r := f.provider, f.report
	if f.unavailable[ProbeAuth] != "" || p.err != nil || r.Error != "" {
		return false
	}
	if r.Provider == nil || p.Key == "" {
		return (r.Provider == nil) != (p.Key == "")
	}
	return p.Key != r.Provider.Key || p.RequireLink != r.Provider.SSORequired || p.SCIM != r.Provider.SCIMEnabled
}

// reported is a problem of the report, whose judge it stays. What ends with a
// certificate is a warning: Sentry's library does not look at it.
func reported(p sentryexec.Problem) Result {
	r := fail(p.Code, p.Message, "what the script sets up", p.Fix).because(map[string][]string{
		"url-prefix":        {codeSentryPrefix},
		"empty":             {codeStored + "/attributes"},
		"no-provider":       {codeAuthProvider + "/none"},
		"other-provider":    {codeAuthProvider + "/other"},
		"certificate-ended": {codeStored + "/certificate", "idp-metadata/expired", "authentik-certificate"},
		"certificate-ends":  {codeStored + "/certificate", "idp-metadata/expires-soon", "authentik-certificate"},
		"differs":           {codeStored, "authentik-attributes"},
	}[p.Code]...)
	if slices.Contains([]string{"certificate-ended", "certificate-ends", "differs"}, p.Code) {
		r.Verdict = Warning
	}
	return r
}

// switches are the flags of the provider.
func (f *facts) switches(p *sentryexec.Provider) []Result {
	var found []Result
	if f.unavailable[ProbeSCIM] == "" && !p.SCIMEnabled {
		found = append(found, fail("scim-off", "SCIM is not enabled", "SCIM enabled, as a SCIM token is set",
			"run the action scim of 'sentryidp sentry script', and put the new token into sentry.scim.token").because(codeAuthProvider+"/scim-off"))
	}
	if !p.SSORequired {
		found = append(found, warn("optional", "SSO is optional: members get in with a password as well", "SSO required, once an owner has logged in by it",
			"run the action sso-required of 'sentryidp sentry script'").because(codeAuthProvider+"/optional"))
	}
	return found
}
