package guide

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/markdown"
)

// Markdown returns the guide as GitHub Flavored Markdown, all steps whole. Values
// stand in code spans and blocks.
func (g *Guide) Markdown() []byte {
	var out bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("# Single sign-on and provisioning: authentik and Sentry\n")
	line("%s.\n", g.Headline)
	line("- Sentry: %s, organization %s\n- authentik: %s\n- Metadata of the identity provider: %s", markdown.Code(g.SentryURL), markdown.Code(g.Org), markdown.Code(g.AuthentikURL), markdown.Code(g.MetadataURL))
	for _, p := range g.Placeholders {
		line("- Replace %s: the value is not known.", markdown.Code(p))
	}
	line("")
	for _, s := range g.Steps {
		line("- [%s] %d. %s%s", map[bool]string{true: "x", false: " "}[s.State == Done], s.Number, s.Title, remark(s))
	}
	part := ""
	for _, s := range g.Steps {
		if s.Part != part {
			part = s.Part
			line("\n## %s", part)
		}
		line("\n### %d. %s\n\n%s", s.Number, s.Title, s.Reason)
		for _, fact := range s.Finding.facts() {
			line("\n**%s:** %s", strings.ToUpper(fact[0][:1])+fact[0][1:], markdown.Code(fact[1]))
		}
		for _, a := range s.Actions {
			markdownAction(line, a)
		}
		for _, note := range s.Notes {
			line("\nNote: %s", note)
		}
		line("\nChecks: %s", strings.Join(s.Checks, ", "))
	}
	return out.Bytes()
}

// remark says of a step that is not done why.
func remark(s Step) string {
	switch {
	case s.Next:
		return " **(next)**"
	case s.State == Unknown:
		return " (not checked)"
	}
	return ""
}

func markdownAction(line func(string, ...any), a Action) {
	line("\n%s", a.Text)
	if len(a.Commands) > 0 {
		line("\n    %s", strings.Join(a.Commands, "\n    ")) // an indented block has no fence that a value could close
	}
	if a.File != "" {
		line("\n    %s", strings.ReplaceAll(strings.TrimSpace(a.File), "\n", "\n    "))
	}
	if len(a.Values) > 0 {
		line("")
	}
	for _, v := range a.Values {
		value := markdown.Code(v.Value)
		if v.Note != "" {
			value += " (" + markdown.Code(v.Note) + ")"
		}
		line("- %s: %s", v.Label, value)
	}
}
