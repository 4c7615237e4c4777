package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// cut drops the folder of a test from texts.
func cut(dir string, texts ...string) []string {
	var short []string
	for _, text := range texts {
		short = append(short, strings.ReplaceAll(text, dir+string(filepath.Separator), ""))
	}
	return short
}

// found is a configuration with content in the file of the working directory.
func found(t *testing.T, content string) config.Input {
	t.Helper()
	in := place(t)
	write(t, filepath.Join(in.Dir, "sentryidp.yaml"), content)
	return in
}

func addresses() []string { return []string{"sentry.url", "sentry.scim.url", "authentik.url"} }

// uses are what a configuration must not use, without the folder of the test.
func uses(t *testing.T, in config.Input, addresses ...string) []string {
	t.Helper()
	err := load(t, in).Vouch(addresses...)
	refused, isRefused := errors.AsType[*config.UntrustedError](err)
	if !isRefused {
		if err != nil {
			t.Fatal(err)
		}
		return nil
	}
	if fault.CodeOf(err) != fault.Usage {
		t.Errorf("code %d", fault.CodeOf(err))
	}
	return cut(in.Dir, refused.Uses...)
}

// TestWhatAFoundFileMustNotSet has each attack by a file of the folder that one
// stands in.
func TestWhatAFoundFileMustNotSet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content string
		want    []string
	}{
		"the organization":      {"sentry: {org: acme}\nauthentik: {application: sentry-main}", nil},
		"a program":             {"sentry: {scim: {token: {command: [./steal, now]}}}", []string{"sentryidp.yaml:1: sentry.scim.token: command ./steal"}},
		"a variable":            {"authentik:\n  token: {env: AWS_SECRET_ACCESS_KEY}", []string{"sentryidp.yaml:2: authentik.token: env AWS_SECRET_ACCESS_KEY"}},
		"a file":                {"sentry: {scim: {token: {file: /etc/shadow}}}", []string{"sentryidp.yaml:1: sentry.scim.token: file /etc/shadow"}},
		"Sentry's address":      {"sentry: {url: https://evil.test}", []string{"sentryidp.yaml:1: sentry.url: https://evil.test"}},
		"the SCIM address":      {"sentry: {scim: {url: https://evil.test/v2}}", []string{"sentryidp.yaml:1: sentry.scim.url: https://evil.test/v2"}},
		"authentik's address":   {"authentik: {url: https://evil.test}", []string{"sentryidp.yaml:1: authentik.url: https://evil.test"}},
		"an authority":          {"authentik: {ca_file: evil.pem}", []string{"sentryidp.yaml:1: authentik.ca_file: evil.pem"}},
		"plain http":            {"insecure_http: [evil.test]", []string{"sentryidp.yaml:1: insecure_http: evil.test"}},
		"people":                {"scim: {file: nobody.yaml, remove: absent}", []string{"sentryidp.yaml:1: scim.file: nobody.yaml", "sentryidp.yaml:1: scim.remove: absent"}},
		"roles":                 {"scim: {roles: [{group: interns, role: manager}]}", []string{"sentryidp.yaml:1: scim.roles: interns=manager"}},
		"a mapping":             {"scim: {mapping: {active: 'false'}}", []string{"sentryidp.yaml:1: scim.mapping.active: false"}},
		"a guard":               {"scim: {guard: {max_removals: 100%, allow_empty: true}}", []string{"sentryidp.yaml:1: scim.guard.max_removals: 100%", "sentryidp.yaml:1: scim.guard.allow_empty: true"}},
		"the state":             {"state_dir: /tmp/elsewhere", []string{"sentryidp.yaml:1: state_dir: /tmp/elsewhere"}},
		"a list":                {"scim: {groups: ['*']}", []string{"sentryidp.yaml:1: scim.groups: *"}},
		"a profile":             {"profiles: {p: {scim: {remove: absent}}}", []string{"sentryidp.yaml:1 (profile p): scim.remove: absent"}},
		"what is the default":   {"sentry: {url: https://sentry.io}\nscim: {remove: inactive, groups: [], guard: {max_removals: 10%}}", nil},
		"an odd text":           {"scim: {file: \"a\\u2028b\"}", []string{`sentryidp.yaml:1: scim.file: "a\u2028b"`}},
		"a long text":           {"scim: {file: " + strings.Repeat("x", 70) + "}", []string{`sentryidp.yaml:1: scim.file: "` + strings.Repeat("x", 60) + `…"`}},
		"a secret that is text": {"allow_literal_secrets: true\nauthentik: {token: canary}", []string{"sentryidp.yaml:2: authentik.token: [redacted]", "sentryidp.yaml:1: allow_literal_secrets: true"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := found(t, test.content)
			in.Profile = map[bool]string{true: "p"}[name == "a profile"]
			if diff := cmp.Diff(test.want, uses(t, in, addresses()...)); diff != "" {
				t.Error(diff)
			}
			for _, named := range []func(*config.Input){
				func(in *config.Input) { in.File = filepath.Join(in.Dir, "sentryidp.yaml") },
				func(in *config.Input) {
					in.Env = append(in.Env, "SENTRYIDP_CONFIG="+filepath.Join(in.Dir, "sentryidp.yaml"))
				},
			} {
				trusted := in
				named(&trusted)
				if got := uses(t, trusted, addresses()...); got != nil {
					t.Errorf("the file was named, and %q is refused", got)
				}
			}
		})
	}
}

