package doctor

import "testing"

func TestSameTarget(t *testing.T) {
	t.Parallel()
	const want = "https://sentry.example.com/api/0/organizations/acme/scim/v2"
	for address, same := range map[string]bool{
		want:       true,
		want + "/": true,
		"https://sentry.example.com/api/0/organizations/42/scim/v2":    true,
		"https://sentry.example.com/api/0/organizations/42/scim/v2/":   true,
		"https://sentry.example.com/api/0/organizations/42":            false,
		"https://sentry.example.com/api/0/organizations/42/scim":       false,
		"https://sentry.example.com/api/0/organizations/other/scim/v2": false,
		"https://sentry.example/api/0/organizations/42/scim/v2":        false,
		"https://sentry.example.com/api/0/organizations/acme":          false,
		"": false,
	} {
		if got := sameTarget(address, want); got != same {
			t.Errorf("%s: %v", address, got)
		}
	}
}
