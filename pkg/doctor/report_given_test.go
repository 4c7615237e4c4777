package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

// reported gives the doctor the report of a Sentry that read the metadata which
// authentik serves now, and was given the mapping of the integration guide.
func (s *site) reported() *sentryexec.Report {
	s.t.Helper()
	answer := httptest.NewRecorder()
	s.back.product.ServeHTTP(answer, httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, s.doctor.Subject.MetadataURL, http.NoBody))
	judged := metadata.Judge(answer.Body.Bytes(), metadata.Source{Now: time.Now()})
	if judged.Stored == nil || len(judged.Certificates) == 0 {
		s.t.Fatalf("authentik serves no metadata: %s", answer.Body)
	}
	guide := sentry.GuideMapping().Mapping
	s.doctor.SentryReport = &sentryexec.Report{
		Format: 1, Action: sentryexec.Status, Org: org, Release: "26.3.1", ReleaseRead: true, URLPrefix: s.sentryURL, SentryURL: s.sentryURL,
		SCIM: &sentryexec.SCIMFacts{Enabled: true, BaseURL: s.settings.URLs.SCIMBaseURL, HasToken: true}, People: &sentryexec.People{Identities: 2, Owners: 2, OwnersLinked: 2},
		Provider: &sentryexec.Provider{
			Key: "saml2", EntityID: &judged.Stored.EntityID, SSOURL: &judged.Stored.SSOURL, SSORequired: true, SCIMEnabled: true,
			Certificate: &sentryexec.CertificateFacts{SHA256: judged.Certificates[0].Facts.FingerprintSHA256, NotAfter: judged.Certificates[0].Facts.NotAfter},
			Mapping:     map[string]*string{"identifier": &guide.Identifier, "user_email": &guide.Email, "first_name": &guide.FirstName, "last_name": &guide.LastName},
		},
	}
	return s.doctor.SentryReport
}

func TestASoundReportHasNoFinding(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.reported()
	report := s.examine()
	seen := 0
	for _, r := range report.Results {
		if r.Verdict != doctor.OK {
			t.Errorf("%s is %s: %s%s", r.Code, r.Verdict, r.Saw, r.Why)
		}
		if r.Check == "sentry-stored" || r.Check == "sentry-report" {
			seen++
		}
	}
	if seen != 2 {
		t.Errorf("%d checks of the report were made", seen)
	}
}

