package integration_test

import (
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// canary is every secret of these tests: it must be in nothing that is written.
const canary = "canary_secret_value"

func releases() []string { return []string{"2025.10", "2025.12", "2026.2", "2026.5", "2026.8"} }

func capabilities(t *testing.T, release string) authentik.Capabilities {
	t.Helper()
	c, err := authentik.CapabilitiesOf(release + ".1")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func settings(t *testing.T) integration.Settings {
	t.Helper()
	base, _, err := sentry.ParseBase("https://sentry.acme.test")
	if err != nil {
		t.Fatal(err)
	}
	return integration.Settings{
		URLs: sentry.URLsOf(base, "acme"), AuthentikURL: "https://authentik.acme.test", Application: "sentry",
	}
}

// everything uses all that settings can say.
func everything(t *testing.T) integration.Settings {
	t.Helper()
	s := settings(t)
	s.BindGroups, s.BindUsers = []string{"sentry users", "data", "R&D \"${x}\""}, []string{"ada"}
	s.Teams = []string{"data"}
	s.WithSCIM, s.SCIMToken = true, secret.New(canary)
	s.Signing = integration.Signing{Name: "Sentry signing", Algorithm: integration.EC, Upload: &integration.Upload{
		Certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", Fingerprint: "AA:BB", Key: secret.New(canary),
	}}
	return s
}

func want(t *testing.T, s integration.Settings, release string) *integration.Desired {
	t.Helper()
	d, err := integration.Want(s, capabilities(t, release))
	if err != nil {
		t.Fatal(err)
	}
	return d
}
