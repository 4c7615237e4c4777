package cmd

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// firstFinding is what `doctor` says first to a fault of the sandbox. A fault with
// a reason leaves nothing that could be found.
type firstFinding struct {
	code   string // of the one finding
	skips  string // code of the check that cannot be made for it, which doctor says
	given  string // what the doctor is given beside addresses and tokens: --response or --sentry-report
	reason string // why nothing is found
}

// firstFindings is the table, by fault.
func firstFindings() map[string]firstFinding {
	all := map[string]firstFinding{}
	for _, list := range []map[string]string{sentryFindings(), authentikFindings()} {
		for id, code := range list {
			all[id] = firstFinding{code: code}
		}
	}
	for id, check := range map[string]string{
		"encrypted": "encryption", "status": "status", "attributes": "attribute-statement", "destination": "destination", "audience": "audience",
		"issuer": "issuer", "recipient": "subject-confirmation", "unsigned": "signature-present", "certificate": "signature", "both": "signature",
		"duplicate": "attribute-names", "email": "identity",
	} {
		all[id] = firstFinding{code: "response/" + check, given: givenResponse}
	}
	all["cert-replaced"] = firstFinding{code: "sentry-stored/certificate", given: givenReport}
	all["api-token-audit"] = firstFinding{skips: "audit-log", reason: "a token that may not write the organization is the better choice"}
	all["members-pending"] = firstFinding{reason: "SCIM invites, and a login accepts: no fault"}
	for _, id := range []string{"api-token-projects", "scim-token-teams", "team-roles-off", "project-vanished", "project-refused"} {
		all[id] = firstFinding{reason: "only a push with scim.team_roles or scim.projects meets it, and says so; without these settings it is no fault"}
	}
	for _, id := range []string{"early", "expired"} {
		all[id] = firstFinding{given: givenResponse, reason: "a response in a file is older than its login; the check clocks compares the servers"}
	}
	return all
}

func sentryFindings() map[string]string {
	return map[string]string{
		"prefix-host": "sentry-prefix/host", "prefix-scheme": "sentry-prefix/scheme", "prefix-port": "sentry-prefix/port", "prefix-path": "sentry-prefix/path",
		"prefix-undotted": "sentry-prefix/refused", "prefix-empty": "sentry-prefix/empty", "sentry-ahead": "clocks/sentry", "sentry-behind": "clocks/sentry",
		"sentry-old": "sentry-release/advisory", "several-organizations": "sentry-release/advisory", "invites-off": "sentry-invites/off",
		"sentry-redirect": "sentry-redirect/host", "sentry-login-wall": "sentry-redirect/elsewhere", "sentry-page": "sentry-identity/other-site", "sentry-down": "sentry-identity/down",
		"sp-metadata-error": "sentry-metadata/server-error", "sp-metadata-slash": "sentry-metadata/slash", "org-renamed": "sentry-metadata/slug",
		"scim-off": "auth-provider/scim-off", "scim-token-refused": "scim-token/unknown", "scim-token-scope": "scim-token/scope",
		"scim-missing": "scim-token/organization", "scim-limited": "scim-token/refused", "api-token-refused": "sentry-token/unknown",
		"api-token-scope": "sentry-token/scope", "no-provider": "auth-provider/none", "other-provider": "auth-provider/other", "sso-disabled": "auth-provider/none",
		"sso-optional": "auth-provider/optional", "sso-feature-off": "sso-feature/off", "sso-edited": "audit-log/sso-edited",
		"members-unlinked": "members/unlinked", "members-expired": "members/expired", "members-limited": "members/no-seat", "members-invalid": "members/sso-invalid",
		"one-owner": "owners/few", "owner-pending": "owners/few", "placeholder-members": "scim-rows/placeholder",
	}
}

