package samlresponse

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// settings are checked before the response is looked at (settings.py,
// check_settings).
func (j *judgement) settings() finding {
	f := finding{saw: j.SP.ACSURL, wanted: "URLs whose hosts have a dot, or are localhost or addresses"}
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
		f.fix = settingsFix(problems, urls)
	}
	return f
}

// settingsFix names the sides that have to change.
func settingsFix(problems, urls []string) string {
	var fixes []string
	ours, theirs := []string{}, []string{}
	for i, problem := range problems {
		if strings.HasPrefix(problem, "sp_") {
			ours = append(ours, urls[i])
		} else {
			theirs = append(theirs, urls[i])
		}
	}
	if len(ours) > 0 {
		fixes = append(fixes, "Sentry's library refuses Sentry's own "+join(ours)+": system.url-prefix must be set, and its host must have a dot")
	}
	if len(theirs) > 0 {
		fixes = append(fixes, "Sentry's library refuses the identity provider's "+join(theirs)+
			": its metadata must have an entity ID and an HTTP-Redirect SSO URL whose host has a dot")
	}
	return strings.Join(fixes, "; ")
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
	f.saw, f.serverError = "deflated XML", true
	if j.Form == formRequest || j.Form == formHAR {
		f.reason = "SAML Response not found, Only supported HTTP_POST Binding"
		f.fix = "the identity provider answers by HTTP-Redirect: set the Service Provider Binding of authentik's SAML provider to Post"
		return f
	}
	f.reason = "Start tag expected, '<' not found, line 1, column 1"
	f.fix = "Sentry decodes the base64 and expects XML, but finds compressed XML as HTTP-Redirect sends it: let the identity provider answer by " +
		"HTTP-POST (authentik: set the Service Provider Binding to Post), or take the value of SAMLResponse from the form that is posted, as it is"
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
	f.fix = statusFix(append(statusCodes(codes), text))
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

func (j *judgement) assertionCount() finding {
	count := len(j.root.below(nsAssertion, "Assertion")) + len(j.root.below(nsAssertion, "EncryptedAssertion"))
	f := finding{saw: strconv.Itoa(count), wanted: "1"}
	if count != 1 {
		f.reason = "SAML Response must contain 1 assertion"
		f.fix = "the identity provider has to send one assertion for each login: several are a sign of tampering, too"
	}
	if count == 0 {
		f.fix = "the response says Success and holds no assertion: look into the identity provider's log whether it lets the user use the application, " +
			"and whether it sends the assertion in another way, such as by artifact"
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
		f.fix = j.ofDefault("set the identity provider's ACS URL to " + j.SP.ACSURL)
	case !strings.HasPrefix(normalURL(destination), normalURL(j.SP.ACSURL)):
		f.reason = fmt.Sprintf("The response was received at %s instead of %s", j.SP.ACSURL, destination)
		f.fix = j.setTo("the identity provider's ACS URL", destination, j.SP.ACSURL)
	}
	return f
}

// normalURL lowers scheme and host, and drops blanks before them, as Python's
// urlsplit and urlunsplit do.
func normalURL(text string) string {
	text = strings.TrimLeft(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text), " ")
	match := urlParts().FindStringSubmatch(text)
	if match == nil {
		return text
	}
	text = strings.ToLower(match[1]) + strings.ToLower(match[2]) + match[3]
	return strings.TrimSuffix(strings.TrimSuffix(text, "#"), "?")
}

var urlParts = pattern.New(`^([A-Za-z][A-Za-z0-9+.-]*:)?(//[^/?#]*)?(.*)$`)
