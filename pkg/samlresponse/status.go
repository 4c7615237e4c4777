package samlresponse

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// statusCodes are the names of a status and of those in it, outermost first.
func statusCodes(codes []*node) []string {
	var names []string
	for len(codes) > 0 {
		value := codes[0].attr("Value")
		names = append(names, value[strings.LastIndex(value, ":")+1:])
		codes = path(codes[:1], "samlp:StatusCode")
	}
	return names
}

// statusFix is the advice for what the identity provider says: the names of its
// status codes (SAML core, 3.2.2.2) and its message. The inner ones are the
// telling ones.
func statusFix(says []string) string {
	for _, cause := range statusCauses() {
		for _, word := range says {
			if strings.Contains(word, cause.word) {
				return cause.fix
			}
		}
	}
	return "look into the identity provider's log: it refused, and says why there"
}

type statusCause struct{ word, fix string }

func statusCauses() []statusCause {
	return []statusCause{
		{"InvalidNameIDPolicy", "Sentry's request asks for a NameID of the format " + sentry.NameIDFormat + ", which the identity provider does not issue " +
			"to Sentry: let it issue that format, whatever the value, as Sentry makes no use of the NameID (AD FS: add a rule that issues a Name ID)"},
		{"NoPassive", "the identity provider had to ask the user and was not allowed to: log in at the identity provider first"},
		{"NoAuthnContext", "the identity provider could not log the user in the way that its own policy asks for: look at its rules for the application"},
		{"AuthnFailed", "the identity provider could not log the user in: see that the user is assigned to the application, and look into its log"},
		{"RequestDenied", "the identity provider denied the request: see that the user is assigned to the application, and that the application is bound to the right policies"},
		{"UnsupportedBinding", "the identity provider cannot answer by HTTP-POST: set the binding of Sentry's ACS URL to POST there"},
		{"RequestUnsupported", "the identity provider does not support the request: switch off that requests have to be signed, and update it"},
		{"Requester", "the identity provider refused the request: compare its ACS URL and Audience with 'sentryidp saml urls', and switch off that requests have to be signed"},
		{"Responder", "the identity provider refused: see that the user is assigned to the application, and look into the identity provider's log"},
	}
}