func TestWhatSentryStoredIsCompared(t *testing.T) {
	t.Parallel()
	other := "other"
	for _, f := range []illness{
		{name: "another issuer", code: "sentry-stored/entity-id", arrange: func(s *site) {
			s.reported()
			s.provider(authentik.Fields{"issuer_override": "https://old.example.com/issuer"})
		}},
		{name: "other metadata altogether", code: "sentry-stored/entity-id", arrange: func(s *site) {
			p := s.reported().Provider
			p.EntityID, p.SSOURL, p.Certificate.SHA256 = &other, &other, "AB:CD"
		}},
		{name: "another certificate", code: "sentry-stored/certificate", arrange: func(s *site) { s.reported().Provider.Certificate.SHA256 = "AB:CD" }},
		{name: "another certificate, which ended", code: "sentry-stored/certificate", arrange: func(s *site) {
			c := s.reported().Provider.Certificate
			c.SHA256, c.NotAfter = "AB:CD", time.Now().Add(-time.Hour)
		}},
		{name: "another SSO URL", code: "sentry-stored/sso-url", warns: true, arrange: func(s *site) { s.reported().Provider.SSOURL = &other }},
		{name: "another attribute than authentik sends", code: "authentik-attributes/email", arrange: func(s *site) {
			s.reported().Provider.Mapping["user_email"] = &other
			s.doctor.Mapping = &samlresponse.Mapping{Name: "saml.attributes", Mapping: sentry.GuideMapping().Mapping}
		}},
		{name: "another attribute, without authentik's token", code: "sentry-stored/attributes", arrange: func(s *site) {
			s.reported().Provider.Mapping["user_email"] = &other
			s.doctor.Mapping = &samlresponse.Mapping{Name: "saml.attributes", Mapping: sentry.GuideMapping().Mapping}
			s.doctor.Unavailable = map[doctor.Probe]string{doctor.ProbeAuthentik: "no token", doctor.ProbeIntegration: "no token"}
		}},
		{name: "no attribute for the e-mail address", code: "sentry-stored/attributes", arrange: func(s *site) {
			s.reported().Provider.Mapping["user_email"] = nil
		}},
		{name: "a mapping that the settings do not have", code: "sentry-stored/attributes", warns: true, arrange: func(s *site) {
			s.reported()
			s.doctor.Mapping = &samlresponse.Mapping{Name: "saml.attributes", Mapping: sentry.Mapping{Identifier: sentry.GuideMapping().Mapping.Identifier, Email: sentry.GuideMapping().Mapping.Email}}
		}},
		{name: "values of an old script", code: "sentry-report/differs", warns: true, arrange: func(s *site) {
			s.reported().Differences = []sentryexec.Field{{Field: "idp.sso_url", From: &other, To: nil}}
		}},
		{name: "another organization", code: "sentry-report/organization", arrange: func(s *site) { s.reported().Org = other }},
		{name: "an old report", code: "sentry-report/outdated", warns: true, arrange: func(s *site) { s.reported().Provider.SSORequired = false }},
		{name: "a run that failed", code: "sentry-report/failed", arrange: func(s *site) { s.reported().Error = "Sentry lacks a name" }},
		{name: "another prefix", code: "sentry-prefix/host", arrange: func(s *site) {
			s.reported().URLPrefix = "https://sentry.internal.example.com"
			clientConfig(s, "https://sentry.internal.example.com", "26.9.0", true)
			s.front.paths["/saml/metadata/"+org+"/"] = elsewhere("https://sentry.internal.example.com/saml/metadata/acme/")
		}},
		{name: "no provider", code: "auth-provider/none", arrange: func(s *site) {
			s.reported().Provider = nil
			s.front.paths[api("auth-provider/")] = status(http.StatusNoContent)
		}},
		{name: "no owner is linked", code: "sentry-report/owners", arrange: func(s *site) {
			s.reported().People.OwnersLinked = 0
			s.members(map[string]any{"email": "a@acme.test", "orgRole": "owner"}, map[string]any{"email": "b@acme.test", "orgRole": "owner"})
		}},
		{name: "SCIM is off, without an API token", code: "sentry-report/scim-off", arrange: func(s *site) {
			s.reported().Provider.SCIMEnabled = false
			s.front.paths[api("scim/v2/Users")] = page(http.StatusForbidden, `{"detail":"You do not have permission to perform this action."}`)
			s.withoutAPI()
		}},
		{name: "SSO is optional, without an API token", code: "sentry-report/optional", warns: true, arrange: func(s *site) {
			s.reported().Provider.SSORequired = false
			s.withoutAPI()
		}},
		{name: "SSO is optional, with one", code: "auth-provider/optional", warns: true, arrange: func(s *site) {
			s.reported().Provider.SSORequired = false
			s.answer(api("auth-provider/"), map[string]any{"provider_name": "saml2", "require_link": false, "scim_enabled": true})
		}},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			f.arrange(s)
			f.hold(t, s.examine())
		})
	}
}

func (s *site) withoutAPI() {
	s.doctor.Unavailable = map[doctor.Probe]string{doctor.ProbeAuth: "sentry.api.token is not set", doctor.ProbeAudit: "sentry.api.token is not set"}
}

// TestAReportThatIsAskedForAndNotGivenIsSaid is about --only.
func TestAReportThatIsAskedForAndNotGivenIsSaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.doctor.Only = []string{"sentry-stored", "sentry-report"}
	report := s.examine()
	if report.Counts.Unchecked != 2 {
		t.Errorf("found %+v", report.Results)
	}
}

// TestAForgedReportIsTakenInMeasure: a file of a few MiB makes no report of gigabytes,
// and no text without end.
func TestAForgedReportIsTakenInMeasure(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	given := s.reported()
	long := strings.Repeat("x", 100_000)
	for range 1000 {
		given.Differences = append(given.Differences, sentryexec.Field{Field: "idp.sso_url", From: &long})
	}
	s.doctor.Only = []string{"sentry-report"}
	found := s.examine().Problems[0]
	if !strings.HasSuffix(found.Saw, "…") || len(found.Saw) > 10_000 {
		t.Errorf("the text has %d bytes", len(found.Saw))
	}
	for i := range given.Differences {
		given.Differences[i].From = nil
	}
	if found := s.examine().Problems[0]; strings.Count(found.Saw, "idp.sso_url is not set") != 10 || !strings.HasSuffix(found.Saw, "; and 990 more") {
		t.Errorf("saw %s", found.Saw)
	}
}

// TestAReportWithoutProviderProvesNothing: before the action saml was applied.
func TestAReportWithoutProviderProvesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	given := s.reported()
	given.Action, given.Provider = sentryexec.SAML, nil
	s.withoutAPI()
	for _, r := range s.examine().Results {
		if r.Check == "sentry-report" && r.Verdict == doctor.OK {
			t.Errorf("saw %s", r.Saw)
		}
	}
}
