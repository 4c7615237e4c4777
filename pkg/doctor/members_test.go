package doctor_test

import (
	"cmp"
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

// TestWhatIsNoFaultIsTold holds what the guide looks at: whether SSO is required,
// which is a choice, and whether anybody has logged in by it.
func TestWhatIsNoFaultIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.answer(api("auth-provider/"), map[string]any{"provider_name": "saml2", "default_role": "member", "require_link": false, "scim_enabled": true})
	s.front.paths["/api/client-config/"] = page(http.StatusOK, `{"version": {"current": "26.10.0.dev0"}, "urlPrefix": "`+s.sentryURL+`", "isSelfHosted": false}`)
	s.members(map[string]any{"email": "a@acme.test", "orgRole": "owner"}, map[string]any{"email": "b@acme.test", "orgRole": "owner"})
	report := s.examine()
	if report.Verdict != doctor.OK {
		t.Errorf("found %s", report.Headline)
	}
	told := map[string]doctor.Verdict{}
	for _, r := range report.Results {
		told[r.Code] = r.Verdict
	}
	if told["sso-login/nobody"] != doctor.Unchecked || told["auth-provider/optional"] != doctor.OK {
		t.Errorf("told %v", told)
	}
}

func TestAGuideMayAskMore(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 3} {
		budget := &doctor.Budget{Max: most}
		client := budget.Wrap(answering{})
		sent := 0
		for range 2 * doctor.MaxRequests {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := client.RoundTrip(req); err == nil {
				_ = resp.Body.Close()
				sent++
			}
		}
		if want := cmp.Or(most, doctor.MaxRequests); sent != want || budget.Sent() != want {
			t.Errorf("%d requests were sent, %d counted, expected %d", sent, budget.Sent(), want)
		}
	}
}

type answering struct{}

func (answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}
