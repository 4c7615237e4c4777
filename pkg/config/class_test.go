package config_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
)

// TestEverySettingHasAClass fails for a new setting until somebody has decided
// what a file that nobody trusts may do with it.
func TestEverySettingHasAClass(t *testing.T) {
	t.Parallel()
	byClass := map[config.Class][]string{}
	for _, s := range config.Settings() {
		byClass[s.Class] = append(byClass[s.Class], s.Path)
		if s.Class != config.Free && s.Class != config.Address && s.Class != config.NeedsTrust {
			t.Errorf("%s has no class: decide what a file that nobody trusts may do with it", s.Path)
		}
		if s.Type == config.Secret && s.Class != config.NeedsTrust {
			t.Errorf("%s names a secret and needs no trust", s.Path)
		}
	}
	for _, paths := range byClass {
		slices.Sort(paths)
	}
	if diff := cmp.Diff([]string{"authentik.application", "sentry.org", "sentry.release"}, byClass[config.Free]); diff != "" {
		t.Errorf("free settings: %s", diff)
	}
	if diff := cmp.Diff([]string{"authentik.url", "sentry.scim.url", "sentry.url"}, byClass[config.Address]); diff != "" {
		t.Errorf("addresses: %s", diff)
	}
}

func TestLoosenedGuardsAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"the defaults":       {"", nil},
		"repeated":           {"scim: {guard: {max_removals: 10%, max_removals_floor: 3, allow_empty: false}}", nil},
		"tightened":          {"scim: {guard: {max_removals: 9.5%, max_team_removals: 0, max_removals_floor: 0}}", nil},
		"a percentage":       {"scim: {guard: {max_removals: 10.5%}}", []string{"guard loosened: scim.guard.max_removals is 10.5% (default 10%), set by c.yaml:1"}},
		"a number":           {"scim: {guard: {max_demotions: 1}}", []string{"guard loosened: scim.guard.max_demotions is 1 (default 20%), set by c.yaml:1"}},
		"a floor":            {"scim: {guard: {max_removals_floor: 4}}", []string{"guard loosened: scim.guard.max_removals_floor is 4 (default 3), set by c.yaml:1"}},
		"an override":        {"scim: {guard: {allow_empty: true}}", []string{"guard loosened: scim.guard.allow_empty is true (default false), set by c.yaml:1"}},
		"plain http":         {"insecure_http: [sentry.internal]", []string{"guard loosened: insecure_http is sentry.internal (default none), set by c.yaml:1"}},
		"another acceptance": {"scim: {rename_slugs: true}", []string{"guard loosened: scim.rename_slugs is true (default false), set by c.yaml:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			loaded := load(t, config.Input{File: write(t, filepath.Join(dir, "c.yaml"), test.file)})
			if diff := cmp.Diff(test.want, cut(dir, loaded.Loosened()...)); diff != "" {
				t.Error(diff)
			}
		})
	}
	loaded := load(t, config.Input{
		Env: []string{"SENTRYIDP_SCIM_GUARD_ALLOW_SHRINK=true"}, Flags: map[string]string{"scim.guard.max_removals": "100%"},
	})
	want := []string{
		"guard loosened: scim.guard.max_removals is 100% (default 10%), set by --max-removals",
		"guard loosened: scim.guard.allow_shrink is true (default false), set by SENTRYIDP_SCIM_GUARD_ALLOW_SHRINK",
	}
	if diff := cmp.Diff(want, loaded.Loosened()); diff != "" {
		t.Error(diff)
	}
}
