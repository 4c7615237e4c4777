package metadata_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// serious are the findings that a command warns of.
func serious(t *testing.T, d metadata.Description, at time.Time) []string {
	t.Helper()
	built, err := metadata.Build(d, nil, at)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range built.Findings {
		if f.Severity.AtLeast(metadata.Warning) {
			found = append(found, f.Code+": "+f.Sentence())
		}
	}
	return found
}

func TestBuildFindsNothing(t *testing.T) {
	t.Parallel()
	local := generic(t, "p384")
	local.SSORedirect = "http://127.0.0.1:8080/sso"
	for _, d := range []metadata.Description{generic(t, "rsa"), generic(t, "p256"), authentik(t, "2026.8", "rsa"), local} {
		if found := serious(t, d, now()); len(found) > 0 {
			t.Errorf("%s: found %q, expected nothing", d.EntityID, found)
		}
	}
}

func TestBuildWarns(t *testing.T) {
	t.Parallel()
	type description = metadata.Description
	tests := map[string]struct {
		change func(d *description)
		after  time.Duration
		want   string
	}{
		"several certificates": {func(d *description) {
			d.Certificates = append(d.Certificates, certificate(t, "rsa-next"))
		}, 0, "several-certificates: there are 2 signing certificates; Sentry trusts C6:3B:"},
		"expired":         {func(*description) {}, 12 * 365 * 24 * time.Hour, "expired: expired on 2036-01-01"},
		"expires soon":    {func(*description) {}, 3395 * 24 * time.Hour, "expires-soon: expires on 2036-01-01, in 13 days"},
		"not yet valid":   {func(*description) {}, -365 * 24 * time.Hour, "not-yet-valid: not valid before 2026-01-01T00:00:00Z"},
		"plain http":      {func(d *description) { d.SSORedirect = "http://idp.example.com/" }, 0, "http-location: the SSO URL is http://idp.example.com/"},
		"only POST SLO":   {func(d *description) { d.SLORedirect, d.SLOPost = "", "https://idp.example.com/" }, 0, "no-redirect-slo: "},
		"a word for name": {func(d *description) { d.EntityID = "idp" }, 0, `entity-id-no-url: the entity ID is "idp"`},
		"authentik's old name": {
			func(d *description) { *d = authentik(t, "2025.10", "rsa") }, 0,
			"set the provider's Issuer to https://authentik.example.com/application/saml/sentry/metadata/",
		},
		"authentik's other name": {func(d *description) {
			*d = authentik(t, "2026.5", "rsa")
			d.EntityID = "https://other.example.com/"
		}, 0, "entity-id-differs: the entity ID is https://other.example.com/, and authentik calls itself https://authentik.example.com/application/saml/sentry/metadata/"},
		"authentik with ECDSA": {func(d *description) { *d = authentik(t, "2026.5", "p256") }, 0, "ecdsa-default: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := generic(t, "rsa")
			d.ValidUntil = time.Time{}
			tt.change(&d)
			if found := serious(t, d, now().Add(tt.after)); len(found) != 1 || !contains(found[0], tt.want) {
				t.Errorf("found %q, expected one with %q", found, tt.want)
			}
		})
	}
}

func TestBuildWarnsOnceOfAUnifiedEndpoint(t *testing.T) {
	t.Parallel()
	d, err := metadata.Authentik("http://authentik.example.com", "sentry", "2026.8")
	if err != nil {
		t.Fatal(err)
	}
	d.Certificates = append(d.Certificates, certificate(t, "rsa"))
	found := serious(t, d, now())
	if len(found) != 2 || !contains(found[0], "the SLO URL is http:") || !contains(found[1], "the SSO URL is http:") {
		t.Errorf("found %q, expected both endpoints that Sentry uses, each once", found)
	}
}

