package metadata_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

func TestAuthentik(t *testing.T) {
	t.Parallel()
	const root = "https://id.example.com/application/saml/sentry/"
	old := metadata.Description{
		EntityID:    "authentik",
		SSORedirect: root + "sso/binding/redirect/", SSOPost: root + "sso/binding/post/",
		SLORedirect: root + "slo/binding/redirect/", SLOPost: root + "slo/binding/post/",
		Site: &metadata.Site{MetadataURL: root + "metadata/", EntityID: "authentik"},
	}
	unified := metadata.Description{
		EntityID:    root + "metadata/",
		SSORedirect: root, SSOPost: root, SLORedirect: root, SLOPost: root,
		Site: &metadata.Site{MetadataURL: root + "metadata/", EntityID: root + "metadata/"},
	}
	tests := map[string]struct {
		base, version string
		want          metadata.Description
	}{
		"2025.10":            {"https://id.example.com", "2025.10", old},
		"2025.12 is older":   {"https://id.example.com", "2025.12", old},
		"2026.2":             {"https://id.example.com/", "2026.2", old},
		"2026.5":             {"https://id.example.com", "2026.5", unified},
		"2026.5 with patch":  {"https://id.example.com", "2026.5.6", unified},
		"2026.8":             {"https://id.example.com//", "2026.8", unified},
		"2027.2 is newer":    {"https://id.example.com", "2027.2", unified},
		"newest by default":  {"https://id.example.com", "", unified},
		"a bare host":        {"id.example.com", "", unified},
		"capitals in a host": {"https://ID.Example.com", "", unified},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := metadata.Authentik(tt.base, "sentry", tt.version)
			if err != nil {
				t.Fatal(err)
			}
			tt.want.NameIDFormats = []string{
				metadata.NameIDEmail, metadata.NameIDPersistent, metadata.NameIDX509Subject, metadata.NameIDTransient,
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("description differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthentikBelowAPath(t *testing.T) {
	t.Parallel()
	d, err := metadata.Authentik("https://example.com:9443/auth/", "my_App-1", "2026.8")
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://example.com:9443/auth/application/saml/my_App-1/"; d.SSORedirect != want {
		t.Errorf("SSO URL %s, want %s", d.SSORedirect, want)
	}
}

func TestAuthentikRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ base, application, version string }{
		"no URL":           {"", "sentry", ""},
		"another scheme":   {"ftp://id.example.com", "sentry", ""},
		"credentials":      {"https://me:sntrys_canary_1@id.example.com", "sentry", ""},
		"a query":          {"https://id.example.com/?x=1", "sentry", ""},
		"an empty query":   {"https://id.example.com/?", "sentry", ""},
		"a fragment":       {"https://id.example.com/#/if/admin", "sentry", ""},
		"a space":          {"https://id.example.com/a b", "sentry", ""},
		"no application":   {"https://id.example.com", "", ""},
		"a path for slug":  {"https://id.example.com", "a/b", ""},
		"a name for slug":  {"https://id.example.com", "Sentry für alle", ""},
		"a word version":   {"https://id.example.com", "sentry", "latest"},
		"a short version":  {"https://id.example.com", "sentry", "2026"},
		"another numbers":  {"https://id.example.com", "sentry", "10.4"},
		"a version and ..": {"https://id.example.com", "sentry", "2026.5-rc1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := metadata.Authentik(tt.base, tt.application, tt.version)
			if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0 {
				t.Fatalf("error %v (hints %q), want a usage error with a hint", err, fault.Hints(err))
			}
			if contains(err.Error(), "sntrys_canary") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
