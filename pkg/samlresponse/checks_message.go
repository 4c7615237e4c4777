package samlresponse

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// settings are checked before the response is looked at (settings.py,
// check_settings).
func (j *judgement) settings() finding {
	f := finding{saw: j.SP.ACSURL, wanted: "URLs whose hosts have a dot"}
	var problems, urls []string
	bad := func(problem, address string) {
		problems, urls = append(problems, problem), append(urls, address)
	}
	if j.Provider.EntityID == "" {
		bad("idp_entityId_not_found", "(no entity ID)")
	}
	switch {
	case j.Provider.SSOURL == "":
		bad("idp_sso_not_found", "(no SSO URL)")
	case !sentry.IsSAMLURL(j.Provider.SSOURL):
		bad("idp_sso_url_invalid", j.Provider.SSOURL)
	}
	if j.Provider.SLOURL != "" && !sentry.IsSAMLURL(j.Provider.SLOURL) {
		bad("idp_slo_url_invalid", j.Provider.SLOURL)
	}
	if !sentry.IsSAMLURL(j.SP.ACSURL) {
		bad("sp_acs_url_invalid", j.SP.ACSURL)
	}
	if !sentry.IsSAMLURL(j.SP.SLSURL) {
		bad("sp_sls_url_invalid", j.SP.SLSURL)
	}
	if len(problems) > 0 {
		f.saw, f.serverError = join(urls), true
		f.reason = "Invalid dict settings: " + strings.Join(problems, ",")
		f.fix = "Sentry's library refuses host names of a single label: give Sentry (system.url-prefix) and the identity provider dotted names, " +
			"and let the metadata have an HTTP-Redirect SSO URL"
	}
	return f
}

// binding is part of reading the response, which comes before all checks.
func (j *judgement) binding() finding {
	f := finding{saw: "XML in base64", wanted: "XML in base64"}
	if j.Form == formXML {
		f.saw = "XML"
	}
	if !j.Deflated {
		return f
	}
	f.saw = "deflated XML"
	if j.sent() {
		f.serverError = true
		f.reason = "SAML Response not found, Only supported HTTP_POST Binding"
		f.fix = "the identity provider answers by HTTP-Redirect: set the Service Provider Binding of authentik's SAML provider to Post"
	}
	return f
}

func (j *judgement) encryption() finding {
	f := finding{saw: "not encrypted", wanted: "not encrypted"}
	if len(path(j.response(), "saml:EncryptedAssertion")) > 0 {
		f.saw, f.serverError = "an EncryptedAssertion", true
		f.reason = "No private key available to decrypt the assertion, check settings"
		f.fix = "switch encryption off at the identity provider (authentik: leave the provider's Encryption Certificate empty); Sentry has no key to decrypt with"
	}
	return f
}

func (j *judgement) version() finding {
	f := finding{saw: j.root.attr("Version"), wanted: "2.0"}
	if f.saw != f.wanted {
		f.reason = "Unsupported SAML version"
		f.fix = "the identity provider has to speak SAML 2.0"
	}
	return f
}

func (j *judgement) id() finding {
	id, ok := j.root.lookup("ID")
	f := finding{saw: id, wanted: "an ID"}
	if !ok {
		f.reason = "Missing ID attribute on SAML Response"
		f.fix = "the identity provider breaks SAML: every Response has an ID"
	}
	return f
}

const success = "urn:oasis:names:tc:SAML:2.0:status:Success"

// status follows utils.py get_status, which takes the first attribute of
// StatusCode, whatever its name.
func (j *judgement) status() finding {
	f := finding{wanted: success}
	status := path(j.response(), "samlp:Status")
	codes := path(status, "samlp:StatusCode")
	switch {
	case len(status) != 1:
		f.reason = "Missing Status on response"
	case len(codes) != 1:
		f.reason = "Missing Status Code on response"
	case len(codes[0].attrs) == 0:
		f.reason = "list index out of range"
	}
	if f.reason != "" {
		f.fix = "the identity provider breaks SAML: every Response has one Status with one StatusCode"
		return f
	}
	f.saw = codes[0].attrs[0].Value
	if f.saw == "" || f.saw == success {
		return f
	}
	name := f.saw[strings.LastIndex(f.saw, ":")+1:]
	f.reason = "The status code of the Response was not Success, was " + name
	text, err := statusMessage(status, codes)
	switch {
	case err != "":
		f.reason = err
	case text != "":
		f.reason += " -> " + text
	}
	f.fix = statusFix(name)
	return f
}

