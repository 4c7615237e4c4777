package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"

	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// spMetadata is what a Sentry at these addresses publishes.
func spMetadata(urls sentry.URLs) string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + urls.Audience + `">` +
		`<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		`<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="` + urls.SLSURL + `"/>` +
		`<AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="` + urls.ACSURL + `" index="1"/>` +
		`</SPSSODescriptor></EntityDescriptor>`
}

func newSCIM(s *site, address string) (*scim.Client, error) {
	return scim.New(address, s.client(s.sentryURL, scimToken, s.budget.Wrap))
}

// cut removes every element of that name from authentik's metadata, and its
// signature, which no longer fits.
func (s *site) cut(element string) {
	gone := regexp.MustCompile(`(?s)<(\w+:)?` + element + `[ >].*</(\w+:)?` + element + `>`)
	s.metadata(func(xml string) string { return gone.ReplaceAllString(xml, "") })
	unsigned(s)
}

// unsigned removes the signature from what authentik's metadata has become.
func unsigned(s *site) {
	path := "/application/saml/sentry/metadata/"
	inner := s.back.paths[path]
	signature := regexp.MustCompile(`(?s)<(\w+:)?Signature[ >].*</(\w+:)?Signature>`)
	s.back.paths[path] = func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		inner(recorded, r)
		_, _ = w.Write([]byte(signature.ReplaceAllString(recorded.Body.String(), "")))
	}
}

// unbind deletes the bindings of the application.
func (s *site) unbind() {
	s.t.Helper()
	all, err := s.admin.Bindings().List(s.t.Context(), nil)
	s.check(err)
	for _, b := range all {
		s.check(s.admin.Bindings().Delete(s.t.Context(), b.Key()))
	}
}

// named lets authentik be at an address that no DNS has.
func (s *site) named(address string) {
	s.replaced(s.authentikURL, address)
	unsigned(s)
	inner, err := url.Parse(s.authentikURL)
	s.check(err)
	s.doctor.Subject.MetadataURL = address + "/application/saml/sentry/metadata/"
	s.doctor.IDPWeb = s.client("", "", func(next http.RoundTripper) http.RoundTripper { return diverted{inner, next} })
}

// diverted sends every request to another server.
type diverted struct {
	to   *url.URL
	next http.RoundTripper
}

// RoundTrip sends the request.
func (d diverted) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = d.to.Scheme, d.to.Host
	return d.next.RoundTrip(r)
}

// failing answers nothing.
type failing struct{ err error }

// RoundTrip fails.
func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// posted lets the site be the one of a response in testdata/response.
func (s *site) posted(file string) {
	s.t.Helper()
	const shared = "../../testdata/response/"
	data, err := os.ReadFile(shared + file)
	s.check(err)
	s.doctor.Response, err = samlresponse.Decode(data)
	s.check(err)
	s.doctor.Metadata, err = os.ReadFile(shared + "idp.xml")
	s.check(err)
	base, _, err := sentry.ParseBase("https://sentry.example.com")
	s.check(err)
	urls := sentry.URLsOf(base, org)
	s.doctor.Subject.URLs = &urls
	s.doctor.Integration.Settings.URLs = s.settings.URLs
}
