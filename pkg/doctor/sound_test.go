package doctor_test

import (
	"net/http"
	"testing"

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