func statusMessage(status, codes []*node) (text, failure string) {
	messages := path(status, "samlp:StatusMessage")
	switch len(messages) {
	case 1:
		return messages[0].text(), ""
	case 0:
		inner := path(codes, "samlp:StatusCode")
		if len(inner) != 1 {
			return "", ""
		}
		if len(inner[0].attrs) == 0 {
			return "", "list index out of range"
		}
		return inner[0].attrs[0].Value, ""
	}
	return "", ""
}

func statusFix(code string) string {
	switch code {
	case "Requester":
		return "the identity provider did not like the request: compare its ACS URL and Audience with 'sentryidp saml urls', and switch off that requests have to be signed"
	case "Responder":
		return "the identity provider refused: see that the person is assigned to the application, and look into the identity provider's log"
	}
	return "look into the identity provider's log: it refused, and says why there"
}

func (j *judgement) assertionCount() finding {
	count := len(j.root.below(nsAssertion, "Assertion")) + len(j.root.below(nsAssertion, "EncryptedAssertion"))
	f := finding{saw: strconv.Itoa(count), wanted: "1"}
	if count != 1 {
		f.reason = "SAML Response must contain 1 assertion"
		f.fix = "the identity provider has to send one assertion for each login; several are a sign of tampering, too"
	}
	return f
}

// schema is checked by libxml2 with the schemas of python3-saml.
func (j *judgement) schema() finding {
	f := finding{saw: "as the schema says", wanted: "saml-schema-protocol-2.0.xsd"}
	if err := validate(j.root); err != nil {
		f.saw = err.Error()
		f.reason = "Invalid SAML Response. Not match the saml-schema-protocol-2.0.xsd"
		f.fix = "the identity provider does not follow the SAML schema: " + err.Error() + "; update it, or change what adds this"
	}
	return f
}

// destination compares URLs as prefixes (utils.py, normalize_url). An absent
// Destination passes.
func (j *judgement) destination() finding {
	destination, ok := j.root.lookup("Destination")
	f := finding{saw: destination, wanted: j.SP.ACSURL}
	switch {
	case !ok:
	case destination == "":
		f.reason = "The response has an empty Destination value"
		f.fix = "set the identity provider's ACS URL to " + j.SP.ACSURL
	case !strings.HasPrefix(normalURL(destination), normalURL(j.SP.ACSURL)):
		f.reason = fmt.Sprintf("The response was received at %s instead of %s", j.SP.ACSURL, destination)
		f.fix = urlFix("the identity provider's ACS URL", destination, j.SP.ACSURL)
	}
	return f
}

// urlFix says in which part two URLs differ.
func urlFix(what, saw, wanted string) string {
	fix := "set " + what + " to " + wanted
	a, errA := url.Parse(saw)
	b, errB := url.Parse(wanted)
	if errA != nil || errB != nil {
		return fix
	}
	var parts []string
	for _, p := range []struct{ name, a, b string }{
		{"scheme", a.Scheme, b.Scheme},
		{"host", strings.ToLower(a.Hostname()), strings.ToLower(b.Hostname())},
		{"port", a.Port(), b.Port()},
		{"path", a.Path, b.Path},
	} {
		if p.a != p.b {
			parts = append(parts, p.name)
		}
	}
	if len(parts) == 0 {
		return fix
	}
	fix += "; the " + strings.Join(parts, " and the ") + " differ"
	if len(parts) == 1 {
		fix += "s"
	}
	if !slices.Contains(parts, "path") {
		fix += ", so that Sentry's own system.url-prefix may be the wrong one"
	}
	return fix
}

// normalURL lowers scheme and host, and drops blanks before them, as Python's
// urlsplit and urlunsplit do.
func normalURL(text string) string {
	text = strings.TrimLeft(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text), " ")
	match := urlParts.FindStringSubmatch(text)
	if match == nil {
		return text
	}
	text = strings.ToLower(match[1]) + strings.ToLower(match[2]) + match[3]
	return strings.TrimSuffix(strings.TrimSuffix(text, "#"), "?")
}

var urlParts = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*:)?(//[^/?#]*)?(.*)$`)
