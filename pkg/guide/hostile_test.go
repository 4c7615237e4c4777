package guide_test

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/doctor"
	"github.com/sentryidp/sentryidp/pkg/guide"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// attacks are texts that mean something to a browser, a terminal, Markdown or a
// shell.
func attacks() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</style><script>`, `javascript:alert(1)`, "a\x1b[2J\x07b", "a\u202eb", "a\nb\r\nc",
		"`; rm -rf ~; `", "$(rm -rf ~)", "'; rm -rf ~ #", "</pre><h1>x</h1>", "[x](javascript:1)", "{{.}}", "https://user:hunter2@example.com/?token=hunter2#x",
	}
}

// evil is a guide whose outside values are all the text.
func evil(t *testing.T, text string, audience guide.Audience) *guide.Guide {
	t.Helper()
	s := settings(t, "https://sentry.example.com")
	s.For, s.AuthentikURL, s.Application, s.MetadataURL, s.SCIMURL, s.BindGroups = audience, text, text, text, text, []string{text}
	s.Attributes = integration.AttributesOf(sentry.Preset{Key: "saml.attributes", Mapping: sentry.Mapping{Identifier: text, Email: text, FirstName: text, LastName: text}})
	s.Flags = func(string) []string { return []string{"--authentik-url", text} }
	one := strings.Map(func(r rune) rune { // as doctor has it: one line without control characters
		if ui.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if strings.Contains(text, "hunter2") {
		one = "no credentials" // as doctor has it
	}
	var results []doctor.Result
	for _, code := range []string{"sentry-tls/expired", "authentik-provider/audience", "owners/few"} {
		results = append(results, doctor.Result{Code: code, Verdict: doctor.Failed, Saw: one, Fix: one})
	}
	return ticked(s, seen(append(results, unchecked("directory", one))...))
}

func TestNothingFromOutsideMeansAnything(t *testing.T) {
	t.Parallel()
	for _, text := range attacks() {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			for _, audience := range []guide.Audience{guide.Sentry, guide.Authentik, guide.SelfHosted} {
				g := evil(t, text, audience)
				page := render(t, g, report.HTML)
				sameTags(t, page, render(t, evil(t, "harmless", audience), report.HTML))
				for _, format := range []report.Format{report.Text, report.Markdown, report.HTML, report.JSON, report.YAML} {
					shown := render(t, g, format)
					if i := strings.IndexFunc(shown, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }); i >= 0 {
						t.Errorf("%s has the control character %q", format, shown[i:min(len(shown), i+8)])
					}
					if strings.Contains(shown, "hunter2") && audience != guide.Sentry {
						t.Errorf("%s shows a credential", format)
					}
				}
				for line := range strings.Lines(string(g.Markdown())) {
					if strings.Contains(line, "<script") && !strings.HasPrefix(line, "    ") && !strings.Contains(line, "`") {
						t.Errorf("Markdown has %s", line)
					}
				}
			}
		})
	}
}

// sameTags holds a page against one with the same elements: a text has made none.
func sameTags(t *testing.T, page, like string) {
	t.Helper()
	tags := func(text string) string {
		var names []string
		for z := html.NewTokenizer(strings.NewReader(text)); z.Next() != html.ErrorToken; {
			if token := z.Token(); token.Type == html.StartTagToken || token.Type == html.EndTagToken || token.Type == html.SelfClosingTagToken {
				names = append(names, token.Data)
			}
		}
		return strings.Join(names, " ")
	}
	if got, want := tags(page), tags(like); got != want {
		t.Errorf("%d elements, expected %d", strings.Count(got, " "), strings.Count(want, " "))
	}
}

// TestAShellReadsNothingOfOutside looks for words of outside that a shell obeys.
func TestAShellReadsNothingOfOutside(t *testing.T) {
	t.Parallel()
	for _, text := range attacks() {
		for _, s := range evil(t, text, guide.SelfHosted).Steps {
			for _, a := range s.Actions {
				for _, command := range a.Commands {
					if bare := unquoted(command); strings.ContainsAny(bare, "`$;#\n") {
						t.Errorf("%q is bare in %s", bare, command)
					}
				}
			}
		}
	}
}

// unquoted is what stands outside of quotes.
func unquoted(command string) string {
	var out strings.Builder
	inside := false
	escaped := false
	for _, r := range command {
		switch {
		case escaped:
			escaped = false
		case r == '\'':
			inside = !inside
		case inside:
		case r == '\\':
			escaped = true
		default:
			out.WriteRune(r)
		}
	}
	return strings.ReplaceAll(out.String(), "(umask 077; ", "")
}
