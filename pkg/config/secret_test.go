package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

const canary = "sntrys_canary_config"

func TestReferencesInFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]secret.Reference{
		`{"env": "TOKEN"}`:                   {Env: "TOKEN"},
		`{"file": "/run/secrets/x"}`:         {File: "/run/secrets/x"},
		`{"command": ["op", "read", ""]}`:    {Command: []string{"op", "read", ""}},
		`{"keyring": "sentryidp/acme/scim"}`: {Keyring: "sentryidp/acme/scim"},
		`null`:                               {},
		`"` + canary + `"`:                   {Literal: secret.New(canary)},
	} {
		file := write(t, filepath.Join(t.TempDir(), "c.json"), `{"allow_literal_secrets": true, "sentry": {"scim": {"token": `+text+`}}}`)
		loaded := load(t, config.Input{File: file})
		if d := diff(want, loaded.Config.Sentry.SCIM.Token); d != "" {
			t.Errorf("%s: %s", text, d)
		}
		if shown := fmt.Sprintf("%v %+v %#v %v %#v", loaded.Config, loaded.Config, loaded.Config, loaded, *loaded); strings.Contains(shown, canary) {
			t.Errorf("the configuration prints its secret: %s", shown)
		}
	}
}

func TestReferencesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`""`, `7`, `true`, `[]`, `{}`, `["` + canary + `"]`, `{"env": ""}`, `{"env": 7}`, `{"file": ["x"]}`, `{"vault": "` + canary + `"}`,
		`{"env": "A", "file": "b"}`, `{"env": "A", "env": "B"}`, `{"keyring": "x"}`, `{"keyring": "/x"}`, `{"keyring": "x/"}`,
		`{"command": "op read ` + canary + `"}`, `{"command": []}`, `{"command": [""]}`, `{"command": ["op", 7]}`, `{"command": null}`,
	} {
		got := refused(t, "c.json", `{"authentik": {"token": `+text+`}}`)
		if len(got) != 1 || !strings.HasPrefix(got[0], "c.json:1: authentik.token: ") || !strings.Contains(got[0], "want ") {
			t.Errorf("%s: %q", text, got)
		}
		if strings.Contains(got[0], canary) {
			t.Errorf("%s: the error repeats what may be a secret: %q", text, got)
		}
	}
}

func TestALiteralNeedsPermission(t *testing.T) {
	t.Parallel()
	literal := "\nsentry:\n  scim: {token: " + canary + "}\n"
	const want = "sentry.scim.token holds the secret itself: write {env: NAME}"
	for _, text := range []string{literal, "allow_literal_secrets: false" + literal} {
		got := refused(t, "c.yaml", text)
		if len(got) != 1 || !strings.HasPrefix(got[0], "c.yaml:3: "+want) || strings.Contains(got[0], canary) {
			t.Errorf("got %q", got)
		}
	}

	in := config.Input{File: write(t, filepath.Join(t.TempDir(), "c.yaml"), literal)}
	in.Env = []string{"SENTRYIDP_SENTRY_SCIM_TOKEN=over"}
	if got := problems(t, in); !strings.Contains(got[0], want) {
		t.Errorf("a hidden literal: %q", got)
	}
	in.Env = []string{"SENTRYIDP_ALLOW_LITERAL_SECRETS=true"}
	if got := load(t, in).Config.Sentry.SCIM.Token.Literal.Reveal(); got != canary {
		t.Errorf("got %q", got)
	}
}
