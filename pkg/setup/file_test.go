package setup_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/setup"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// read is the answers that a file gives.
func read(content []byte) (setup.Answers, error) {
	loaded, err := config.Load(config.Input{File: "x.yaml", Draft: &config.Draft{Path: "x.yaml", Content: content}})
	if err != nil {
		return setup.Answers{}, err
	}
	return setup.AnswersOf(loaded), nil
}

func sample() setup.Answers {
	a := nothing()
	a.Values[setup.SentryURL], a.Values[setup.Org] = sentryAt, "acme"
	a.Values[setup.AuthentikURL], a.Values[setup.Application] = authentikAt, "sentry"
	a.Values[setup.AuthentikToken] = secret.Reference{Env: "TOKEN"}
	a.Values[setup.BindGroups] = []string{"a, b", "no", "Über: \"Ops\" # 1"}
	return a
}

func sameReferences() cmp.Option {
	return cmp.Comparer(func(a, b secret.Reference) bool { return a.String() == b.String() })
}

func TestANewFileSaysWhatWasAnsweredAndExplainsIt(t *testing.T) {
	t.Parallel()
	content, err := setup.NewFile(sample())
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(content)
	if err != nil {
		t.Fatalf("%v\n%s", err, content)
	}
	if diff := cmp.Diff(sample().Values, got.Values, sameReferences()); diff != "" {
		t.Error(diff)
	}
	for line := range strings.Lines(string(content)) {
		if len([]rune(line)) > 79 {
			t.Errorf("a line of %d columns: %s", len([]rune(line))-1, line)
		}
	}
	for _, path := range setup.Asked() {
		words := strings.Fields(config.SettingOf(path).Meaning())[:3]
		if !bytes.Contains(content, []byte("# "+strings.Join(words, " "))) {
			t.Errorf("%s is not explained", path)
		}
	}
}

// TestEveryCommentThatSetsNothingCouldSetSomething takes the marks of comments off
// the settings.
func TestEveryCommentThatSetsNothingCouldSetSomething(t *testing.T) {
	t.Parallel()
	content, err := setup.NewFile(nothing())
	if err != nil {
		t.Fatal(err)
	}
	var uncommented strings.Builder
	for line := range strings.Lines(string(content)) {
		rest := strings.TrimLeft(line, " ")
		key, _, isSetting := strings.Cut(strings.TrimPrefix(rest, "# "), ":")
		if isSetting && strings.HasPrefix(rest, "# ") && !strings.ContainsAny(key, " {;,") {
			line = strings.Repeat(" ", len(line)-len(rest)) + strings.TrimPrefix(rest, "# ")
		}
		uncommented.WriteString(line)
	}
	got, err := read([]byte(uncommented.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, uncommented.String())
	}
	if len(got.Values) != len(setup.Asked()) {
		t.Errorf("got %d settings, want %d", len(got.Values), len(setup.Asked()))
	}
}

func TestAFileThatIsThereIsChangedOnlyWhereItHasTo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before string
		path   string
		value  any
		after  string
	}{
		"a value":            {"sentry:\n  org: acme # ours\n\n# end\n", setup.Org, "other", "sentry:\n  org: other # ours\n\n# end\n"},
		"a new key":          {"sentry:\n    org: acme\n# end\n\nscim: {}\n", setup.SentryURL, sentryAt, "sentry:\n    org: acme\n    url: https://sentry.acme.test\n# end\n\nscim: {}\n"},
		"a new section":      {"# top\nstate_dir: /x\n", setup.Org, "acme", "# top\nstate_dir: /x\nsentry:\n  org: acme\n"},
		"a list":             {"authentik:\n  bind_groups:\n    - a\n    - b\n  application: x\n", setup.BindGroups, []string{"c"}, "authentik:\n  bind_groups: [c]\n  application: x\n"},
		"a list is removed":  {"authentik:\n  bind_groups:\n    - a\n  application: x\n", setup.BindGroups, nil, "authentik:\n  application: x\n"},
		"a reference":        {"sentry:\n  scim:\n    token:\n      env: A\n", setup.SCIMToken, secret.Reference{File: "/t"}, "sentry:\n  scim:\n    token: {file: /t}\n"},
		"a comment shows it": {"sentry:\n  # scim:\n    # why\n    # token: {env: X}\n  org: a\n", setup.SCIMToken, secret.Reference{Env: "A"}, "sentry:\n  scim:\n    # why\n    token: {env: A}\n  org: a\n"},
		"an empty section":   {"sentry:\nscim:\n  remove: never\n", setup.Org, "acme", "sentry:\n  org: acme\nscim:\n  remove: never\n"},
		"braces":             {"sentry: {org: acme} # ours\n", setup.Org, "other", "sentry: {org: other} # ours\n"},
		"new in braces":      {"{sentry: {url: https://x.test}}\n", setup.Org, "acme", "{sentry: {url: 'https://x.test', org: acme}}\n"},
		"carriage returns":   {"sentry:\r\n  org: acme\r\n", setup.Org, "other", "sentry:\r\n  org: other\r\n"},
		"no line break":      {"sentry:\n  org: acme", setup.Org, "other", "sentry:\n  org: other\n"},
		"a profile":          {"profiles:\n  p:\n    sentry:\n      org: theirs\nsentry:\n  org: acme\n", setup.Org, "other", "profiles:\n  p:\n    sentry:\n      org: theirs\nsentry:\n  org: other\n"},
		"nothing":            {"sentry:\n  org: acme", setup.Org, "acme", "sentry:\n  org: acme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given, err := read([]byte(tt.before))
			if err != nil {
				t.Fatal(err)
			}
			wanted, _ := read([]byte(tt.before))
			if wanted.Values[tt.path] = tt.value; tt.value == nil {
				delete(wanted.Values, tt.path)
			}
			got, err := setup.EditFile([]byte(tt.before), given, wanted)
			if err != nil || string(got) != tt.after {
				t.Errorf("%v\n%s", err, cmp.Diff(tt.after, string(got)))
			}
		})
	}
}

