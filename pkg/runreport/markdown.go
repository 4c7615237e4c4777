package runreport

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/markdown"
)

// Markdown returns the report as GitHub Flavored Markdown. All that comes from
// outside stands in code spans, in which nothing means anything: no link, no
// mention, no HTML. No table has any of it, for a "|" ends a cell even there.
func (r *Run) Markdown() []byte {
	p := r.page()
	m := &writer{}
	m.line("# %s %s\n", p.Job, markdown.Code(p.Facts[0].Value))
	m.line("**%s**\n", p.Headline)
	m.reasons(p)
	for _, f := range p.Facts {
		m.line("- %s: %s", f.Name, markdown.Code(f.Value))
	}
	m.figures(p)
	m.failures(p)
	m.groups(p)
	m.guards(p)
	m.skipped(p)
	m.list("Notes", p.Notes)
	return m.text.Bytes()
}

type writer struct{ text bytes.Buffer }

func (m *writer) line(format string, args ...any) { fmt.Fprintf(&m.text, format+"\n", args...) }

func (m *writer) list(title string, items []string) {
	if len(items) == 0 {
		return
	}
	m.line("\n## %s\n", title)
	for _, item := range items {
		m.line("- %s", markdown.Code(item))
	}
}

func (m *writer) reasons(p *page) {
	for _, text := range p.Errors {
		m.line("- %s", markdown.Code(text))
	}
	for _, hint := range p.Hints {
		m.line("- Hint: %s", markdown.Code(hint))
	}
	if len(p.Errors)+len(p.Hints) > 0 {
		m.line("")
	}
}

func (m *writer) figures(p *page) {
	if len(p.Figures) == 0 {
		return
	}
	m.line("\n## Before and after\n\n| | Before | %s |\n|---|--:|--:|", p.After)
	for _, f := range p.Figures {
		m.line("| %s | %s | %s |", f.Name, number(f.Before), number(f.After))
	}
}

func (m *writer) groups(p *page) {
	if len(p.Groups) == 0 {
		return
	}
	m.line("\n## %s", p.Changes)
	for _, g := range p.Groups {
		m.line("\n### %s: %s\n\n%s\n", g.Title, g.Made, g.Why)
		for _, row := range g.Rows {
			m.line("- %s", described(g.Columns, row))
		}
	}
}

func (m *writer) failures(p *page) {
	if len(p.Failed) > 0 {
		m.line("\n## Failed\n")
	}
	for _, f := range p.Failed {
		label := "could not"
		if f.Uncertain {
			label = f.Label() + ":"
		}
		parts := []string{fmt.Sprintf("- %s %s: %s", label, markdown.Code(f.Change), markdown.Code(f.Error))}
		for _, hint := range f.Hints {
			parts = append(parts, "hint: "+markdown.Code(hint))
		}
		m.line("%s", strings.Join(parts, ", "))
	}
	m.list("Not verified: Sentry still needs to", p.Missing)
}

func (m *writer) guards(p *page) {
	if len(p.Guards) > 0 {
		m.line("\n## Guards\n")
	}
	for _, g := range p.Guards {
		state := g.State
		if g.Limit != "" {
			state += ", limit " + g.Limit
		}
		m.line("- %s (%s, seen %s): %s", g.Name, state, g.Seen, markdown.Code(g.Says))
	}
}

func (m *writer) skipped(p *page) {
	if len(p.Skipped) > 0 {
		m.line("\n## Left out on purpose\n")
	}
	for _, row := range p.Skipped {
		m.line("- %s: %s", codes(row[0]), codes(row[1]))
	}
}

// described is a row as text: what it is about, and what the other columns say
// of it.
func described(columns []string, row [][]string) string {
	parts := []string{codes(row[0])}
	for i, cell := range row[1:] {
		parts = append(parts, strings.ToLower(columns[i+1])+" "+codes(cell))
	}
	return strings.Join(parts, ", ")
}

func codes(names []string) string {
	spans := make([]string, 0, len(names))
	for _, name := range names {
		spans = append(spans, markdown.Code(name))
	}
	return strings.Join(spans, ", ")
}

func number(n *int) string {
	if n == nil {
		return "not known"
	}
	return strconv.Itoa(*n)
}

// Cut returns markdown of at most limit bytes: whole lines, and a note where
// some are left out. A limit that has no room for the note gives nothing.
func Cut(markdown []byte, limit int) []byte {
	const note = "\n**The report is cut here: it is longer than the place it is written to allows.**\n"
	if len(markdown) <= limit {
		return markdown
	}
	room := limit - len(note)
	if room < 0 {
		return nil
	}
	end := bytes.LastIndexByte(markdown[:room], '\n') + 1
	return append(bytes.Clone(markdown[:end]), note...)
}
