package access

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/ui"
)

// page is what Markdown and HTML show. All texts are clean.
type page struct {
	Title    string
	Headline string
	Good     bool
	Facts    []fact
	Sources  []Source
	Charts   []chart
	Findings []Finding
	Changes  []changeList
	Last     string // time of the last review; empty: none was compared
	Members  []memberRow
	Leavers  []leaverRow
	Unknown  string // says that more people may have left
	Notes    []string
}

// memberRow is a member in words.
type memberRow struct {
	Email, Name, Why, Role, RoleWhy string
	Source                          string
	Teams                           []string
	Projects, Login, Seen           string
	Findings                        []string
}

type leaverRow struct{ Email, Ended, Removed, By, Source string }

// chart is some numbers as bars, in one scale.
type chart struct {
	Title string
	Bars  []bar
}

type bar struct {
	Name    string
	Value   int
	Percent float64 // of the width that there is
}

func (r *Review) page() *page {
	p := &page{
		Title: ui.Printable("Access review of " + r.Organization), Headline: r.Headline(), Good: len(r.Findings) == 0 && len(r.NotRead()) == 0,
		Facts: slices.DeleteFunc(r.facts(), func(f fact) bool { return f.Name == foundFact || f.Name == "Not read" }), Charts: r.charts(), Notes: cleanAll(r.Notes),
		Unknown: r.unknownLeavers(),
	}
	for _, s := range r.Sources {
		p.Sources = append(p.Sources, Source{Name: s.Name, Read: s.Read, From: ui.Printable(s.From), Entries: s.Entries, Why: ui.Printable(s.Why)})
	}
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, Finding{f.Code, f.Title, f.Advice, cleanAll(f.Members)})
	}
	if r.Changes != nil {
		p.Last = r.Changes.LastReviewedAt.Format(time.RFC3339)
	}
	for _, c := range r.Changes.lists() {
		p.Changes = append(p.Changes, changeList{c.Title, cleanAll(c.Items)})
	}
	for _, m := range r.Members {
		p.Members = append(p.Members, m.row())
	}
	for _, l := range r.Leavers {
		p.Leavers = append(p.Leavers, leaverRow{ui.Printable(l.Email), ui.Printable(l.Ended), l.removed(), ui.Printable(l.RemovedBy), ui.Printable(l.Source)})
	}
	return p
}

func cleanAll(texts []string) []string {
	cleaned := make([]string, 0, len(texts))
	for _, text := range texts {
		cleaned = append(cleaned, ui.Printable(text))
	}
	return cleaned
}

func (m Member) row() memberRow {
	row := memberRow{
		Email: ui.Printable(m.Email), Name: ui.Printable(m.Name), Why: ui.Printable(m.Directory.Why), Role: ui.Printable(m.Role), RoleWhy: ui.Printable(m.RoleWhy),
		Source: ui.Printable(m.Source), Projects: notRead, Login: m.login(), Seen: "unknown",
	}
	if m.Name == m.Email {
		row.Name = ""
	}
	for _, t := range m.Teams {
		row.Teams = append(row.Teams, ui.Printable(t.words()+": "+t.Why))
	}
	if m.Teams == nil {
		row.Teams = []string{notRead}
	}
	if m.Projects != nil {
		row.Projects = ui.Printable(strings.Join(m.Projects, ", "))
	}
	if m.Everyone {
		row.Projects = "all, by the role"
	}
	switch {
	case m.SSOLinked == nil:
		row.Seen = notRead
	case m.LastSeen != nil:
		row.Seen = m.LastSeen.Format(time.DateOnly)
	}
	for _, code := range m.Findings {
		row.Findings = append(row.Findings, string(code))
	}
	return row
}

// login says how far the member has come.
func (m Member) login() string {
	switch {
	case m.Invited == nil || m.SSOLinked == nil:
		return notRead
	case *m.Invited && m.Expired != nil && *m.Expired:
		return "invited " + day(m.AddedAt) + ", expired"
	case *m.Invited:
		return "invited " + day(m.AddedAt)
	case *m.SSOLinked:
		return "linked"
	}
	return "not linked"
}

func day(t *time.Time) string {
	if t == nil {
		return "(no date)"
	}
	return t.Format(time.DateOnly)
}

// charts are the numbers that say most.
func (r *Review) charts() []chart {
	roles := []bar{}
	for _, role := range slices.Sorted(maps.Keys(r.Totals.Roles)) {
		roles = append(roles, bar{Name: ui.Printable(role), Value: r.Totals.Roles[role]})
	}
	charts := []chart{{"Members by role", scaled(roles)}}
	findings := []bar{}
	for _, f := range r.Findings {
		findings = append(findings, bar{Name: string(f.Code), Value: len(f.Members)})
	}
	if len(findings) > 0 {
		charts = append(charts, chart{"Members by finding", scaled(findings)})
	}
	if a := r.Totals.Activity; a != nil {
		charts = append(charts, chart{"Last active", scaled([]bar{
			{Name: "within 30 days", Value: a.Month}, {Name: "within 90 days", Value: a.Quarter}, {Name: "longer ago", Value: a.Longer}, {Name: "unknown", Value: a.Never},
		})})
	}
	return charts
}

// scaled gives the longest bar the whole width; a number that is not zero has a bar
// that can be seen.
func scaled(bars []bar) []bar {
	const seen, whole = 0.5, 100.0
	scale := 1
	for _, b := range bars {
		scale = max(scale, b.Value)
	}
	for i, b := range bars {
		if b.Value > 0 {
			bars[i].Percent = max(seen, math.Round(10*whole*float64(b.Value)/float64(scale))/10)
		}
	}
	return bars
}

// sentence is text with a capital letter and a full stop.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] + "." }

// state says in words whether a source was read.
func (s Source) state() string {
	if !s.Read {
		return notRead + ": " + s.Why
	}
	return strconv.Itoa(s.Entries) + " from " + s.From
}