// TestBuildAgreesWithLint holds the findings of Build against those of Judge for
// the same bytes: there is one judge.
func TestBuildAgreesWithLint(t *testing.T) {
	t.Parallel()
	d := generic(t, "rsa", "rsa-next")
	for _, at := range []time.Time{now(), now().AddDate(9, 0, 0), now().AddDate(11, 0, 0)} {
		built, err := metadata.Build(d, key(t, "rsa"), at)
		if err != nil {
			t.Fatal(err)
		}
		judged := metadata.Judge([]byte(built.Metadata), metadata.Source{Now: at, WarnDays: 30})
		if diff := cmp.Diff(judged.Findings, built.Findings); diff != "" {
			t.Errorf("at %v (-lint +render):\n%s", at, diff)
		}
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	type description = metadata.Description
	tests := map[string]struct {
		change func(d *description)
		want   string
	}{
		"no entity ID":      {func(d *description) { d.EntityID = "" }, "no entity ID"},
		"long entity ID":    {func(d *description) { d.EntityID = "urn:" + strings.Repeat("ü", 1021) }, "1025 characters"},
		"spaced entity ID":  {func(d *description) { d.EntityID = "my idp" }, "spaces"},
		"broken entity ID":  {func(d *description) { d.EntityID = "urn:\xff" }, "spaces or control characters"},
		"no SSO":            {func(d *description) { d.SSORedirect, d.SSOPost = "", "" }, "no SSO URL"},
		"only POST SSO":     {func(d *description) { d.SSORedirect = "" }, "HTTP-POST SSO URL but no HTTP-Redirect"},
		"no certificate":    {func(d *description) { d.Certificates = nil }, "no certificate"},
		"a relative URL":    {func(d *description) { d.SSOPost = "/sso" }, `(HTTP-POST) is not an absolute http or https URL: "/sso"`},
		"a script":          {func(d *description) { d.SSORedirect = "javascript:alert(1)" }, "is not an absolute"},
		"a control in URL":  {func(d *description) { d.SSORedirect = "https://a.example/\x00" }, "is not an absolute"},
		"a fragment in URL": {func(d *description) { d.SLOPost = "https://a.example/#x" }, "no fragment"},
		"credentials":       {func(d *description) { d.SLOPost = "https://u:sntrys_canary_2@a.example/" }, "credentials"},
		"broken with them":  {func(d *description) { d.SLOPost = "https://u:sntrys_canary_2@a.example:port/" }, "credentials"},
		"one label":         {func(d *description) { d.SLORedirect = "https://idp/slo" }, `the SLO URL is "https://idp/slo": Sentry answers "Enter a valid URL."`},
		"one-letter top":    {func(d *description) { d.SLORedirect = "https://idp.a/slo" }, `the SLO URL is "https://idp.a/slo": Sentry `},
		"a Unicode host":    {func(d *description) { d.SLORedirect = "https://bücher.example.com/slo" }, "HTTP 500 to every login"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := generic(t, "rsa")
			tt.change(&d)
			_, err := metadata.Build(d, nil, now())
			if fault.CodeOf(err) != fault.Usage || !contains(err.Error(), tt.want) {
				t.Fatalf("error %v, expected a usage error with %q", err, tt.want)
			}
			if contains(err.Error(), "sntrys_canary") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestParseNameIDFormat(t *testing.T) {
	t.Parallel()
	for _, word := range append(metadata.NameIDNames(), metadata.NameIDX509Subject) {
		urn, err := metadata.ParseNameIDFormat(word)
		if err != nil || !strings.HasPrefix(urn, "urn:oasis:names:tc:SAML:") {
			t.Errorf("ParseNameIDFormat(%q) = %q, %v", word, urn, err)
		}
	}
	for _, word := range []string{"", "Email", "mail", "urn:a b"} {
		if urn, err := metadata.ParseNameIDFormat(word); fault.CodeOf(err) != fault.Usage {
			t.Errorf("ParseNameIDFormat(%q) = %q, %v; want a usage error", word, urn, err)
		}
	}
}
