package doctor_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// TestTheCauseOfAPublicThreadIsNamed tells threads in which somebody was stuck,
// with the cause that was found in them. Threads that name none are left out.
func TestTheCauseOfAPublicThreadIsNamed(t *testing.T) {
	t.Parallel()
	posted := func(file string) func(*site) {
		return func(s *site) {
			s.posted(file)
			s.doctor.Only = []string{"response"}
		}
	}
	for _, story := range []illness{
		{name: "getsentry/sentry 103805, the name of an attribute is not the one that is sent", code: "response/identity", arrange: posted("no-uid.xml")},
		{name: "getsentry/sentry 103805, as authentik's token tells it", code: "authentik-attributes/identifier", arrange: func(s *site) {
			s.doctor.Mapping = &samlresponse.Mapping{Name: "saml.attributes", Mapping: sentry.Mapping{Identifier: "Email Address", Email: sentry.GuideMapping().Mapping.Email}}
		}},
		{name: "getsentry/sentry 68380, Failed to map SAML attributes", code: "response/identity", arrange: posted("no-mail.xml")},
		{name: "getsentry/self-hosted 743 and 3062, There is no AttributeStatement on the Response", code: "response/attribute-statement", arrange: posted("attribute-statement.xml")},
		{name: "getsentry/sentry 86655, the last step fails since 25.2.0", code: "sentry-release/broken", arrange: func(s *site) {
			clientConfig(s, s.sentryURL, "25.2.0", true)
		}},
		{name: "getsentry/sentry 65393, the identity provider knows no such application", code: "authentik-provider/audience", arrange: func(s *site) {
			s.provider(authentik.Fields{"audience": s.sentryURL})
		}},
		{name: "getsentry/self-hosted 1344, the ACS URL without its slash", code: "authentik-provider/acs-url", arrange: func(s *site) {
			s.provider(authentik.Fields{"acs_url": strings.TrimSuffix(s.settings.URLs.ACSURL, "/")})
		}},
		{name: "getsentry/self-hosted 1344, client_not_found: the prefix is localhost, and users open an address", code: "sentry-prefix/host", arrange: func(s *site) {
			clientConfig(s, "http://localhost:9000", "26.9.0", true)
		}},
		{name: "getsentry/self-hosted 1571, Invalid requester: SigAlg was null", code: "idp-metadata/wants-signed-requests", warns: true, arrange: func(s *site) {
			s.metadata(func(xml string) string {
				return strings.Replace(xml, "IDPSSODescriptor ", `IDPSSODescriptor WantAuthnRequestsSigned="true" `, 1)
			})
			unsigned(s)
		}},
		{name: "getsentry/self-hosted 4127, response and assertion are both signed", code: "authentik-provider/signed-twice", warns: true, arrange: func(s *site) {
			s.provider(authentik.Fields{"sign_response": true})
		}},
		{name: "goauthentik/authentik 15803, Failed to parse provided SAML2 metadata", code: "idp-redirect/followed", arrange: func(s *site) {
			s.back.paths["/application/saml/sentry/metadata/"] = elsewhere("/api/v3/providers/saml/1/metadata/?download")
		}},
		{name: "goauthentik/authentik 15803, the audience of the guide's example", code: "authentik-provider/audience", arrange: func(s *site) {
			s.provider(authentik.Fields{"audience": "https://sentry.company/saml/metadata/acme/"})
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			story.arrange(s)
			story.hold(t, s.examine())
		})
	}
}
