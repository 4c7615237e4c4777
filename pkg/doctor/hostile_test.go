package doctor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/doctor"
)

// TestNoAnswerMakesAnExaminationPanic lets both servers say whatever they like.
func TestNoAnswerMakesAnExaminationPanic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.front.paths = nil
	bodies := []string{
		"", "{}", "[]", "null", "[null]", "{\"rows\": null}", "<", "<EntityDescriptor/>", "\x00\xff", strings.Repeat("[", 5000), `{"version": null, "urlPrefix": 7}`,
		`{"urlPrefix": "://", "version": {"current": "26.1.0"}, "isSelfHosted": true}`, `{"user": null, "provider_name": 3}`, `{"totalResults": -1}`,
		`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><IDPSSODescriptor/></EntityDescriptor>`,
	}
	rapid.Check(t, func(t *rapid.T) {
		answer := func(label string) http.HandlerFunc {
			status := rapid.SampledFrom([]int{200, 204, 302, 304, 401, 403, 404, 500, 503}).Draw(t, label+" status")
			body := rapid.SampledFrom(bodies).Draw(t, label+" body")
			headers := rapid.MapOf(rapid.SampledFrom([]string{"Location", "Link", "WWW-Authenticate"}),
				rapid.SampledFrom([]string{"", "::", "/", `<:>; rel="next"; results="true"`, `<https://x/?a=1>; rel="next"; results="true"`})).Draw(t, label+" headers")
			return func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(status)
				if status != http.StatusNoContent && status != http.StatusNotModified {
					_, _ = w.Write([]byte(body))
				}
			}
		}
		s.front.all, s.back.all = answer("Sentry"), answer("authentik")
		s.doctor.Bound, *s.budget = time.Minute, doctor.Budget{}
		report := s.examine()
		if len(report.Results) == 0 || report.Verdict == doctor.OK && report.Counts.Unchecked == 0 {
			t.Fatalf("found %s", report.Headline)
		}
	})
}
