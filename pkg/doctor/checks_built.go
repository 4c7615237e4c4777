package doctor

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

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
	if f.built.saml != nil {
		found = append(found, providerHazards(f.built.saml)...)
	}
	return orFine(found, "the SAML provider has what Sentry needs")
}

// shortest is how long an assertion should be valid: it has to get to Sentry by way
// of the browser, and Sentry's library forgives nothing there (python3-saml,
// response.py, NotOnOrAfter of SubjectConfirmationData).
const shortest = time.Minute

// providerHazards are about fields of a provider that no setting has a say in.
func providerHazards(p *authentik.SAMLProvider) []Result {
	var found []Result
	if strings.HasSuffix(p.SignatureAlgorithm, "sha1") || strings.HasSuffix(p.DigestAlgorithm, "sha1") {
		found = append(found, warn("sha1", "the provider "+p.Name+" signs with SHA-1, which Sentry takes and nobody should trust", "SHA-256 for signatures and digests",
			"authentik: Providers > "+p.Name+" > Edit > Advanced protocol settings: RSA-SHA256 and SHA256"))
	}
	if valid, known := span(p.AssertionNotOnAfter); known && valid < shortest {
		found = append(found, fail("validity", fmt.Sprintf("assertions are valid for %s (%s)", valid, p.AssertionNotOnAfter), "at least "+shortest.String()+"; authentik's default is 5m",
			"authentik: Providers > "+p.Name+" > Edit > Advanced protocol settings: Assertion valid not on or after").sure(Likely))
	}
	return found
}

// span reads a duration as authentik writes it, such as minutes=5;seconds=30
// (authentik/lib/utils/time.py timedelta_from_string), and whether it is one.
func span(text string) (total time.Duration, known bool) {
	units := map[string]time.Duration{
		"weeks": 7 * 24 * time.Hour, "days": 24 * time.Hour, "hours": time.Hour, "minutes": time.Minute, "seconds": time.Second,
		"milliseconds": time.Millisecond, "microseconds": time.Microsecond,
	}
	for pair := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		unit, ok := units[strings.ToLower(strings.TrimSpace(name))]
		if err != nil || !ok {
			return 0, false
		}
		total += time.Duration(number * float64(unit))
	}
	return total, true
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

// attributes compares what authentik sends with the mapping that Sentry was given,
// which is that of the integration guide where nobody gave another.
func attributes(f *facts) []Result {
	mapping, whose, certainty := sentry.GuideMapping().Mapping, "the integration guide's mapping, as saml.attributes is not set", Possible
	if f.mapping != nil {
		mapping, whose, certainty = f.mapping.Mapping, f.mapping.Name, Certain
	}
	switch {
	case f.built.err != nil:
		return one(unchecked("the mappings of authentik cannot be read: " + fault.Text(f.built.err)))
	case f.built.names == nil:
		return one(unchecked("the application has no SAML provider, or one without mappings"))
	}
	var found []Result
	for _, field := range [][2]string{{"identifier", mapping.Identifier}, {"email", mapping.Email}, {"first-name", mapping.FirstName}, {"last-name", mapping.LastName}} {
		if field[1] == "" || slices.Contains(f.built.names, field[1]) {
			continue
		}
		if f.built.blind > 0 {
			return one(unchecked(phrase.Count(f.built.blind, "property mapping", "property mappings") + " of the SAML provider cannot be seen with the token, and may send what is missing"))
		}
		r := fail(field[0], fmt.Sprintf("authentik sends no attribute %s, which Sentry is told to read (%s)", field[1], whose), "one of "+phrase.List(f.built.names),
			"choose the property mapping that has this name in the SAML provider, or change the name in Sentry's attribute mapping (Settings > Auth > Configure)").sure(certainty)
		if strings.HasSuffix(field[0], "-name") || f.mapping == nil {
			r.Verdict = Warning // a login works without a name, and a guess is no failure
		}
		found = append(found, r)
	}
	if again := repeated(f.built.names); len(again) > 0 {
		found = append(found, fail("twice", "several property mappings send the attribute "+phrase.List(again), "each name once: Sentry answers HTTP 500 to an attribute that comes twice",
			"remove all but one of the mappings with this name from the SAML provider").sure(Likely))
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
		if w.Code == "no-bindings" || w.Code == "binding-negated" {
			found = append(found, warned(w))
		}
	}
	if f.built.denied != "" {
		found = append(found, warn("denied", "a binding lets the user "+f.built.denied+" in, and authentik denies access: the policy engine mode is all, and a policy is bound",
			"access for the groups and users that are bound", "authentik: Applications > "+f.subject.Application+" > Policy / Group / User Bindings: look at the policies, and test them with Check access").sure(Likely))
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
	for _, p := range f.built.scim {
		for _, r := range f.pushes(p) {
			if !slices.ContainsFunc(found, func(other Result) bool { return other.Code == r.Code }) {
				found = append(found, r)
			}
		}
	}
	if err := f.built.scimErr; len(found) == 0 && err != nil && !f.anotherKind(err) {
		return one(unchecked("a provider that the application pushes by cannot be seen with the token: " + fault.Text(err)))
	}
	return orFine(found, "authentik is not set to push by itself, or does as wanted")
}

// anotherKind reports whether a provider is none of SCIM: a superuser sees all that are.
func (f *facts) anotherKind(err error) bool {
	return statusOf(err) == http.StatusNotFound && f.selfErr == nil && f.self.IsSuperuser
}

// pushes judges a SCIM provider that the application has, whoever made it.
func (f *facts) pushes(p pushing) []Result {
	var found []Result
	edit := "authentik: Providers > " + p.Name + " > Edit"
	want := cmp.Or(f.subject.SCIMURL, f.subject.URLs.SCIMBaseURL)
	if !sameTarget(p.URL, want) {
		found = append(found, fail("url", "the SCIM provider "+p.Name+" sends to "+p.URL, want, edit+": URL"))
	}
	if p.DryRun {
		found = append(found, warn("dry-run", "the SCIM provider "+p.Name+" is in dry-run mode: it writes down what it would send, and sends nothing", "a provider that sends, or none", edit+": Dry-run"))
	}
	for _, s := range p.own {
		wanted := "the e-mail address as userName"
		fix := edit + ": choose the mapping of the integration guide; 'sentryidp authentik apply --with-scim' makes one"
		switch {
		case s.told && !strings.Contains(s.userName, "@"):
			found = append(found, fail("mapping", fmt.Sprintf("the SCIM mapping %s sends the userName %s, and Sentry takes e-mail addresses alone", s.mapping, shown(s.userName)), wanted, fix))
		case !s.told:
			found = append(found, warn("mapping", "the SCIM mapping "+s.mapping+" is not that of the integration guide, and authentik does not tell what it sends", wanted, fix).sure(Possible))
		}
	}
	return found
}

// sameTarget reports whether a SCIM address is the wanted one: with or without a
// slash at its end, of the organization by its slug or its number.
func sameTarget(address, want string) bool {
	const before, after = "/api/0/organizations/", "/scim/v2"
	a, w := strings.TrimRight(address, "/"), strings.TrimRight(want, "/")
	place, whole := strings.CutSuffix(a, after)
	host, number, _ := strings.Cut(place, before)
	_, err := strconv.ParseUint(number, 10, 64)
	return a == w || whole && err == nil && strings.HasPrefix(w, host+before)
}

// repeated are the names that come more than once, sorted.
func repeated(names []string) []string {
	sorted := slices.Sorted(slices.Values(names))
	var again []string
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			again = append(again, sorted[i])
		}
	}
	return slices.Compact(again)
}
