package doctor_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
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

// TestRequestsThatAreNotLeftAreNoFault: something took them all, such as a list of
// thousands of bindings.
func TestRequestsThatAreNotLeftAreNoFault(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/v3/admin/version/", "/api/v3/core/users/me/", "/api/client-config/", "/saml/metadata/" + org + "/", api("auth-provider/"), api("members/")} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			side := s.front
			if strings.HasPrefix(path, "/api/v3/") {
				side = s.back
			}
			answer := side.paths[path]
			if answer == nil {
				answer = side.product.ServeHTTP
			}
			side.paths[path] = func(w http.ResponseWriter, r *http.Request) {
				for range doctor.MaxRequests {
					_, _ = s.budget.Wrap(gone{}).RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", http.NoBody)) //nolint:bodyclose // there is no answer
				}
				answer(w, r)
			}
			for _, r := range s.examine().Results {
				if r.Verdict == doctor.Failed {
					t.Errorf("%s: %s", r.Code, r.Saw)
				}
			}
		})
	}
}

// gone answers nothing.
type gone struct{}

func (gone) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("gone") }

// TestWhatATokenMayNotSeeIsNotFine: the application pushes by a provider that the
// token may not view.
func TestWhatATokenMayNotSeeIsNotFine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.back.paths["/api/v3/core/applications/sentry/"] = func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		s.back.product.ServeHTTP(recorded, r)
		_, _ = w.Write([]byte(strings.Replace(recorded.Body.String(), `"backchannel_providers":[]`, `"backchannel_providers":[77]`, 1)))
	}
	s.back.paths["/api/v3/providers/scim/77/"] = page(http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
	seen := false
	for _, r := range s.examine().Results {
		if r.Check == "authentik-scim" {
			seen = true
			if r.Verdict != doctor.Unchecked || !strings.Contains(r.Why, "permission") {
				t.Errorf("it is %s: %s%s", r.Verdict, r.Saw, r.Why)
			}
		}
	}
	if !seen {
		t.Error("the check was not made")
	}
}

// TestAMappingThatATokenMayNotSeeMayBeThere: it is missing from a list without a word.
func TestAMappingThatATokenMayNotSeeMayBeThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const path = "/api/v3/propertymappings/provider/saml/"
	s.back.paths[path] = func(w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		s.back.product.ServeHTTP(recorded, r)
		var list map[string]any
		s.check(json.Unmarshal(recorded.Body.Bytes(), &list))
		results, _ := list["results"].([]any)
		kept := slices.DeleteFunc(results, func(one any) bool {
			mapping, _ := one.(map[string]any)
			name, _ := mapping["saml_name"].(string)
			return strings.HasSuffix(name, "emailaddress")
		})
		list["results"] = kept
		if pagination, ok := list["pagination"].(map[string]any); ok {
			pagination["count"] = len(kept)
		}
		s.check(json.NewEncoder(w).Encode(list))
	}
	for _, r := range s.examine().Results {
		if r.Check == "authentik-attributes" && (r.Verdict != doctor.Unchecked || !strings.Contains(r.Why, "1 property mapping")) {
			t.Errorf("%s is %s: %s%s", r.Code, r.Verdict, r.Saw, r.Why)
		}
	}
}