func authentikFindings() map[string]string {
	return map[string]string{
		"app-missing": "authentik-application/missing", "app-no-provider": "authentik-application/no-provider",
		"acs-slash": "authentik-provider/acs-url", "acs-scheme": "authentik-provider/acs-url", "acs-host": "authentik-provider/acs-url", "acs-slug": "authentik-provider/acs-url",
		"audience-slash": "authentik-provider/audience", "audience-empty": "authentik-provider/audience", "issuer-changed": "idp-issuer/pinned",
		"binding-redirect": "authentik-provider/sp-binding", "sls-post": "authentik-provider/sls-binding",
		"signing-off": "authentik-provider/signing-kp", "sign-both": "authentik-provider/signed-twice", "signature-sha1": "authentik-provider/sha1",
		"signature-kind": "authentik-provider/signature-algorithm", "validity-short": "authentik-provider/validity",
		"cert-expired": "idp-metadata/expired", "cert-soon": "idp-metadata/expires-soon", "encryption": "authentik-provider/encryption-kp",
		"verification": "authentik-provider/verification-kp", "mapping-email": "authentik-provider/property-mappings", "mapping-uid": "authentik-provider/property-mappings",
		"mapping-none": "authentik-provider/property-mappings", "attribute-renamed": "authentik-attributes/email", "attribute-twice": "authentik-attributes/twice",
		"bindings-off": "authentik-bindings/no-bindings", "bindings-expired": "authentik-bindings/no-bindings", "bindings-negated": "authentik-bindings/binding-negated",
		"access-denied": "authentik-bindings/denied", "scim-mapping": "authentik-scim/mapping", "scim-address": "authentik-scim/url", "scim-dry-run": "authentik-scim/dry-run",
		"token-invalid": "authentik-token/refused", "token-blind": "authentik-token/permission", "authentik-old": "authentik-release/unknown",
		"authentik-ahead": "clocks/idp", "authentik-behind": "clocks/idp", "authentik-down": "idp-identity/down", "authentik-page": "idp-identity/other-site",
		"authentik-redirect": "idp-redirect/followed", "authentik-internal": "idp-issuer/host", "authentik-scheme": "idp-issuer/scheme",
		"metadata-redirect": "idp-redirect/followed", "metadata-missing": "idp-answer/not-found", "metadata-page": "idp-answer/unreadable",
	}
}

// What the doctor can be given.
const (
	givenResponse = "--response"
	givenReport   = "--sentry-report"
)

// TestDoctorNamesTheFaultsOfTheSandbox switches each on in a sound sandbox, where
// nothing else is found.
func TestDoctorNamesTheFaultsOfTheSandbox(t *testing.T) {
	t.Parallel()
	s := soundSandbox(t)
	report := s.storedReport(t)
	findings := firstFindings()
	for _, f := range s.faults.All() {
		if _, known := findings[f.ID]; !known {
			t.Errorf("the fault %s is not in the table", f.ID)
		}
	}
	for id, wanted := range findings {
		s.fault(t, id)
		found := s.doctored(t, wanted, report)
		if strings.Join(found.problems, " ") != wanted.code || wanted.skips != "" && !slices.Contains(found.unchecked, wanted.skips) {
			t.Errorf("%q: expected the one finding %q but found %q; not checked are %q", id, wanted.code, found.problems, found.unchecked)
		}
	}
}

// TestDoctorFindsNothingWrongWithASoundSandbox is about the same sandbox, with all
// that a doctor can be given.
func TestDoctorFindsNothingWrongWithASoundSandbox(t *testing.T) {
	t.Parallel()
	s := soundSandbox(t)
	report := s.storedReport(t)
	for _, given := range []string{"", givenResponse, givenReport} {
		if found := s.doctored(t, firstFinding{given: given}, report); len(found.problems) > 0 || slices.ContainsFunc(found.unchecked, func(code string) bool { return code != "directory" }) {
			t.Errorf("%s: expected nothing but found %q; not checked are %q", given, found.problems, found.unchecked)
		}
	}
}

// TestDoctorComparesAChangedIssuerWithTheReport: with what Sentry stored it is sure.
func TestDoctorComparesAChangedIssuerWithTheReport(t *testing.T) {
	t.Parallel()
	s := soundSandbox(t)
	report := s.storedReport(t)
	s.fault(t, "issuer-changed")
	if found := s.doctored(t, firstFinding{given: givenReport}, report); strings.Join(found.problems, " ") != "sentry-stored/entity-id" {
		t.Errorf("found %q", found.problems)
	}
}

