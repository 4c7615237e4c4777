package access

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/markdown"
)

// Markdown is the review as GitHub Flavored Markdown, with a column to sign off. All
// that comes from outside stands in code, in which nothing means anything.
func (r *Review) Markdown() []byte {
	p := r.page()
	m := &writer{}
	m.line("# Access review of %s\n", markdown.Code(strings.TrimPrefix(p.Title, "Access review of ")))
	m.line("**%s**\n", p.Headline)
	for _, f := range p.Facts {
		m.line("- %s: %s", f.Name, markdown.Code(strings.ReplaceAll(f.Value, "\n", "; ")))
	}
	m.line("\nReviewed by: ____________________ Date: ____________________")
	m.line("\n## What was read\n\n| Source | State |\n|---|---|")
	for _, s := range p.Sources {
		m.line("| %s | %s |", s.Name, markdown.Cell(s.state()))
	}
	for _, c := range p.Charts {
		m.line("\n## %s\n\n| | Members |\n|---|--:|", c.Title)
		for _, b := range c.Bars {
			m.line("| %s | %d |", markdown.Cell(b.Name), b.Value)
		}
	}
	m.findings(p)
	m.changes(p)
	m.members(p)
	m.leavers(p)
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

func (m *writer) findings(p *page) {
	m.line("\n## Findings\n")
	if len(p.Findings) == 0 {
		m.line("None.")
	}
	for _, f := range p.Findings {
		m.line("- **%s** (%d): %s %s Who: %s.", f.Code, len(f.Members), sentence(f.Title), sentence(f.Advice), codes(f.Members))
	}
}

func (m *writer) changes(p *page) {
	if p.Last == "" {
		return
	}
	m.line("\n## Changes since the review of %s\n", p.Last)
	if len(p.Changes) == 0 {
		m.line("None.")
	}
	for _, c := range p.Changes {
		m.line("- %s (%d): %s", c.Title, len(c.Items), codes(c.Items))
	}
}

func (m *writer) members(p *page) {
	m.line("\n## Members\n\n| Member | Why | Role | Teams | Projects | SSO | Last active | Findings | Source | Keep, change or remove; name |")
	m.line("|---|---|---|---|---|---|---|---|---|---|")
	for _, row := range p.Members {
		who := markdown.Cell(row.Email)
		if row.Name != "" {
			who += " " + markdown.Cell(row.Name)
		}
		m.line("| %s | %s | %s (%s) | %s | %s | %s | %s | %s | %s | |", who, markdown.Cell(row.Why), markdown.Cell(row.Role), markdown.Cell(row.RoleWhy),
			cells(row.Teams), cells([]string{row.Projects}), row.Login, row.Seen, strings.Join(row.Findings, ", "), row.Source)
	}
}

func (m *writer) leavers(p *page) {
	m.line("\n## Leavers\n")
	if len(p.Leavers) == 0 {
		m.line("None%s.", p.Unknown)
		return
	}
	if p.Unknown != "" {
		m.line("Not all%s.\n", p.Unknown)
	}
	m.line("| Leaver | In the directory | Removed from Sentry | By | Source | Confirmed by |\n|---|---|---|---|---|---|")
	for _, l := range p.Leavers {
		m.line("| %s | %s | %s | %s | %s | |", markdown.Cell(l.Email), markdown.Cell(l.Ended), l.Removed, cells([]string{l.By}), markdown.Cell(l.Source))
	}
}

// cells are several texts in one cell.
func cells(texts []string) string {
	list := []string{}
	for _, text := range texts {
		if text != "" {
			list = append(list, markdown.Cell(text))
		}
	}
	return strings.Join(list, "<br>")
}

// maxListed is how many names a line has.
const maxListed = 200

func codes(texts []string) string {
	list := []string{}
	for _, text := range texts[:min(len(texts), maxListed)] {
		list = append(list, markdown.Code(text))
	}
	if more := len(texts) - maxListed; more > 0 {
		list = append(list, "and "+strconv.Itoa(more)+" more, in the table of members")
	}
	return strings.Join(list, ", ")
}
