package integration_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
)

// TestASecondPlanOfTerraformIsEmpty is about values that the provider reads back in
// another form than they are easily written in, or not at all.
func TestASecondPlanOfTerraformIsEmpty(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		text := string(want(t, everything(t), release).Terraform())
		for _, part := range []string{
			"= <<EOT\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\nEOT\n",
			`= format("%s\n", trimspace(var.saml_signing_key))`,
			"ignore_changes = [token]\n",
		} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %q is not in\n%s", release, part, text)
			}
		}
	}
}

func TestTheTerraformProviderExists(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"2025.10.4": "2025.10", "2025.12": "2025.12", "2026.2.7": "2026.2", "2026.4": "2026.2", "2026.5.8": "2026.5", "2026.6": "2026.5", "2026.8.7": "2026.8", "2027.2": "2026.8",
	} {
		c, err := authentik.CapabilitiesOf(version)
		if err != nil {
			t.Fatal(err)
		}
		d, err := integration.Want(settings(t), c)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(d.Terraform()); !strings.Contains(text, `version = "~> `+want+`.0"`) {
			t.Errorf("%s: the version is another in\n%s", version, text)
		}
	}
}
