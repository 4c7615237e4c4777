package doctor_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func TestMembersAreReadPageByPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pages(3)
	report := s.examine()
	if report.Verdict != doctor.Warning || report.Problems[0].Code != "members/expired" || !strings.HasPrefix(report.Problems[0].Saw, "3 invitations have expired: m1@acme.test, m2@acme.test, m3@acme.test") {
		t.Errorf("found %s", report.Headline)
	}
}

func TestThousandsOfMembersAreNotRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pages(1000)
	for _, r := range s.examine().Results {
		if (r.Check == "members" || r.Check == "owners") && (r.Verdict != doctor.Unchecked || !strings.Contains(r.Why, "more than 500 members")) {
			t.Errorf("%s is %s: %s", r.Code, r.Verdict, r.Why)
		}
	}
}

// pages lets Sentry answer members in so many pages, with one expired invitation
// each, under links to another host, which Sentry's own prefix may be.
func (s *site) pages(count int) {
	s.front.paths[api("members/")] = func(w http.ResponseWriter, r *http.Request) {
		page := 1
		_, _ = fmt.Sscanf(r.URL.Query().Get("cursor"), "%d", &page)
		w.Header().Set("Link", fmt.Sprintf(`<https://elsewhere.example/?cursor=0>; rel="previous"; results="true", <https://elsewhere.example/?cursor=%d>; rel="next"; results="%t"`, page+1, page < count))
		_, _ = fmt.Fprintf(w, `[{"email": "m%d@acme.test", "pending": true, "expired": true}, {"email": "o%d@acme.test", "orgRole": "owner", "flags": {"sso:linked": true}}]`, page, page)
	}
}

func TestAFixSaysThatTheAddressIsOnlyTheDefault(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.doctor.Subject.DefaultSentry = true
	base, _, err := sentry.ParseBase(s.sentryURL)
	s.check(err)
	urls := sentry.URLsOf(base, "somebody-else")
	s.doctor.Subject.URLs = &urls
	s.doctor.Only = []string{"sentry-metadata"}
	report := s.examine()
	if len(report.Problems) != 1 || !strings.Contains(report.Problems[0].Fix, "which is only the default") {
		t.Errorf("found %+v", report.Problems)
	}
}
