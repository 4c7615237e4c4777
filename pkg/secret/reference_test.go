package secret_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

const canary = "sntrys_canary_reference"

// TestMain lets this binary stand in for the commands that secrets come from,
// so that the tests need no shell.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "as-command" {
		os.Exit(command(os.Args[2:]))
	}
	os.Exit(m.Run())
}

func command(args []string) int {
	switch args[0] {
	case "print":
		fmt.Println(args[1])
	case "variable":
		fmt.Println(os.Getenv(args[1]))
	case "flood":
		fmt.Print(strings.Repeat("x", 1<<20))
	case "wait":
		time.Sleep(time.Hour)
	case "fail":
		fmt.Println(canary)
		fmt.Fprintln(os.Stderr, "\x1b[31mthe vault is locked\nsecond line")
		return 3
	}
	return 0
}

func self(t *testing.T, args ...string) secret.Reference {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reference{Command: append([]string{program, "as-command"}, args...)}
}

func file(t *testing.T, content string, mode os.FileMode) secret.Reference {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return secret.Reference{File: path}
}

func sources() secret.Sources {
	return secret.Sources{
		Env: []string{"TOKEN=" + canary, "EMPTY=", "PAIR=one two"},
		Keyring: func(service, account string) (string, error) {
			entries := map[string]string{"acme/scim": canary, "utf-16": utf16LE(canary), "utf-16 marked": "\xff\xfe" + utf16LE(canary), "half": "\xff\xfe" + canary + "x"}
			if value, ok := entries[account]; ok && service == "sentryidp" {
				return value, nil
			}
			return "", keyring.ErrNotFound
		},
	}
}

// utf16LE is ASCII as Windows keeps it.
func utf16LE(text string) string {
	var wide strings.Builder
	for _, c := range []byte(text) {
		wide.Write([]byte{c, 0})
	}
	return wide.String()
}

// storing is the command that the hint names on this system.
func storing(service, account string) string { return secret.Storing(runtime.GOOS, service, account) }