// soundSandbox is a sandbox with a login, and nothing wrong with it.
func soundSandbox(t *testing.T) *runningSandbox {
	t.Helper()
	host := &app{term: ui.Test(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}), now: time.Now, rand: rand.Reader}
	people, err := sampleAuthentik(sampleApplication)
	if err != nil {
		t.Fatal(err)
	}
	s, err := host.openSandbox(t.Context(), sandboxSetup{
		address: loopback, state: sandbox.SampleState(), config: sandbox.Config{Release: sandbox.ReleaseLatest},
		authentikAddress: loopback, authentikState: people, authentikRelease: emulated.ReleaseLatest, sound: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := host.addLogin(s, false); err != nil {
		t.Fatal(err)
	}
	s.start(t.Context())
	return s
}

// fault switches one fault on, and all others off.
func (s *runningSandbox) fault(t *testing.T, id string) {
	t.Helper()
	if err := s.faults.Set([]string{id}); err != nil {
		t.Fatal(err)
	}
}

// get reads a page of authentik's.
func (s *runningSandbox) get(t *testing.T, client *http.Client, path string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.authentikURL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return body
}

// storedReport is a file with the report of a Sentry that reads the metadata now.
func (s *runningSandbox) storedReport(t *testing.T) string {
	t.Helper()
	judged := metadata.Judge(s.get(t, http.DefaultClient, "/application/saml/"+sampleApplication+"/metadata/"), metadata.Source{Now: time.Now()})
	if judged.Stored == nil || len(judged.Certificates) == 0 {
		t.Fatal("authentik serves no metadata")
	}
	guide, facts := sentry.GuideMapping().Mapping, judged.Certificates[0].Facts
	return written(t, sentryexec.Report{
		Format: 1, Action: sentryexec.Status, Org: s.org, Release: "26.3.0", ReleaseRead: true, URLPrefix: s.url, SentryURL: s.url,
		SCIM: &sentryexec.SCIMFacts{Enabled: true, HasToken: true}, People: &sentryexec.People{Identities: 5, Owners: 2, OwnersLinked: 2},
		Provider: &sentryexec.Provider{
			Key: "saml2", EntityID: &judged.Stored.EntityID, SSOURL: &judged.Stored.SSOURL, SSORequired: true, SCIMEnabled: true,
			Certificate: &sentryexec.CertificateFacts{SHA256: facts.FingerprintSHA256, NotAfter: facts.NotAfter},
			Mapping:     map[string]*string{"identifier": &guide.Identifier, "user_email": &guide.Email, "first_name": &guide.FirstName, "last_name": &guide.LastName},
		},
	})
}

// written is a file with a report, as the script prints it.
func written(t *testing.T, report sentryexec.Report) string {
	t.Helper()
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "out.json")
	if err := os.WriteFile(path, append([]byte("SENTRYIDP "), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// posted is the field of authentik's page that has the response.
var posted = regexp.MustCompile(`name="?SAMLResponse"? value="([^"]+)"`)

// response is a file with the response to a login.
func (s *runningSandbox) response(t *testing.T) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	form := strings.NewReader(url.Values{"username": {"ada"}, "next": {"/"}}.Encode())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.authentikURL+"/if/flow/default-authentication-flow/", form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(req)
	if err == nil {
		err = resp.Body.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	page := s.get(t, client, "/application/saml/"+sampleApplication+"/init/")
	field := posted.FindSubmatch(page)
	if field == nil {
		t.Fatalf("authentik posts no response: %s", page)
	}
	path := filepath.Join(t.TempDir(), "response.b64")
	if err := os.WriteFile(path, []byte(html.UnescapeString(string(field[1]))), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// findings are the codes of what doctor finds, and of what it does not check.
type findings struct{ problems, unchecked []string }

// doctored examines the sandbox with all tokens and what the finding needs.
func (s *runningSandbox) doctored(t *testing.T, wanted firstFinding, report string) findings {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: time.Now, rand: rand.Reader, env: []string{
		"HOME=" + t.TempDir(), "SENTRYIDP_SENTRY_ORG=" + s.org, "SENTRYIDP_SENTRY_URL=" + s.url,
		"SENTRYIDP_SENTRY_SCIM_TOKEN=" + s.sentry.Token(), "SENTRYIDP_SENTRY_API_TOKEN=" + s.sentry.APIToken(),
		"SENTRYIDP_AUTHENTIK_URL=" + s.authentikURL, "SENTRYIDP_AUTHENTIK_TOKEN=" + s.authentik.Token(),
	}}
	args := []string{"doctor", "-q", "-o", "json"}
	switch wanted.given {
	case givenResponse:
		args = append(args, givenResponse, s.response(t))
	case givenReport:
		args = append(args, givenReport, report)
	}
	a.run(t.Context(), args)
	type row struct{ Code, Verdict, Cause, Saw, Wanted, Fix string }
	var told struct{ Problems, Results []row }
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		t.Fatalf("%v: %s%s", err, &out, &errs)
	}
	var f findings
	for _, p := range told.Problems {
		f.problems = append(f.problems, p.Code)
		if p.Saw == "" || p.Wanted == "" || p.Fix == "" {
			t.Errorf("%s is not whole: %+v", p.Code, p)
		}
	}
	for _, r := range told.Results {
		if r.Verdict == "unchecked" {
			f.unchecked = append(f.unchecked, r.Code)
		}
	}
	return f
}