// TestASettingThatNeedsTrustIsRefused walks the whole table.
func TestASettingThatNeedsTrustIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range config.Settings() {
		t.Run(s.Path, func(t *testing.T) {
			t.Parallel()
			value, _ := sample(t, s)
			content, err := yaml.Marshal(nest(s.Path, value))
			if err != nil {
				t.Fatal(err)
			}
			in := found(t, string(content))
			without, with := len(uses(t, in)), len(uses(t, in, addresses()...))
			want := map[config.Class][2]int{config.Free: {0, 0}, config.Address: {0, 1}, config.NeedsTrust: {1, 1}}[s.Class]
			if got := [2]int{without, with}; got != want {
				t.Errorf("refused without a secret and with one: %v, want %v", got, want)
			}
			if refused := load(t, in).Refused(s.Path); refused != (s.Class != config.Free) {
				t.Errorf("refused: %t", refused)
			}
		})
	}
}

// TestAValueThatTrustedPlacesGiveIsNoUse repeats values of stronger and weaker
// places in the untrusted file.
func TestAValueThatTrustedPlacesGiveIsNoUse(t *testing.T) {
	t.Parallel()
	const content = "sentry: {url: https://sentry.acme.test, scim: {token: {env: TOKEN}}}\nscim: {remove: absent}"
	for name, test := range map[string]struct {
		change func(*config.Input)
		want   []string
	}{
		"the same in the user's file": {func(in *config.Input) {
			write(t, filepath.Join(in.SystemDir, "config.yaml"), content)
		}, nil},
		"another in the user's file": {func(in *config.Input) {
			write(t, filepath.Join(in.SystemDir, "config.yaml"), strings.ReplaceAll(content, "absent", "never"))
		}, []string{"sentryidp.yaml:2: scim.remove: absent"}},
		"the same in a variable that others export": {func(in *config.Input) {
			write(t, filepath.Join(in.SystemDir, "config.yaml"), "{scim: {remove: absent}, sentry: {scim: {token: {env: TOKEN}}}}")
			in.Env = append(in.Env, "SENTRY_URL=https://sentry.acme.test")
		}, nil},
		"another in a variable that others export": {func(in *config.Input) {
			write(t, filepath.Join(in.SystemDir, "config.yaml"), "{scim: {remove: absent}, sentry: {scim: {token: {env: TOKEN}}}}")
			in.Env = append(in.Env, "SENTRY_URL=https://sentry.other.test")
		}, []string{"sentryidp.yaml:1: sentry.url: https://sentry.acme.test"}},
		"stronger places": {func(in *config.Input) {
			in.Env = append(in.Env, "SENTRYIDP_SENTRY_URL=https://sentry.io", "SENTRYIDP_SENTRY_SCIM_TOKEN=x")
			in.Flags = map[string]string{"scim.remove": "never"}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := found(t, content)
			test.change(&in)
			if diff := cmp.Diff(test.want, uses(t, in, addresses()...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	in := found(t, "scim:\n  remove: absent\n")
	err := load(t, in).Vouch()
	file := filepath.Join(in.Dir, "sentryidp.yaml")
	want := file + " must not set this, because it was found in the working directory and is not trusted:\n  " + file + ":2: scim.remove: absent"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	hints := []string{"read the file, then add --config " + file, "to trust this content from now on: sentryidp config trust " + file}
	if diff := cmp.Diff(hints, fault.Hints(err)); diff != "" {
		t.Error(diff)
	}
	write(t, filepath.Join(in.SystemDir, "config.yaml"), "{}")
	if hints := fault.Hints(load(t, in).Vouch()); !strings.HasSuffix(hints[0], ", which replaces the other configuration files") {
		t.Errorf("with another file: %q", hints)
	}
}

func TestACommandIsRefusedOnlyWhatItTakes(t *testing.T) {
	t.Parallel()
	l := load(t, found(t, "sentry: {ca_file: ca.pem}\nscim: {remove: absent}"))
	if err := l.VouchFor("sentry.url", "authentik.ca_file"); err != nil {
		t.Errorf("got %v", err)
	}
	err := l.VouchFor("sentry.ca_file")
	refused, isRefused := errors.AsType[*config.UntrustedError](err)
	if !isRefused || fault.CodeOf(err) != fault.Usage {
		t.Fatalf("got %v", err)
	}
	if len(refused.Uses) != 1 || !strings.HasSuffix(refused.Uses[0], "sentryidp.yaml:1: sentry.ca_file: ca.pem") {
		t.Errorf("got %q", refused.Uses)
	}
}

// TestAnUntrustedSourceDecidesNothing: a file and an authentik of the same
// strength are a tie, which the source of a file that nobody trusts must not break.
func TestAnUntrustedSourceDecidesNothing(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"file", "authentik"} {
		in := found(t, "scim: {source: "+source+"}")
		in.Env = append(in.Env, "SENTRYIDP_SCIM_FILE=people.yaml", "SENTRYIDP_AUTHENTIK_URL=https://auth.acme.test")
		if got := uses(t, in); len(got) != 1 || !strings.Contains(got[0], "scim.source: "+source) {
			t.Errorf("%s: got %q", source, got)
		}
		in.Flags = map[string]string{"scim.file": "people.yaml"}
		if got := load(t, in); got.Vouch() != nil || got.Config.SCIM.Source != config.SourceFile {
			t.Errorf("%s, with --file: %v, %s", source, got.Vouch(), got.Config.SCIM.Source)
		}
	}
}
