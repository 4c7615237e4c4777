package integration_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
)

// TestABlueprintNeedsItsCertificate is about what !Find gives nothing for without a
// word: each such object has an entry that cannot make it.
func TestABlueprintNeedsItsCertificate(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		s := settings(t)
		s.Signing.Name, s.WithSCIM = "Our: own", true
		for _, part := range integration.Parts() {
			data, err := want(t, s, release).Blueprint(integration.Part(part))
			if err != nil {
				t.Fatal(err)
			}
			text := string(data)
			for _, model := range []string{"authentik_crypto.certificatekeypair", "samlpropertymapping", "authentik_providers_scim.scimmapping"} {
				if strings.Contains(text, "!Find ["+model) {
					t.Errorf("%s %s: a missing %s goes unnoticed in\n%s", release, part, model, text)
				}
			}
			if strings.Count(text, "state: created") == 0 || !strings.Contains(text, "the import fails here\n") {
				t.Errorf("%s %s: nothing guards in\n%s", release, part, text)
			}
			certificate := "id: existing-certificate\n    state: created\n    identifiers:\n      name: 'Our: own'\n"
			guarded := strings.Contains(text, certificate) && strings.Contains(text, "signing_kp: !KeyOf existing-certificate\n")
			if part == string(integration.SAML) && !guarded {
				t.Errorf("%s: the certificate is not guarded in\n%s", release, text)
			}
		}
	}
}
