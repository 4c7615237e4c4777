package metadata_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

func TestCheckFindsNothing(t *testing.T) {
	t.Parallel()
	local := generic(t, "p384")
	local.SSORedirect = "http://127.0.0.1:8080/sso"
	for _, d := range []metadata.Description{generic(t, "rsa"), generic(t, "p256"), authentik(t, "2026.8", "rsa"), local} {
		warnings, err := d.Check(now())
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: warnings %q, error %v; want none", d.EntityID, warnings, err)
		}
	}
}

func TestCheckWarns(t *testing.T) {
	t.Parallel()
	type description = metadata.Description
	tests := map[string]struct {
		change func(d *description)
		after  time.Duration
		want   string
	}{
		"several certificates": {func(d *description) {
			d.Certificates = append(d.Certificates, certificate(t, "rsa-next"))
		}, 0, `2 certificates and Sentry trusts only the first: "CN=sentryidp test rsa"`},
		"expired":         {func(*description) {}, 12 * 365 * 24 * time.Hour, "expired on 2036-01-01T00:00:00Z"},
		"expires soon":    {func(*description) {}, 3395 * 24 * time.Hour, "expires on 2036-01-01T00:00:00Z"},
		"not yet valid":   {func(*description) {}, -365 * 24 * time.Hour, "is not valid before 2026-01-01T00:00:00Z"},
		"plain http":      {func(d *description) { d.SSORedirect = "http://idp.example.com/" }, 0, "plain http"},
		"one label":       {func(d *description) { d.SLORedirect = "https://idp/slo" }, 0, "HTTP 500"},
		"one-letter top":  {func(d *description) { d.SLORedirect = "https://idp.a/slo" }, 0, "HTTP 500"},
		"a Unicode host":  {func(d *description) { d.SLORedirect = "https://bücher.example.com/slo" }, 0, "HTTP 500"},
		"only POST SLO":   {func(d *description) { d.SLORedirect, d.SLOPost = "", "https://idp.example.com/" }, 0, "keeps no logout URL"},
		"a word for name": {func(d *description) { d.EntityID = "idp" }, 0, "not an absolute URL"},
		"authentik's old name": {
			func(d *description) { *d = authentik(t, "2025.10", "rsa") }, 0,
			"set its Issuer to https://authentik.example.com/application/saml/sentry/metadata/",
		},
		"authentik's other name": {func(d *description) {
			*d = authentik(t, "2026.5", "rsa")
			d.EntityID = "https://other.example.com/"
		}, 0, "Sentry refuses its responses unless"},
		"authentik with ECDSA": {func(d *description) { *d = authentik(t, "2026.5", "p256") }, 0, "rsa-sha256 by default"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := generic(t, "rsa")
			tt.change(&d)
			warnings, err := d.Check(now().Add(tt.after))
			if err != nil || len(warnings) != 1 || !contains(warnings[0], tt.want) {
				t.Errorf("warnings %q, error %v; want one with %q", warnings, err, tt.want)
			}
		})
	}
}

func TestCheckWarnsOnceOfAUnifiedEndpoint(t *testing.T) {
	t.Parallel()
	d, err := metadata.Authentik("http://authentik", "sentry", "2026.8")
	if err != nil {
		t.Fatal(err)
	}
	d.Certificates = append(d.Certificates, certificate(t, "rsa"))
	warnings, err := d.Check(now())
	if err != nil || len(warnings) != 2 {
		t.Errorf("warnings %q, error %v; want one of http and one of the host", warnings, err)
	}
}

func TestCheckRefuses(t *testing.T) {
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
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := generic(t, "rsa")
			tt.change(&d)
			_, err := d.Check(now())
			if fault.CodeOf(err) != fault.Usage || !contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want a usage error with %q", err, tt.want)
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
