package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
)

func TestPortableSettingsHaveNoSecretAndNothingOfThisMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	loaded := load(t, config.Input{
		File: write(t, filepath.Join(dir, "c.yaml"), `
allow_literal_secrets: true
state_dir: /srv/state
sentry: {org: acme, scim: {token: sntrys_canary}}
authentik: {url: "https://id.example.com", token: {env: TOKEN}}
scim: {groups: [eng, data], concurrency: 4, remove: inactive, roles: [{group: managers, role: manager}], flatten_groups: false}
profiles: {staging: {sentry: {org: acme-staging}}}
`),
		Profile: "staging", Flags: map[string]string{"scim.guard.max_removals": "5%"}, Env: []string{"SENTRY_URL=https://sentry.example.com"},
	})
	want := map[string]any{
		"sentry":    map[string]any{"org": "acme-staging", "url": "https://sentry.example.com"},
		"authentik": map[string]any{"url": "https://id.example.com"},
		"scim": map[string]any{
			"source": "authentik", "concurrency": 4, "remove": "inactive", "flatten_groups": false,
			"roles": []config.Role{{Group: "managers", Role: "manager"}}, "guard": map[string]any{"max_removals": "5%"},
		},
	}
	if diff := cmp.Diff(want, loaded.Portable("scim.groups")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"scim": map[string]any{"source": "authentik"}}, load(t, config.Input{File: os.DevNull}).Portable()); diff != "" {
		t.Error(diff)
	}
}
