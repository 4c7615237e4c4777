package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// firstFindings are what `doctor` says first to each fault of the sandbox. What is
// empty cannot be told by its answers, or is no fault by itself.
func firstFindings() map[string]string {
	return map[string]string{
		"prefix-host": "sentry-prefix/host", "prefix-scheme": "sentry-prefix/scheme", "prefix-port": "sentry-prefix/port", "prefix-path": "sentry-prefix/path",
		"prefix-undotted": "sentry-prefix/refused", "prefix-empty": "sentry-prefix/empty", "sentry-ahead": "clocks/sentry", "sentry-behind": "clocks/sentry",
		"sentry-old": "sentry-release/advisory", "several-organizations": "sentry-release/advisory", "sentry-redirect": "sentry-redirect/host",
		"sentry-login-wall": "sentry-redirect/elsewhere", "sentry-page": "sentry-identity/other-site", "sentry-down": "sentry-identity/down",
		"sp-metadata-error": "sentry-metadata/server-error", "sp-metadata-slash": "sentry-metadata/slash", "org-renamed": "sentry-metadata/slug",
		"scim-off": "auth-provider/scim-off", "scim-token-refused": "scim-token/unknown", "scim-token-scope": "scim-token/scope",
		"scim-missing": "scim-token/organization", "scim-limited": "scim-token/refused", "api-token-refused": "sentry-token/unknown",
		"api-token-scope": "sentry-token/scope", "no-provider": "auth-provider/none", "other-provider": "auth-provider/other", "sso-disabled": "auth-provider/none",
		"members-unlinked": "members/unlinked", "members-expired": "members/expired", "members-limited": "members/no-seat", "members-invalid": "members/sso-invalid",
		"one-owner": "owners/few", "owner-pending": "owners/few",
		"app-missing": "authentik-application/missing", "app-no-provider": "authentik-application/no-provider",
		"acs-slash": "authentik-provider/acs-url", "acs-scheme": "authentik-provider/acs-url", "acs-host": "authentik-provider/acs-url", "acs-slug": "authentik-provider/acs-url",
		"audience-slash": "authentik-provider/audience", "audience-empty": "authentik-provider/audience", "binding-redirect": "authentik-provider/sp-binding",
		"sls-post": "authentik-provider/sls-binding", "signing-off": "authentik-provider/signing-kp", "signature-kind": "authentik-provider/signature-algorithm",
		"cert-expired": "idp-metadata/expired", "cert-soon": "idp-metadata/expires-soon", "encryption": "authentik-provider/encryption-kp",
		"verification": "authentik-provider/verification-kp", "mapping-email": "authentik-provider/property-mappings", "mapping-uid": "authentik-provider/property-mappings",
		"mapping-none": "authentik-provider/property-mappings", "attribute-renamed": "authentik-attributes/email", "bindings-off": "authentik-bindings/no-bindings",
		"bindings-expired": "authentik-bindings/no-bindings", "authentik-ahead": "clocks/idp", "authentik-behind": "clocks/idp",
		"authentik-scheme": "idp-issuer/scheme", "metadata-redirect": "idp-redirect/followed", "metadata-missing": "idp-answer/not-found", "metadata-page": "idp-answer/unreadable",
	}
}

// TestDoctorNamesTheFaultsOfTheSandbox switches each on in a sound sandbox, where
// nothing else is found.
func TestDoctorNamesTheFaultsOfTheSandbox(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	host := &app{term: ui.Test(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}), now: time.Now, rand: rand.Reader}
	people, err := sampleAuthentik(sampleApplication)
	if err != nil {
		t.Fatal(err)
	}
	s, err := host.startSandbox(ctx, sandboxSetup{
		address: loopback, state: sandbox.SampleState(), config: sandbox.Config{Release: sandbox.ReleaseLatest},
		authentikAddress: loopback, authentikState: people, authentikRelease: emulated.ReleaseLatest, sound: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	findings := firstFindings()
	findings[""] = ""
	for id, wanted := range findings {
		var on []string
		if id != "" {
			on = []string{id}
		}
		if err := s.faults.Set(on); err != nil {
			t.Fatal(err)
		}
		if found := doctored(t, s); strings.Join(found, " ") != wanted {
			t.Errorf("%q: expected the one finding %q but found %q", id, wanted, found)
		}
	}
}

// doctored are the codes of what doctor finds.
func doctored(t *testing.T, s *runningSandbox) []string {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{term: ui.Test(strings.NewReader(""), &out, &errs), now: time.Now, rand: rand.Reader, env: []string{
		"HOME=" + t.TempDir(), "SENTRYIDP_SENTRY_ORG=" + s.org, "SENTRYIDP_SENTRY_URL=" + s.url,
		"SENTRYIDP_SENTRY_SCIM_TOKEN=" + s.sentry.Token(), "SENTRYIDP_SENTRY_API_TOKEN=" + s.sentry.APIToken(),
		"SENTRYIDP_AUTHENTIK_URL=" + s.authentikURL, "SENTRYIDP_AUTHENTIK_TOKEN=" + s.authentik.Token(),
	}}
	a.run(t.Context(), []string{"doctor", "-q", "-o", "json"})
	var report struct {
		Problems []struct {
			Code string `json:"code"`
		} `json:"problems"`
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatalf("%v: %s%s", err, &out, &errs)
	}
	var codes []string
	for _, p := range report.Problems {
		codes = append(codes, p.Code)
	}
	return codes
}
