package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
)

func TestProfilesOfAllFilesAreNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("system/config.yaml", "profiles: {staging: {}, Old: {}}\n")
	write("sentryidp.yaml", "sentry: {orgg: x}\nprofiles: {staging: {}, beta: {}}\n")
	other := write("other.toml", "[profiles.only]\n")
	in := config.Input{Dir: dir, SystemDir: filepath.Join(dir, "system")}
	if diff := cmp.Diff([]string{"Old", "beta", "staging"}, config.ProfileNames(in)); diff != "" {
		t.Error(diff)
	}
	in.File = other
	if diff := cmp.Diff([]string{"only"}, config.ProfileNames(in)); diff != "" {
		t.Error(diff)
	}
	in.File = filepath.Join(dir, "missing.yaml")
	if names := config.ProfileNames(in); len(names) > 0 {
		t.Errorf("found %q in a file that is missing", names)
	}
}
