package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// FuzzLoad reads any bytes as a file of each format: a configuration or a usage
// error that can be printed, and the same one every time.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		whole, "", "a: &a [*a]", "{\"sentry\": {\"org\": \"acme\"}}", "[sentry]\norg = 'acme'\n", "scim.roles = [{group = 'a', role = 'admin'}]",
		"---\n---\n", "? {}\n: []", "profiles: {p: {sentry: {scim: {token: {env: A}}}}}", "\ufeff{}", "a: !!binary aGk=\n", "<<: {sentry: {}}",
		"{\"a\": 1e999, \"a\": [null]}", "[[profiles]]\n[profiles.p]", "sentry: !!float x", "a: 2001-01-01\n\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		for _, extension := range []string{"yaml", "toml", "json"} {
			path := filepath.Join(dir, "c."+extension)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			in := config.Input{File: path}
			loaded, err := config.Load(in)
			again, errAgain := config.Load(in)
			if err == nil {
				if d := diff(loaded.Config, again.Config); d != "" {
					t.Error(d)
				}
				continue
			}
			if loaded != nil || fault.CodeOf(err) != fault.Usage {
				t.Errorf("code %d with %v", fault.CodeOf(err), err)
			}
			if errAgain == nil || errAgain.Error() != err.Error() {
				t.Errorf("%v and then %v", err, errAgain)
			}
			checkPrintable(t, err.Error())
		}
	})
}

func checkPrintable(t *testing.T, text string) {
	t.Helper()
	control := func(r rune) bool { return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 }
	if text == "" || strings.ContainsFunc(text, control) {
		t.Errorf("the error cannot be printed: %q", text)
	}
}