func TestAFileWithoutSettingsIsWrittenAnew(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "# nothing\n", "---\n"} {
		got, err := setup.EditFile([]byte(before), nothing(), sample())
		if err != nil || !bytes.Contains(got, []byte("\nsentry:\n")) {
			t.Errorf("%q: %v, %s", before, err, got)
		}
	}
}

// TestWhatIsWrittenIsRead takes any names for groups and any answers, one file after
// the other.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	printable := rapid.StringOf(rapid.RuneFrom([]rune("aZ09 :#-,'\"{}[]&*!|>%@`\\é\u00a0\u2028"))).Filter(func(s string) bool { return s != "" })
	rapid.Check(t, func(t *rapid.T) {
		var content []byte
		last := nothing()
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			a := nothing()
			a.Values[setup.Org] = rapid.SampledFrom([]string{"acme", "no", "x_1"}).Draw(t, "org")
			if rapid.Bool().Draw(t, "grouped") {
				a.Values[setup.BindGroups] = rapid.SliceOfN(printable, 1, 3).Draw(t, "groups")
			}
			if rapid.Bool().Draw(t, "token") {
				a.Values[setup.APIToken] = secret.Reference{File: "/" + printable.Draw(t, "file")}
			}
			var err error
			if content == nil {
				content, err = setup.NewFile(a)
			} else {
				content, err = setup.EditFile(content, last, a)
			}
			if err != nil {
				t.Fatal(err)
			}
			if last, err = read(content); err != nil {
				t.Fatalf("%v\n%s", err, content)
			}
			if diff := cmp.Diff(a.Values, last.Values, sameReferences()); diff != "" {
				t.Fatalf("%s\n%s", diff, content)
			}
		}
	})
}

func TestWriteDiff(t *testing.T) {
	t.Parallel()
	before := "a\nb\nc\nd\ne\nf\ng\nh\n"
	for name, tt := range map[string]struct{ before, after, want string }{
		"new":      {"", "a\n\n", "+ a\n+\n"},
		"the same": {before, before, ""},
		"one":      {before, strings.Replace(before, "d", "D\x1b[2J", 1), "  ...\n  b\n  c\n- d\n+ D\uFFFD[2J\n  e\n  f\n"},
		"ends":     {before, "A\n" + before[2:14] + "H\n", "- a\n+ A\n  b\n  c\n  ...\n  f\n  g\n- h\n+ H\n"},
		"moved":    {"a\nb\n", "b\na\n", "- a\n  b\n+ a\n"},
	} {
		var out strings.Builder
		if err := setup.WriteDiff(&out, ui.Plain(), []byte(tt.before), []byte(tt.after)); err != nil || out.String() != tt.want {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(tt.want, out.String()))
		}
	}
}

func TestALargeDifferenceIsBounded(t *testing.T) {
	t.Parallel()
	var before, after strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&before, "a%d\n", i)
		fmt.Fprintf(&after, "b%d\n", i)
	}
	var out strings.Builder
	if err := setup.WriteDiff(&out, ui.Plain(), []byte(before.String()), []byte(after.String())); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n != 40_000 {
		t.Errorf("%d lines", n)
	}
}
