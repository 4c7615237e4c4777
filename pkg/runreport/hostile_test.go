package runreport_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/runreport"
)

// canary stands in every hostile name: where it is found, the name was shown.
const canary = "zzcanary"

// hostile returns names that mean something to a reader of some format.
func hostile() []string {
	return []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "javascript:alert(1)", "</td></table><h1>", "{{.Error}}",
		"</style><style>*{display:none}", "<!--", "-->", "]]>", "<![CDATA[", "&amp;&#60;script&#62;", "' onclick='x",
		"a|b", `a\|b`, "a\n| b |\n|---|", "\n\n# heading", "- item", "1. item", "`code`", "``", "`", "` `` ```", "[a](https://evil.test)",
		"![i](https://evil.test/x.png)", "https://evil.test", "@acme/everybody", "#1", "$x$", "*b* _i_ ~~s~~", "  spaced  ", "<details>",
		"\x00\x01\x1b[31m\x7f\u009b", "\u202egnp.exe", "\u2066\u2069\u061c", "a\r\nb", "\u2028\u2029", "\ufffe\uffff", "\xff\xfe", "\ud7ff\ue000", "\U000e0041",
		"::error::x", "##[set-output name=a]b", "%0A::error::x", strings.Repeat("long", 1000),
	}
}

// forEach renders every kind of run with every hostile name, in one format.
func forEach(t *testing.T, format runreport.Format, check func(t *testing.T, bad, out string)) {
	t.Helper()
	for _, bad := range hostile() {
		for kind, run := range runs(func(name string) string { return canary + bad + name }) {
			t.Run(kind, func(t *testing.T) {
				t.Parallel()
				out := render(t, run, format)
				if !utf8.ValidString(out) || !strings.Contains(out, canary) {
					t.Errorf("%q: no text, or without the name", bad)
				}
				check(t, bad, out)
			})
		}
	}
}

// noControls finds characters that move, reorder or hide text.
func noControls(t *testing.T, bad, out string) {
	t.Helper()
	for _, r := range out {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Fatalf("%q: the character %U came through", bad, r)
		}
	}
}

func TestHostileNamesAreHarmlessInHTML(t *testing.T) {
	t.Parallel()
	clean := map[string]string{}
	for kind, run := range runs(same) {
		clean[kind] = elements(t, render(t, run, runreport.HTML))
	}
	forEach(t, runreport.HTML, func(t *testing.T, bad, out string) {
		t.Helper()
		noControls(t, bad, out)
		kind := t.Name()[strings.LastIndex(t.Name(), "/")+1:]
		kind, _, _ = strings.Cut(kind, "#")
		if got := elements(t, out); got != clean[kind] {
			t.Errorf("%q changed the elements of the page:\n%s\nwant\n%s", bad, got, clean[kind])
		}
	})
}

// elements lists the elements and attributes of a page in order, items of a list
// once: an error of several lines has several. Those that could load or run
// something are errors.
func elements(t *testing.T, page string) string {
	t.Helper()
	var list strings.Builder
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			list.WriteString(element(t, z.Token()) + "\n")
		}
		if kind != html.ErrorToken {
			continue
		}
		if !errors.Is(z.Err(), io.EOF) {
			t.Fatal(z.Err())
		}
		return regexp.MustCompile(`(li\n)+`).ReplaceAllString(list.String(), "$1")
	}
}

func element(t *testing.T, token html.Token) string {
	t.Helper()
	words := []string{token.Data}
	for _, a := range token.Attr {
		words = append(words, a.Key)
		if strings.HasPrefix(a.Key, "on") || slices.Contains([]string{"src", "href", "style"}, a.Key) {
			t.Errorf("the page has the attribute %s", a.Key)
		}
	}
	if slices.Contains([]string{"script", "link", "iframe", "a", "img"}, token.Data) {
		t.Errorf("the page has the element %s", token.Data)
	}
	return strings.Join(words, " ")
}

