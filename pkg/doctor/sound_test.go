package doctor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/doctor"
)

func TestASoundSetupHasNoFinding(t *testing.T) {
	t.Parallel()
	report := newSite(t).examine()
	for _, r := range report.Results {
		if r.Verdict != doctor.OK {
			t.Errorf("%s is %s: %s%s", r.Code, r.Verdict, r.Saw, r.Why)
		}
	}
	if report.Verdict != doctor.OK || report.Err(true) != nil {
		t.Errorf("the verdict is %s: %s", report.Verdict, report.Headline)
	}
	if report.Requests > doctor.MaxRequests-5 {
		t.Errorf("%d requests were sent, which leaves no room", report.Requests)
	}
}

// TestSSOThatIsOptionalOnSaaSIsNoFinding: there it is the way in if the identity
// provider fails, which owners/locked-out asks for.
func TestSSOThatIsOptionalOnSaaSIsNoFinding(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.answer(api("auth-provider/"), map[string]any{"provider_name": "saml2", "default_role": "member", "require_link": false, "scim_enabled": true})
	s.front.paths["/api/client-config/"] = page(http.StatusOK, `{"version": {"current": "26.10.0.dev0"}, "urlPrefix": "`+s.sentryURL+`", "isSelfHosted": false}`)
	if report := s.examine(); len(report.Problems) > 0 {
		t.Errorf("found %s", report.Headline)
	}
}

// TestAnAnswerFromACacheTellsNoOtherTime: a cache leaves the Date of the origin, and
// says how old the answer is (RFC 9111, section 5.1).
func TestAnAnswerFromACacheTellsNoOtherTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.back.ahead = -time.Hour
	const path = "/application/saml/sentry/metadata/"
	s.back.paths[path] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Age", "3600")
		s.back.product.ServeHTTP(w, r)
	}
	if report := s.examine(); len(report.Problems) > 0 {
		t.Errorf("found %s", report.Headline)
	}
}

// TestAPathPrefixStaysInTheAdvice: Sentry is below a path, and another host is right.
func TestAPathPrefixStaysInTheAdvice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.doctor.Subject.SentryURL = s.sentryURL + "/sentry"
	s.front.all = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://www.example.com"+r.URL.Path, http.StatusMovedPermanently)
	}
	report := s.examine()
	if p := report.Problems[0]; p.Code != "sentry-redirect/host" || !strings.Contains(p.Fix, " to https://www.example.com/sentry, if") {
		t.Errorf("found %s: %s", p.Code, p.Fix)
	}
}

// TestSCIMThatIsOffHidesNotThatSSOIsOptional.
func TestSCIMThatIsOffHidesNotThatSSOIsOptional(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.answer(api("auth-provider/"), map[string]any{"provider_name": "saml2", "default_role": "member", "require_link": false, "scim_enabled": false})
	var codes []string
	for _, p := range s.examine().Problems {
		codes = append(codes, p.Code)
	}
	if got := strings.Join(codes, " "); got != "auth-provider/scim-off auth-provider/optional" {
		t.Errorf("found %s", got)
	}
}
