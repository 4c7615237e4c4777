package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
)

// TestMistakesInTOMLAreToldInWords gives the mistakes that people make. No word of
// the parser's own is among what they are told.
func TestMistakesInTOMLAreToldInWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[sentry]\norg = acme\n":              "2: invalid TOML: expected a value but found a: a text must be in quotes",
		"[sentry]\norg = true_org\n":          "2: invalid TOML: expected the end of the line but found _",
		"[sentry]\norg = tree\n":              "2: invalid TOML: expected a value: a text must be in quotes",
		"[sentry]\norg = \n":                  "2: invalid TOML: expected a value but found the end of the line",
		"[sentry]\norg =":                     "2: invalid TOML: expected a value but found the end of the file",
		"[sentry]\norg: acme\n":               "2: invalid TOML: expected = after the key",
		"[sentry]\norg\n":                     "2: invalid TOML: expected = after the key",
		"[sentry\norg = 'a'\n":                "1: invalid TOML: expected ] after the name of the section",
		"[[sentry]\n":                         "1: invalid TOML: expected ]] after the name of the section",
		"[sentry]\norg = \"acme\n":            "2: invalid TOML: expected a closing quote but found the end of the line",
		"[sentry]\norg = 'acme":               "2: invalid TOML: expected a closing quote but found the end of the file",
		"[sentry]\norg = \"\"\"acme":          "2: invalid TOML: expected a closing \"\"\" but found the end of the file",
		"[sentry]\norg = 'a' b\n":             "2: invalid TOML: expected the end of the line but found b",
		"[scim]\ngroups = ['a' 'b']\n":        "2: invalid TOML: expected a comma or ]",
		"[scim]\ngroups = ['a',\n":            "invalid TOML: expected ] behind the list but found the end of the file",
		"[scim]\nroles = [{group = 'a' 'b'}]": "2: invalid TOML: expected a comma or }",
		"[sentry]\norg = 'a'\n[sentry]\n":     "3: invalid TOML: sentry is there twice",
		"sentry = 'a'\n[sentry]\n":            "2: invalid TOML: sentry is there twice, as a value and as a section",
		"= 'a'\n":                             "1: invalid TOML: expected a key but found =",
		"[scim]\nrate = 007\n":                "2: invalid TOML: a number must not begin with 0",
		"state_dir = \"C:\\state\"\n":         "1: invalid TOML: expected one of \\b \\t \\n \\f \\r \\e \\\" \\\\ \\x \\u \\U but found \\ and s",
	} {
		in := place(t)
		in.File = filepath.Join(t.TempDir(), "c.toml")
		if err := os.WriteFile(in.File, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(in)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "U+") {
			t.Errorf("%q: expected %q, found %v", text, want, err)
		}
	}
}