func TestTheHintIsOfTheSystemsKeyring(t *testing.T) {
	t.Parallel()
	for goos, want := range map[string]string{
		"linux":   "secret-tool store --label=sentryidp service sentryidp username acme",
		"freebsd": "secret-tool store --label=sentryidp service sentryidp username acme",
		"darwin":  "security add-generic-password -s sentryidp -a acme -w",
		"windows": "cmdkey /generic:sentryidp:acme /user:acme /pass",
	} {
		if got := secret.Storing(goos, "sentryidp", "acme"); got != want {
			t.Errorf("%s: got %q, want %q", goos, got, want)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for name, reference := range map[string]secret.Reference{
		"variable":             {Env: "TOKEN"},
		"file":                 file(t, canary, 0o600),
		"file with a line end": file(t, canary+"\r\n", 0o400),
		"command":              self(t, "print", canary),
		"command's variables":  self(t, "variable", "TOKEN"),
		"keyring":              {Keyring: "sentryidp/acme/scim"},
		"keyring of Windows":   {Keyring: "sentryidp/utf-16"},
		"keyring with a mark":  {Keyring: "sentryidp/utf-16 marked"},
		"file of PowerShell":   file(t, "\xff\xfe"+utf16LE(canary+"\r\n"), 0o600),
		"file with a mark":     file(t, "\ufeff"+canary+"\n", 0o600),
		"literal":              {Literal: secret.New(canary)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := reference.Resolve(t.Context(), sources())
			if err != nil || got.Reveal() != canary {
				t.Errorf("got %q, %v", got.Reveal(), err)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reference secret.Reference
		want      string
		hint      string
	}{
		"nothing":             {secret.Reference{}, "no secret is set", ""},
		"no variable":         {secret.Reference{Env: "NO_SUCH"}, "NO_SUCH is not set", "export NO_SUCH"},
		"empty variable":      {secret.Reference{Env: "EMPTY"}, "EMPTY is not set", "export EMPTY"},
		"two words":           {secret.Reference{Env: "PAIR"}, "spaces", "alone"},
		"no file":             {secret.Reference{File: filepath.Join(t.TempDir(), "missing")}, "missing", "relative paths"},
		"folder":              {secret.Reference{File: t.TempDir()}, "", ""},
		"empty file":          {file(t, "\n", 0o600), "is empty", "alone"},
		"two lines":           {file(t, canary+"\nsecond", 0o600), "line breaks", "alone"},
		"header injection":    {file(t, canary+"\r\nX-Evil: 1\r\n", 0o600), "line breaks", "alone"},
		"control characters":  {file(t, canary+"\x00", 0o600), "spaces", "alone"},
		"not ASCII":           {file(t, "pässword", 0o600), "ASCII", "alone"},
		"large file":          {file(t, strings.Repeat("x", 64<<10+1), 0o600), "64 KiB", "alone"},
		"large with newlines": {file(t, strings.Repeat("x", 64<<10)+"\n\nmore", 0o600), "64 KiB", "alone"},
		"large output":        {self(t, "flood"), "64 KiB", "alone"},
		"no program":          {secret.Reference{Command: []string{"no-such-program-of-sentryidp"}}, "not found", "it said: nothing"},
		"failing program":     {self(t, "fail"), "exit status 3", "it said: [31mthe vault is locked"},
		"no keyring entry":    {secret.Reference{Keyring: "sentryidp/other"}, "not found in keyring", storing("sentryidp", "other")},
		"not quite UTF-16":    {secret.Reference{Keyring: "sentryidp/half"}, "ASCII", "alone"},
		"wide but not ASCII":  {file(t, "\xff\xfe"+utf16LE("pässword"), 0o600), "ASCII", "alone"},
		"keyring of one word": {secret.Reference{Keyring: "sentryidp"}, "service/account", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.reference.Resolve(t.Context(), sources())
			if err == nil || !got.IsZero() || fault.CodeOf(err) != fault.Credential {
				t.Fatalf("got %q and %v with code %d", got.Reveal(), err, fault.CodeOf(err))
			}
			words := err.Error() + "\n" + strings.Join(fault.Hints(err), "\n")
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(words, test.hint) {
				t.Errorf("want %q and the hint %q, got\n%s", test.want, test.hint, words)
			}
			if strings.Contains(words, canary) || strings.Contains(words, "\x1b") {
				t.Errorf("the error shows what was read: %q", words)
			}
		})
	}
}

func TestACommandHasATimeLimit(t *testing.T) {
	t.Parallel()
	_, err := self(t, "wait").Resolve(t.Context(), secret.Sources{Timeout: time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "gave no secret in 1ms") || fault.CodeOf(err) != fault.Credential {
		t.Errorf("got %v", err)
	}
}

func TestACommandSeesTheGivenEnvironmentAlone(t *testing.T) {
	t.Parallel()
	_, err := self(t, "variable", "PATH").Resolve(t.Context(), secret.Sources{})
	if err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("got %v", err)
	}
}

func TestNobodyWaitsLongerThanTheContext(t *testing.T) {
	t.Parallel()
	for name, reference := range map[string]secret.Reference{
		"command": self(t, "wait"),
		"keyring": {Keyring: "sentryidp/acme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			asked, release := make(chan struct{}), make(chan struct{})
			defer close(release)
			from := secret.Sources{Keyring: func(_, _ string) (string, error) {
				close(asked)
				<-release
				return canary, nil
			}}
			if reference.Keyring == "" {
				close(asked)
			}
			go func() { <-asked; cancel() }()
			if _, err := reference.Resolve(ctx, from); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
		})
	}
}

func TestAReferencePrintsAsItsPlace(t *testing.T) {
	t.Parallel()
	for want, reference := range map[string]secret.Reference{
		"env SENTRY_SCIM_TOKEN":   {Env: "SENTRY_SCIM_TOKEN"},
		"file /run/secrets/x":     {File: "/run/secrets/x"},
		"command op":              {Command: []string{"op", "read", canary}},
		"keyring service/account": {Keyring: "service/account"},
		secret.Redacted:           {Literal: secret.New(canary)},
		"":                        {},
	} {
		asJSON, err := json.Marshal(map[string]any{"x": reference})
		if err != nil {
			t.Fatal(err)
		}
		asYAML, err := yaml.Marshal(map[string]any{"x": reference})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{
			reference.String(), fmt.Sprint(reference), fmt.Sprintf("%+v", reference), fmt.Sprintf("%#v", reference), reference.LogValue().String(),
		} {
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if !strings.Contains(string(asJSON), want) || !strings.Contains(string(asYAML), want) || strings.Contains(string(asJSON)+string(asYAML), canary) {
			t.Errorf("JSON %s, YAML %s, want %q", asJSON, asYAML, want)
		}
		if reference.IsZero() != (want == "") {
			t.Errorf("%s: IsZero is %v", want, reference.IsZero())
		}
	}
}
