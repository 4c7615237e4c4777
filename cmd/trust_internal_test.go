package cmd

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// asked loads a folder's file on a terminal where a person types the answer.
func asked(t *testing.T, content, answer string, env ...string) (*app, *config.Loaded, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sentryidp.yaml"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, messages bytes.Buffer
	env = append([]string{"HOME=" + dir}, env...)
	a := &app{term: ui.Test(strings.NewReader(answer), &out, &messages, env...), env: env}
	a.term.InTTY, a.term.ErrTTY = true, true
	loaded, err := config.Load(config.Input{Dir: dir, SystemDir: dir, Env: a.env})
	if err != nil {
		t.Fatal(err)
	}
	return a, loaded, &messages
}

const lax = "scim:\n  remove: absent # \u202e nothing to see\n"

func TestOnATerminalAFileIsShownAndCanBeTrusted(t *testing.T) {
	t.Parallel()
	a, loaded, messages := asked(t, lax, "y\n")
	if err := a.vouch(t.Context(), loaded); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"   1  scim:\n", "   2    remove: absent # ", "sentryidp.yaml:2: scim.remove: absent\n", "until it changes? [y/N]"} {
		if !strings.Contains(messages.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, messages)
		}
	}
	if strings.Contains(messages.String(), "\u202e") {
		t.Error("the file steers the terminal")
	}
	again, err := config.Load(config.Input{Dir: filepath.Dir(loaded.Files[0].Path), SystemDir: filepath.Dir(loaded.Files[0].Path), Env: a.env})
	if err != nil || again.Vouch() != nil {
		t.Errorf("the next run: %v, %v", err, again.Vouch())
	}
}

func TestAFileIsNotTrustedWithoutAYes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer string
		env    []string
		asks   bool
	}{
		"no":               {"n\n", nil, true},
		"nothing":          {"", nil, true},
		"an empty line":    {"\n", nil, true},
		"in a job":         {"y\n", []string{"CI=true"}, false},
		"without a folder": {"y\n", []string{"HOME="}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, loaded, messages := asked(t, lax, test.answer, test.env...)
			err := a.vouch(t.Context(), loaded)
			if _, refused := errors.AsType[*config.UntrustedError](err); !refused || fault.CodeOf(err) != fault.Usage {
				t.Errorf("got %v", err)
			}
			if asks := strings.Contains(messages.String(), "[y/N]"); asks != test.asks {
				t.Errorf("it asks: %t\n%s", asks, messages)
			}
		})
	}
}

func TestALongFileIsCutAndWhatNeedsTrustIsNamedAll(t *testing.T) {
	t.Parallel()
	a, loaded, messages := asked(t, strings.Repeat("# a line\n", 5000)+lax, "n\n")
	_ = a.vouch(t.Context(), loaded)
	if lines := strings.Count(messages.String(), "\n"); lines > shownLines+10 {
		t.Errorf("%d lines are shown", lines)
	}
	for _, want := range []string{"4902 lines are not shown\n", "sentryidp.yaml:5002: scim.remove: absent\n"} {
		if !strings.Contains(messages.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

// TestTheGateBeforeASecretNeedsNoCommandToAskForIt hands settings that no command
// has judged to the places where a token meets an address.
func TestTheGateBeforeASecretNeedsNoCommandToAskForIt(t *testing.T) {
	t.Parallel()
	const hostile = "sentry: {url: https://evil.test, org: acme}\nauthentik: {url: https://evil.test}\n"
	a, loaded, messages := asked(t, hostile, "", "CI=true", "SENTRY_AUTH_TOKEN=canary", "AUTHENTIK_TOKEN=canary")
	base, slug, err := a.organization(loaded.Addresses())
	if err != nil {
		t.Fatal(err)
	}
	_, scimErr := a.connectScim(t.Context(), loaded, base, slug)
	_, authentikErr := a.connectAuthentik(t.Context(), loaded)
	_, integrationErr := a.integrationRun(t.Context(), loaded)
	for place, err := range map[string]error{"SCIM": scimErr, "authentik": authentikErr, "the integration": integrationErr} {
		if refused, isRefused := errors.AsType[*config.UntrustedError](err); !isRefused || len(refused.Uses) == 0 {
			t.Errorf("%s: got %v", place, err)
		}
	}
	if strings.Contains(messages.String(), "is sent to") {
		t.Errorf("it says that a secret is sent:\n%s", messages)
	}
}
