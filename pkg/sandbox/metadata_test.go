package sandbox_test

import (
	"encoding/xml"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func TestMetadata(t *testing.T) {
	t.Parallel()
	c := config()
	c.BaseURL = "https://sentry.acme.test:8443"
	w := ask(t, newSentry(t, small(), c), "GET", "/saml/metadata/acme/", "", "Authorization", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/xml" {
		t.Fatalf("got %d %v", w.Code, w.Header())
	}
	type located struct {
		Binding  string `xml:",attr"`
		Location string `xml:",attr"`
	}
	type entity struct {
		EntityID      string  `xml:"entityID,attr"`
		ValidUntil    string  `xml:"validUntil,attr"`
		CacheDuration string  `xml:"cacheDuration,attr"`
		NameID        string  `xml:"SPSSODescriptor>NameIDFormat"`
		SLS           located `xml:"SPSSODescriptor>SingleLogoutService"`
		ACS           located `xml:"SPSSODescriptor>AssertionConsumerService"`
	}
	var got entity
	if err := xml.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	wanted := entity{
		EntityID: "https://sentry.acme.test:8443/saml/metadata/acme/", ValidUntil: "2026-09-03T12:00:00Z", CacheDuration: "PT604800S",
		NameID: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
		SLS:    located{"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "https://sentry.acme.test:8443/saml/sls/acme/"},
		ACS:    located{"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "https://sentry.acme.test:8443/saml/acs/acme/"},
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}

func TestMetadataNeedsAHostThatTheLibraryTakes(t *testing.T) {
	t.Parallel()
	tests := map[string]int{"http://sentry:9000": 500, "http://localhost:9000": 200, "http://127.0.0.1": 200, "http://[::1]:80": 200, "https://sentry.io": 200}
	for base, status := range tests {
		c := config()
		c.BaseURL, c.SAMLURL = base, sentry.IsSAMLURL
		if w := ask(t, newSentry(t, small(), c), "GET", "/saml/metadata/acme/", ""); w.Code != status {
			t.Errorf("%s: got %d, want %d", base, w.Code, status)
		}
	}
}

func TestClientConfigNamesTheRelease(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		release    sandbox.Release
		deployment string
		want       sentry.ClientConfig
	}{
		"self-hosted": {sandbox.Release257, "", sentry.ClientConfig{
			Release: sentry.Release{Year: 25, Month: 7}, URLPrefix: "https://sentry.acme.test", SelfHosted: true, SingleOrganization: true,
		}},
		"the latest": {"", "self-hosted", sentry.ClientConfig{
			Release: sentry.Release{Year: 26, Month: 9}, URLPrefix: "https://sentry.acme.test", SelfHosted: true, SingleOrganization: true,
		}},
		"SaaS": {"", "saas", sentry.ClientConfig{URLPrefix: "https://sentry.acme.test"}},
	} {
		c, state := config(), small()
		c.BaseURL, c.Release, state.Deployment = "https://sentry.acme.test", tt.release, tt.deployment
		w := ask(t, newSentry(t, state, c), "GET", "/api/client-config/", "", "Authorization", "")
		got, err := sentry.ParseClientConfig(w.Body.Bytes())
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil || w.Code != http.StatusOK {
			t.Errorf("%s: %d, error %v (-want +got):\n%s", name, w.Code, err, diff)
		}
	}
}
