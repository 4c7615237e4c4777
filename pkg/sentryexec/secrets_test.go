package sentryexec_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

func TestTheTokenGoesWhereItIsSentAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, other := filepath.Join(dir, "token"), filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := play(t, script(t), story{Seed: starts(t)[sentryexec.SCIM], Runs: []run{
		applied(sentryexec.SCIM, "--token-file", other),
		applied(sentryexec.SCIM, "--token-file", filepath.Join(dir, "missing", "token")),
		applied(sentryexec.SCIM, "--token-file", file),
		applied(sentryexec.SCIM, "--token-file", file),
		applied(sentryexec.SCIM, "--token-file", "-"),
	}})[0]
	for i, words := range []string{"the token file exists and has another content", "the token file cannot be written: No such file or directory"} {
		if r[i].Code != 1 || !strings.Contains(r[i].Stderr, words) || r[i].provider()["flags"] != 1.0 {
			t.Errorf("run %d: exit code %d, %v: %s", i, r[i].Code, r[i].provider(), r[i].Stderr)
		}
	}
	if kept, err := os.ReadFile(other); err != nil || string(kept) != "mine\n" {
		t.Errorf("another file was written: %q, %v", kept, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || r[2].Code != 0 || r[3].Code != 0 {
		t.Errorf("the token file: %v, %v, %s, %s", info, err, r[2].Stderr, r[3].Stderr)
	}
	if out, found := strings.CutPrefix(r[4].Stdout, "a plugin says hello\n"); !found || out != "canary-token-0\n" || r[4].Code != 0 {
		t.Errorf("standard output is %q", r[4].Stdout)
	}
	for _, one := range r[:4] {
		without(t, one)
	}
}

// TestNoValueIsCode stores each value as it is, through the indentation of `sentry
// exec` and the literals of Python.
func TestNoValueIsCode(t *testing.T) {
	t.Parallel()
	var stories []story
	values := []string{
		`'`, `"`, `\`, `\\'`, `'); raise SystemExit(7) #`, "a\nraise SystemExit(7)\n", "\r\n", `"""`, `'''`, `{0}`, `%(body)s`, `@GIVEN@`, `@RELEASES@`,
		"from __future__ import annotations", "from sentry.runner import configure", "é\u2028\U0001F600", "\x00\x1b[31m\x7f", `\u0027`, `\N{BULLET}`, "</script>&<", "\ufeff",
	}
	for _, value := range values {
		s := settings(t)
		s.IDP.EntityID, s.IDP.Mapping.Identifier, s.IDP.SLOURL = value, value, value
		text := scriptOf(t, s)
		for _, b := range text {
			if b >= 0x7f || b < ' ' && b != '\n' {
				t.Fatalf("%q: the script has the byte %x", value, b)
			}
		}
		stories = append(stories, story{Script: string(text), Runs: []run{applied(sentryexec.SAML), applied(sentryexec.SAML)}})
	}
	for i, r := range play(t, nil, stories...) {
		if r[0].Code != 0 || !strings.Contains(r[1].Stderr, "nothing to change") {
			t.Errorf("%q: exit code %d: %s", values[i], r[0].Code, r[0].Stderr)
			continue
		}
		config, _ := r[0].provider()["config"].(map[string]any)
		idp, _ := config["idp"].(map[string]any)
		mapping, _ := config["attribute_mapping"].(map[string]any)
		if idp["entity_id"] != values[i] || idp["slo_url"] != values[i] || mapping["identifier"] != values[i] {
			t.Errorf("%q is stored as %v", values[i], config)
		}
		if strings.ContainsAny(r[0].Stderr, "\x1b\x00") {
			t.Errorf("%q reaches the terminal as it is", values[i])
		}
	}
}

func TestAKeyInTheWrongFieldIsNotPrinted(t *testing.T) {
	t.Parallel()
	const key = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----"
	config := map[string]any{
		"idp":               map[string]any{"entity_id": key, "sso_url": 7, "slo_url": []string{key}, "x509cert": key},
		"attribute_mapping": map[string]any{"identifier": key},
		"advanced":          map[string]any{"private_key": key},
	}
	r := play(t, script(t),
		story{Seed: seed{Provider: "saml2", Config: config}, Runs: []run{{Args: []string{"status"}}, {Args: []string{"saml"}}, applied(sentryexec.SAML)}},
		story{Seed: seed{Provider: "saml2", Config: map[string]any{"idp": "x", "attribute_mapping": nil}}, Runs: []run{{Args: []string{"status"}}, applied(sentryexec.SAML)}})
	for _, one := range slices.Concat(r...) {
		without(t, one)
		if one.Code != 0 || strings.Contains(one.Stdout+one.Stderr, "Y2FuYXJ5") {
			t.Errorf("exit code %d: %s%s", one.Code, one.Stdout, one.Stderr)
		}
	}
	absent := r[0][0].report(t).Provider.Absent
	if want := []string{"attribute_mapping.user_email", "attribute_mapping.first_name", "attribute_mapping.last_name"}; cmp.Diff(want, absent) != "" {
		t.Errorf("absent is %v", absent)
	}
}

func TestTheScriptIsTheSameForTheSameSettings(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(string(script(t)), string(script(t))); diff != "" {
		t.Error(diff)
	}
	for name, broken := range map[string]func(*sentryexec.Settings){
		"no organization": func(s *sentryexec.Settings) { s.Org = "" },
		"no entity ID":    func(s *sentryexec.Settings) { s.IDP.EntityID = "" },
		"no SSO URL":      func(s *sentryexec.Settings) { s.IDP.SSOURL = "" },
		"no certificate":  func(s *sentryexec.Settings) { s.IDP.Certificate = nil },
		"no identifier":   func(s *sentryexec.Settings) { s.IDP.Mapping.Identifier = "" },
	} {
		s := settings(t)
		broken(&s)
		if text, err := sentryexec.Script(s); err == nil {
			t.Errorf("%s: a script of %d bytes", name, len(text))
		}
	}
}
