package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
)

func TestFilesAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content, want string }{
		"unknown, yaml":              {"c.yaml", "sentry:\n  orgg: acme\n", "c.yaml:2: unknown setting sentry.orgg, did you mean sentry.org?"},
		"unknown, toml":              {"c.toml", "[sentry]\nurl = 'https://x.test'\norgg = 'acme'\n", "c.toml:3: unknown setting sentry.orgg, did you mean sentry.org?"},
		"unknown, json":              {"c.json", "{\"sentry\": {\n\n\"orgg\": \"acme\"}}", "c.json:3: unknown setting sentry.orgg, did you mean sentry.org?"},
		"unknown, yml":               {"c.YML", "sentri: {}", "c.YML:1: unknown setting sentri, did you mean sentry?"},
		"dotted toml":                {"c.toml", "sentry.url = 'https://x.test'\nsentry.scim.tokn = 1\n", "c.toml:2: unknown setting sentry.scim.tokn, did you mean sentry.scim.token?"},
		"inline toml":                {"c.toml", "\nsentry = {orgg = 'x'}\n", "c.toml:2: unknown setting sentry.orgg, did you mean sentry.org?"},
		"last word":                  {"c.yaml", "org: acme\n", "c.yaml:1: unknown setting org, did you mean sentry.org?"},
		"last word, misspelt":        {"c.yaml", "scim:\n  tokne: x\n", "c.yaml:2: unknown setting scim.tokne, did you mean sentry.scim.token?"},
		"profiles misspelt":          {"c.yaml", "profile: {}\n", "c.yaml:1: unknown setting profile, did you mean profiles?"},
		"nothing near":               {"c.yaml", "elephants: 3\n", "c.yaml:1: unknown setting elephants"},
		"capitals":                   {"c.yaml", "Sentry: {}\n", "c.yaml:1: unknown setting Sentry, did you mean sentry?"},
		"dotted key":                 {"c.yaml", "sentry.org: acme\n", "c.yaml:1: unknown setting sentry.org: a key has one word, write its parts below each other"},
		"odd key":                    {"c.yaml", "\"\\e[2Jevil\": 1\n", `c.yaml:1: unknown setting "\x1b[2Jevil"`},
		"empty key":                  {"c.yaml", "sentry: {'': 1}\n", "c.yaml:1: unknown setting sentry., did you mean sentry?"},
		"list as key":                {"c.yaml", "? [a]\n: b\n", "c.yaml:1: a key is no text"},
		"in a profile":               {"c.yaml", "profiles:\n  p:\n    sentry: {orgg: x}\n", "c.yaml:3 (profile p): unknown setting sentry.orgg, did you mean sentry.org?"},
		"profile in profile":         {"c.yaml", "profiles:\n  p:\n    profiles: {}\n", "c.yaml:3 (profile p): a profile has no profiles"},
		"profiles no mapping":        {"c.yaml", "profiles: [p]\n", "c.yaml:1: profiles is a list, want a mapping of names to settings"},
		"profile no mapping":         {"c.yaml", "profiles: {p: 1}\n", "c.yaml:1 (profile p): the file is a number, want a mapping of settings"},
		"expression of a wrong type": {"c.yaml", "scim: {mapping: {active: user.name}}", "c.yaml:1: scim.mapping.active: makes a text, want true or false"},
		"empty expression":           {"c.yaml", "scim: {mapping: {email: ''}}", "c.yaml:1: scim.mapping.email: want a value, found an empty text: leave the setting out for the default user.email"},
		"no expression":              {"c.yaml", "scim: {mapping: {include: true}}", "c.yaml:1: scim.mapping.include: want a text (put it in quotes), found true or false"},

		"twice, yaml":     {"c.yaml", "sentry: {}\nsentry: {org: x}\n", "c.yaml:2: sentry is there twice"},
		"twice, json":     {"c.json", "{\"sentry\": {\"org\": \"a\",\n\"org\": \"b\"}}", "c.json:2: sentry.org is there twice"},
		"twice, toml":     {"c.toml", "[sentry]\norg = 'a'\norg = 'b'\n", "c.toml:3: invalid TOML: org is there twice"},
		"twice, profile":  {"c.yaml", "profiles:\n  p: {}\n  p: {}\n", "c.yaml:3: profiles.p is there twice"},
		"twice, profiles": {"c.yaml", "profiles:\nprofiles: {p: {}}\n", "c.yaml:2: profiles is there twice"},
		"twice, role":     {"c.yaml", "scim:\n  roles:\n  - {group: a, group: b, role: admin}\n", "c.yaml:3: scim.roles: group is there twice"},

		"number for text":   {"c.yaml", "sentry:\n  org: 1\n", "c.yaml:2: sentry.org: want a text (put it in quotes), found a number"},
		"huge number":       {"c.json", `{"sentry": {"org": 1e999}}`, "c.json:1: sentry.org: want a text (put it in quotes), found a number"},
		"text for bool":     {"c.yaml", "scim: {guard: {allow_empty: 'yes'}}", "c.yaml:1: scim.guard.allow_empty: want true or false, found a text"},
		"text for number":   {"c.yaml", "scim: {guard: {max_removals_floor: '3'}}", "c.yaml:1: scim.guard.max_removals_floor: want a whole number, found a text"},
		"fraction":          {"c.json", `{"scim": {"guard": {"max_removals_floor": 3.5}}}`, "c.json:1: scim.guard.max_removals_floor: want a whole number, found a number"},
		"beyond integers":   {"c.yaml", "scim: {guard: {max_removals_floor: 18446744073709551615}}", "c.yaml:1: scim.guard.max_removals_floor: want a whole number, found a number"},
		"negative":          {"c.yaml", "scim: {guard: {max_removals_floor: -1}}", "c.yaml:1: scim.guard.max_removals_floor: want a number from 0, found -1"},
		"text for list":     {"c.yaml", "scim: {groups: data}", "c.yaml:1: scim.groups: want a list of texts, found a text"},
		"number in list":    {"c.yaml", "scim:\n  groups:\n  - data\n  - 7\n", "c.yaml:4: scim.groups: want a list of texts, found a number in it"},
		"value for section": {"c.yaml", "sentry: acme\n", "c.yaml:1: sentry is a text, want a mapping of settings"},
		"list for file":     {"c.yaml", "- sentry\n", "c.yaml:1: the file is a list, want a mapping of settings"},
		"roles no list":     {"c.yaml", "scim: {roles: {a: b}}", "c.yaml:1: scim.roles: want a list of {group, role}, found a mapping"},
		"role without role": {"c.yaml", "scim:\n  roles:\n  - {group: a, role: admin}\n  - {group: b}\n", "c.yaml:4: scim.roles: want a group and a role"},
		"role with more":    {"c.json", "{\"scim\": {\"roles\": [\n{\"group\": \"a\", \"rolle\": \"admin\"}]}}", "c.json:2: scim.roles: unknown key rolle, want group and role"},

		"enum":            {"c.yaml", "scim: {remove: abscent}", `c.yaml:1: scim.remove: want one of never, inactive, absent, found "abscent", did you mean absent?`},
		"percentage":      {"c.yaml", "scim: {guard: {max_removals: 101%}}", `c.yaml:1: scim.guard.max_removals: want a number or a percentage such as "10%", found "101%"`},
		"negative amount": {"c.yaml", "scim: {guard: {max_removals: -5}}", `c.yaml:1: scim.guard.max_removals: want a number or a percentage such as "10%", found "-5"`},
		"empty amount":    {"c.yaml", "scim: {guard: {max_removals: ''}}", "c.yaml:1: scim.guard.max_removals: want a value, found an empty text: leave the setting out for the default 10%"},
		"empty URL":       {"c.yaml", "sentry: {url: ''}", "c.yaml:1: sentry.url: want a value, found an empty text: leave the setting out for the default https://sentry.io"},
		"no URL":          {"c.yaml", "authentik: {url: authentik.acme.test}", "c.yaml:1: authentik.url: want a URL that begins with https://"},
		"port for URL":    {"c.yaml", "authentik: {url: 'https://:443'}", "c.yaml:1: authentik.url: want a URL that begins with https://"},
		"query":           {"c.yaml", "sentry: {scim: {url: 'https://x.test/?a=b'}}", "c.yaml:1: sentry.scim.url: want a URL without credentials, query and fragment"},
		"duration":        {"c.yaml", "http: {give_up_after: soon}", `c.yaml:1: http.give_up_after: expected a duration such as 90s or 5m, of at most 24h, but found "soon"`},
		"no duration":     {"c.yaml", "http: {request_timeout: 0s}", `c.yaml:1: http.request_timeout: expected a duration such as 90s or 5m, of at most 24h, but found "0s"`},
		"long duration":   {"c.yaml", "http: {connect_timeout: 25h}", `c.yaml:1: http.connect_timeout: expected a duration such as 90s or 5m, of at most 24h, but found "25h"`},
		"number of time":  {"c.yaml", "http: {connect_timeout: 30}", "c.yaml:1: http.connect_timeout: want a text (put it in quotes), found "},
		"organization":    {"c.yaml", "sentry: {org: Acme Inc}", `c.yaml:1: sentry.org: the organization slug "Acme Inc" has characters other than lower case letters, digits, - and _`},
		"application":     {"c.yaml", "authentik: {application: ../x}", `c.yaml:1: authentik.application: want a slug of letters, digits, - and _, found "../x"`},
		"role":            {"c.yaml", "scim: {roles: [{group: a, role: owner}]}", `c.yaml:1: scim.roles: SCIM cannot give the role "owner"`},
		"control":         {"c.yaml", `scim: {file: "a\nb"}`, `c.yaml:1: scim.file: want a text without control characters, found "a\nb"`},

		"no yaml":       {"c.yaml", "sentry:\n  url: x\n org: y\n", "c.yaml:2: invalid YAML: did not find expected key"},
		"no json":       {"c.json", "{\"sentry\":\n{,}}", "c.json:2: invalid JSON: invalid character ','"},
		"open json":     {"c.json", "{\"sentry\": {\n", "c.json:2: invalid JSON: it ends too early"},
		"two of json":   {"c.json", "{}\n{}\n", "c.json:2: invalid JSON: there is more after the first value"},
		"comma in json": {"c.json", "{\"sentry\": {},\n}", "c.json:"},
		"no toml":       {"c.toml", "sentry = {}\norg = \n", "c.toml:2: invalid TOML: "},
		"two documents": {"c.yaml", "sentry: {org: a}\n---\nsentry: {org: b}\n", "c.yaml:2: has several YAML documents, want one"},
		"alias":         {"c.yaml", "sentry: &s {org: a}\nprofiles:\n  p: {sentry: *s}\n", "c.yaml:3: aliases are not read: write the value out"},
		"alias as key":  {"c.yaml", "sentry: {url: &org https://x.test, *org : acme}\n", "c.yaml:1: a key is no text"},
		"wrong tag":     {"c.yaml", "sentry:\n  org: !!int sntrys_canary\n", "c.yaml:2: the value does not have the type of its tag !!int"},
		"not UTF-8":     {"c.yaml", "sentry: {org: \xff}\n", "c.yaml: is not UTF-8"},
		"large":         {"c.yaml", strings.Repeat("#", 1<<20+1), "c.yaml: is larger than 1024 KiB"},
		"deep yaml":     {"c.yaml", strings.Repeat("{a: ", 40) + strings.Repeat("}", 40), "c.yaml:1: is nested deeper than 32 levels"},
		"deep json":     {"c.json", strings.Repeat("[", 500_000), "c.json:1: is nested deeper than 32 levels"},
		"deep toml":     {"c.toml", "a" + strings.Repeat(".a", 500_000) + " = 1", "c.toml:1: is nested deeper than 32 levels"},
		"deep in toml":  {"c.toml", "a = " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "c.toml:1: is nested deeper than 32 levels"},
		"long key":      {"c.json", `{"` + strings.Repeat("k", 500_000) + `": 1}`, `c.json:1: unknown setting "` + strings.Repeat("k", 60) + `…"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := refused(t, test.file, test.content)
			if !strings.HasPrefix(got[0], test.want) || len(got) != 1 {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if strings.Contains(got[0], "sntrys_canary") {
				t.Error("the error repeats the value")
			}
		})
	}
}

func TestOddButRightFilesAreRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, content, org string }{
		"empty":           {"c.yaml", "", ""},
		"comment":         {"c.yaml", "# nothing\n", ""},
		"document":        {"c.yaml", "---\n", ""},
		"empty json":      {"c.json", " \n", ""},
		"null json":       {"c.json", "null", ""},
		"empty toml":      {"c.toml", "", ""},
		"null section":    {"c.yaml", "sentry:\n", ""},
		"null value":      {"c.yaml", "sentry: {org: null}\n", ""},
		"byte order mark": {"c.json", "\ufeff{\"sentry\": {\"org\": \"acme\"}}", "acme"},
		"no extension":    {"config", "sentry: {org: acme}", "acme"},
		"escapes":         {"c.json", `{"sentry": {"org": "\u0061cme"}, "scim": {"file": "\ud83d\ude00\/x"}}`, "acme"},
		"windows":         {"c.yaml", "sentry:\r\n  org: acme\r\n", "acme"},
		"a date is text":  {"c.yaml", "sentry: {org: 2026-01-01}", "2026-01-01"},
		"and in toml":     {"c.toml", "sentry.org = 2026-01-01", "2026-01-01"},
		"no is text":      {"c.yaml", "sentry: {org: no}", "no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loaded := load(t, config.Input{File: write(t, filepath.Join(t.TempDir(), test.file), test.content)})
			if loaded.Config.Sentry.Org != test.org {
				t.Errorf("got %q", loaded.Config.Sentry.Org)
			}
		})
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	in := place(t)
	write(t, filepath.Join(in.SystemDir, "config.yaml"), "sentry: {orgg: x}\n")
	write(t, filepath.Join(in.Dir, "sentryidp.yaml"), "scim:\n  remove: all\n  scope: 3\nprofiles:\n  unused: {sentry: {orgg: x}}\n")
	write(t, filepath.Join(in.Dir, "sentryidp.toml"), "x =\n")
	in.Env = append(in.Env, "SENTRYIDP_SCIM_REMOVE=some", "SENTRYIDP_ORG=x")
	in.Flags = map[string]string{"scim.guard.allow_empty": "maybe", "no.such": "x"}
	in.Profile = "missing"
	want := []string{
		"sentryidp.yaml and sentryidp.toml are both there",
		"config.yaml:1: unknown setting sentry.orgg, did you mean sentry.org?",
		`sentryidp.yaml:2: scim.remove: want one of never, inactive, absent, found "all"`,
		"sentryidp.yaml:3: scim.scope: want a text (put it in quotes), found a number",
		"sentryidp.yaml:5 (profile unused): unknown setting sentry.orgg, did you mean sentry.org?",
		"sentryidp.toml:1: invalid TOML: expected a value but found the end of the line",
		`there is no profile "missing", there are unused`,
		`SENTRYIDP_SCIM_REMOVE: want one of never, inactive, absent, found "some"`,
		"SENTRYIDP_ORG: unknown variable, did you mean SENTRYIDP_SENTRY_ORG?",
		`--allow-empty: want true or false, found "maybe"`,
		"a flag stands for the unknown setting no.such",
	}
	if d := cmp.Diff(want, problems(t, in)); d != "" {
		t.Error(d)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&file, "elephant%d: 1\n", i)
	}
	got := refused(t, "c.yaml", file.String())
	if len(got) != 101 || got[100] != "and 19900 more" {
		t.Errorf("%d problems, the last is %q", len(got), got[len(got)-1])
	}
}

func TestAProfileThatDoesNotExist(t *testing.T) {
	t.Parallel()
	file := write(t, filepath.Join(t.TempDir(), "c.yaml"), "profiles: {staging: {}, production: }")
	for name, want := range map[string]string{
		"stagign": `there is no profile "stagign", there are production, staging, did you mean staging?`,
		"test":    `there is no profile "test", there are production, staging`,
	} {
		if d := cmp.Diff([]string{want}, problems(t, config.Input{File: file, Profile: name})); d != "" {
			t.Error(d)
		}
	}
	want := []string{`there is no profile "p": no file that was read has profiles`}
	if d := cmp.Diff(want, problems(t, config.Input{Dir: t.TempDir(), SystemDir: t.TempDir(), Env: []string{"SENTRYIDP_PROFILE=p"}})); d != "" {
		t.Error(d)
	}
}

// TestExpressionsShowThePlace holds the excerpt that marks a mistake.
func TestExpressionsShowThePlace(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"scim:\n  mapping:\n    email: lower(user.emial)\n":             "c.yaml:3: scim.mapping.email: user has no emial, did you mean email? (column 12)\n  | lower(user.emial)\n  |            ^",
		"profiles: {p: {scim: {mapping: {role: uper(\"a\")}}}}":         "c.yaml:1 (profile p): scim.mapping.role: unknown function uper, did you mean upper? (column 1)\n  | uper(\"a\")\n  | ^",
		"scim:\n  mapping:\n    team: |\n      group.name +\n      1\n": "c.yaml:3: scim.mapping.team: invalid operation: + (mismatched types string and int) (column 12)\n  | group.name +\n  |            ^",
	} {
		if got := strings.Join(refused(t, "c.yaml", content), "\n"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
