package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// namedDocument has names wherever a document can have them.
type namedDocument struct {
	document

	Keys   map[string]string `json:"keys"`
	Nested []map[string]any  `json:"nested"`
	Float  float64           `json:"float"`
	Null   *string           `json:"null"`
}

func named(name string) namedDocument {
	return namedDocument{
		document: document{Name: name, Yes: "yes", List: []string{name, "x" + name, name + "x"}},
		Keys:     map[string]string{name: name, "": "empty"},
		Nested:   []map[string]any{{}, {name: []any{name, true, nil, 1.5e300, []any{}}}},
		Float:    -0.25,
	}
}

// hostileNames are names that a terminal, an editor or a parser could obey.
func hostileNames() []string {
	names := []string{
		"", " ", "\n", " \n a", "\n\n", "a\n", "a\n\n", "a \nb", "a\n  b\nc", "\ta", "a\tb", "\r", "a\r\nb", "~", "null", "yes", "No", "on", "Off", "y",
		"1", "1.0", "1e3", "0x1f", "0o17", "1_000", "12:30:45", "2026-11-23", ".inf", "=", "<<", "- a", "a: b", "a #b", "#", "&a", "*a", "!a", "|", ">", "'", `"`,
		"%", "@", "`", "{", "[", "?", ":", ",", "---", "...", `\u0041`, "\xff", "a\xc3", "\xed\xa0\x80", "\u0085", "\u007f", "\u009b31m", "\x1b[31m", "\x00",
		"\u202e\u2066", "\u200e\u200f", "\ufeff", "a\ufeffb", "\u2028", "a\u2029b", "\u00ad", "\ufffe\uffff", "\U000e0041", "\U0010ffff", "😀", "\u00a0", "\u061c",
		strings.Repeat("long words ", 40), strings.Repeat("\u202e long ", 40), strings.Repeat("x", 300) + " \n",
	}
	for r := range rune(0x20) {
		names = append(names, "a"+string(r)+"b", string(r))
	}
	return names
}

func FuzzEveryNameComesBack(f *testing.F) {
	for _, name := range hostileNames() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		var want any
		plain, err := json.Marshal(named(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(plain, &want); err != nil {
			t.Fatal(err)
		}
		asJSON, asYAML := written(t, report.JSON, name), written(t, report.YAML, name)
		var fromJSON any
		if err := json.Unmarshal([]byte(asJSON), &fromJSON); err != nil {
			t.Fatalf("%v\n%s", err, asJSON)
		}
		if diff := cmp.Diff(want, fromJSON); diff != "" {
			t.Errorf("JSON gives other data back (-want +got):\n%s", diff)
		}
		var fromYAML any
		if err := yaml.Unmarshal([]byte(asYAML), &fromYAML); err != nil {
			t.Fatalf("%v\n%s", err, asYAML)
		}
		again, err := json.Marshal(fromYAML)
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal(again, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("YAML gives other data back (-want +got):\n%s\n%s", diff, asYAML)
		}
	})
}

func written(t *testing.T, format report.Format, name string) string {
	t.Helper()
	var out strings.Builder
	if err := report.Write(&out, ui.Plain(), format, named(name)); err != nil {
		t.Fatalf("%s of %q: %v", format, name, err)
	}
	if !utf8.ValidString(out.String()) {
		t.Errorf("%s of %q is not UTF-8", format, name)
	}
	for _, r := range out.String() {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Fatalf("%s of %q prints %U:\n%s", format, name, r, out.String())
		}
	}
	return out.String()
}

func TestYAMLIsReadable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	doc := document{Name: "Ada Example", Yes: "no", Count: -3, List: []string{"line\nline\n", "a\u202eb", "12:30", "zwölf"}, Empty: []string{}}
	if err := report.Write(&out, ui.Plain(), report.YAML, doc); err != nil {
		t.Fatal(err)
	}
	want := `name: Ada Example
yes: "no"
count: -3
list:
  - |
    line
    line
  - "a\u202Eb"
  - "12:30"
  - zwölf
empty: []
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