func TestThePageIsAccessibleAndShutIn(t *testing.T) {
	t.Parallel()
	for kind, run := range runs(same) {
		page := render(t, run, runreport.HTML)
		tree, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for node := range tree.Descendants() {
			if node.Type != html.ElementNode {
				continue
			}
			count[node.Data]++
			if node.Data == "th" && !hasAttribute(node, "scope") {
				t.Errorf("%s: a heading of a table without its scope", kind)
			}
		}
		if count["h1"] != 1 || count["main"] != 1 || count["title"] != 1 || count["caption"] != count["table"] || count["table"] == 0 {
			t.Errorf("%s: elements %v", kind, count)
		}
		for _, want := range []string{
			`<html lang="en">`, `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
			"prefers-color-scheme: dark", "@media print", run.Org,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %s", kind, want)
			}
		}
	}
}

func hasAttribute(node *html.Node, name string) bool {
	for _, a := range node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func TestHostileNamesAreHarmlessInXML(t *testing.T) {
	t.Parallel()
	forEach(t, runreport.JUnit, func(t *testing.T, bad, out string) {
		t.Helper()
		noControls(t, bad, out)
		var suites struct {
			Suite struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Errors   int `xml:"errors,attr"`
				Skipped  int `xml:"skipped,attr"`
				Cases    []struct {
					Failure *struct{} `xml:"failure"`
					Error   *struct{} `xml:"error"`
					Skipped *struct{} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		dec := xml.NewDecoder(strings.NewReader(out))
		if err := dec.Decode(&suites); err != nil {
			t.Fatalf("%q: %v", bad, err)
		}
		s := suites.Suite
		for _, c := range s.Cases {
			s.Tests--
			switch {
			case c.Failure != nil:
				s.Failures--
			case c.Error != nil:
				s.Errors--
			case c.Skipped != nil:
				s.Skipped--
			}
		}
		if len(s.Cases) != 15+len(plan.GuardNames()) || s.Tests != 0 || s.Failures != 0 || s.Errors != 0 || s.Skipped != 0 {
			t.Errorf("%q: %d cases, and the counts are wrong by %+v", bad, len(s.Cases), s)
		}
	})
}

func TestHostileNamesAreHarmlessInMarkdown(t *testing.T) {
	t.Parallel()
	forEach(t, runreport.Markdown, func(t *testing.T, bad, out string) {
		t.Helper()
		noControls(t, bad, out)
		for line := range strings.Lines(out) {
			rest := withoutCode(strings.TrimSuffix(line, "\n"))
			if strings.Contains(rest, canary) {
				t.Errorf("%q stands outside of code in %q", bad, line)
			}
			if strings.ContainsAny(rest, "`<>[]") {
				t.Errorf("%q left %q of the line %q", bad, rest, line)
			}
			if strings.Contains(line, canary) && !strings.HasPrefix(line, "- ") {
				t.Errorf("%q is in no list item: %q", bad, line)
			}
		}
	})
}

// withoutCode takes the code spans out of a line of Markdown, as CommonMark 6.1
// finds them: from a row of backticks to the next row of the same length.
func withoutCode(line string) string {
	fence := regexp.MustCompile("`+")
	var outside strings.Builder
	for {
		begin := fence.FindStringIndex(line)
		if begin == nil {
			return outside.String() + line
		}
		outside.WriteString(line[:begin[0]])
		length := begin[1] - begin[0]
		after := line[begin[1]:]
		end := -1
		for _, found := range fence.FindAllStringIndex(after, -1) {
			if found[1]-found[0] == length {
				end = found[1]
				break
			}
		}
		if end < 0 {
			return outside.String() + line[begin[0]:]
		}
		line = after[end:]
	}
}

func TestJSONHasTheReportAndHowItEnded(t *testing.T) {
	t.Parallel()
	forEach(t, runreport.JSON, func(t *testing.T, bad, out string) {
		t.Helper()
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%q: %v", bad, err)
		}
		for _, key := range []string{"org", "plan", "failed", "refused", "before", "after", "exit_code", "error", "hints", "started_at", "version"} {
			if _, ok := got[key]; !ok {
				t.Errorf("the key %s is missing", key)
			}
		}
		if strings.Contains(out, ": null") && !strings.Contains(out, `"after": null`) {
			t.Errorf("something is null:\n%s", out)
		}
	})
}
