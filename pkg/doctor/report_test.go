package doctor_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// broken is an examination of a site with a wrong prefix, an expired invitation
// and a token that is missing.
func broken(t *testing.T) *doctor.Report {
	t.Helper()
	s := newSite(t)
	clientConfig(s, "https://sentry.internal.example.com", "26.9.0", true)
	s.members(map[string]any{"email": "a`b@acme.test", "orgRole": "member", "pending": true, "expired": true}, linkedOwner("owner@acme.test"), linkedOwner("o@acme.test"))
	s.doctor.Unavailable = map[doctor.Probe]string{doctor.ProbeAudit: "sentry.api.token is not set"}
	s.front.paths["/saml/metadata/"+org+"/"] = elsewhere("https://sentry.internal.example.com/saml/metadata/acme/")
	return s.examine()
}

func TestACauseComesFirstAndFoldsItsConsequences(t *testing.T) {
	t.Parallel()
	r := broken(t)
	var codes []string
	for _, p := range r.Problems {
		codes = append(codes, p.Code)
	}
	if !slices.Equal(codes, []string{"sentry-prefix/host", "members/expired"}) {
		t.Fatalf("found %v", codes)
	}
	consequences := r.Problems[0].Consequences
	if len(consequences) != 3 || consequences[0].Cause != "sentry-prefix/host" {
		t.Errorf("folded %+v", consequences)
	}
	if !strings.HasPrefix(r.Headline, "failed: sentry-prefix/host: Sentry's system.url-prefix is https://sentry.internal.example.com") ||
		!strings.HasSuffix(r.Headline, "; and 1 more; 1 not checked") {
		t.Errorf("the headline is %q", r.Headline)
	}
}

func TestEveryFormatTellsTheSame(t *testing.T) {
	t.Parallel()
	r := broken(t)
	for _, format := range []report.Format{report.Text, report.JSON, report.YAML, report.Markdown, report.JUnit} {
		var out bytes.Buffer
		if err := report.Write(&out, ui.Plain(), format, r); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"sentry-prefix/host", "members/expired", "audit-log", "sentry.api.token is not set"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s lacks %s:\n%s", format, want, out.String())
			}
		}
		if first, _, _ := strings.Cut(out.String(), "\n"); format == report.Text && !strings.HasPrefix(first, "failed: sentry-prefix/host: ") {
			t.Errorf("the first line is %q", first)
		}
	}
	var again doctor.Report
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.JSON, r); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &again); err != nil || len(again.Results) != len(r.Results) {
		t.Errorf("JSON does not come back: %v", err)
	}
}

func TestJUnitHasACaseForEachCheck(t *testing.T) {
	t.Parallel()
	names := func(r *doctor.Report) (list []string) {
		t.Helper()
		data, err := r.JUnit()
		if err != nil {
			t.Fatal(err)
		}
		var suites struct {
			Suite struct {
				Failures int `xml:"failures,attr"`
				Cases    []struct {
					Name string `xml:"name,attr"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(data, &suites); err != nil {
			t.Fatal(err)
		}
		for _, c := range suites.Suite.Cases {
			list = append(list, c.Name)
		}
		return list
	}
	sound, ill := names(newSite(t).examine()), names(broken(t))
	if !slices.Equal(sound, ill) || len(sound) == 0 {
		t.Errorf("the cases differ: %v and %v", sound, ill)
	}
}

func TestOnlyAndSkip(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.doctor.Only, s.doctor.Skip = []string{"sentry", "clocks"}, []string{"owners", "members"}
	for _, r := range s.examine().Results {
		if r.Side != doctor.Sentry && r.Check != "clocks" || r.Check == "members" {
			t.Errorf("%s was checked", r.Code)
		}
	}
	s.doctor.Only = []string{"sentry-prefi"}
	_, err := s.doctor.Examine(t.Context())
	if fault.CodeOf(err) != fault.Usage || !slices.Contains(fault.Hints(err), "did you mean sentry-prefix?") {
		t.Errorf("an unknown code is %v, %v", err, fault.Hints(err))
	}
	s.doctor.Only, s.doctor.Skip = []string{"clocks"}, []string{"clocks"}
	if _, err := s.doctor.Examine(t.Context()); fault.CodeOf(err) != fault.Usage {
		t.Errorf("nothing left to check is %v", err)
	}
}

func TestOnlyWhatIsCheckedIsAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.doctor.Only = []string{"local"}
	if r := s.examine(); r.Requests != 0 {
		t.Errorf("%d requests were sent", r.Requests)
	}
}

func TestAServerThatNeverAnswersHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.doctor.Bound = 100 * time.Millisecond
	s.front.paths = nil
	s.front.all = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	s.doctor.Only = []string{"sentry"}
	if r := s.examine(); len(r.Problems) != 1 || r.Problems[0].Code != "sentry-reach/silent" {
		t.Errorf("found %+v", r.Problems)
	}
}

func TestNoMoreRequestsAreSentThanTheBudget(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	spent := s.budget.Wrap(failing{doctor.ErrBudget})
	for range doctor.MaxRequests {
		if resp, err := spent.RoundTrip(&http.Request{}); err == nil {
			_ = resp.Body.Close()
		}
	}
	r := s.examine()
	if r.Requests != doctor.MaxRequests || r.Counts.Unchecked == 0 {
		t.Errorf("%d requests, %+v", r.Requests, r.Counts)
	}
}

func TestNothingOfAServerSteersATerminal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.front.paths, s.front.all = nil, page(http.StatusOK, "<title>\x1b[31mred\u202e</title>")
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.Text, s.examine()); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Errorf("the text is %q", out.String())
	}
}
