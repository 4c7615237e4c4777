package doctor_test

import (
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
