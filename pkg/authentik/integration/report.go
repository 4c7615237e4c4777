package integration

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// Report is the document of a plan, of what was applied and of a status.
type Report struct {
	*Plan

	AuthentikURL     string    `json:"authentik_url"`
	AuthentikVersion string    `json:"authentik_version"`
	Application      string    `json:"application"`
	MetadataURL      string    `json:"metadata_url"`
	DryRun           bool      `json:"dry_run"`
	Refused          bool      `json:"refused"`
	Applied          []Step    `json:"applied"`
	Failed           *Failure  `json:"failed"`
	Warnings         []Warning `json:"warnings"`

	// Verified says that authentik was found to be as wanted: after changes by
	// reading it again, and without any by what was read. Unverified is what is
	// still to do then.
	Verified   bool   `json:"verified"`
	Unverified []Step `json:"unverified"`
}

// Failure is why a run ended early.
type Failure struct {
	Error string `json:"error"`
}

func failureOf(err error) *Failure { return &Failure{Error: fault.Text(err)} }

// Warning is something that is known to hurt.
type Warning struct {
	Code   string `json:"code"`
	Text   string `json:"text"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"`
}

func newReport(s Settings, c authentik.Capabilities, p *Plan) *Report {
	return &Report{
		Plan: p, AuthentikURL: s.AuthentikURL, AuthentikVersion: c.Version, Application: s.Application, MetadataURL: s.MetadataURL(),
		Applied: []Step{}, Unverified: []Step{}, Warnings: []Warning{},
	}
}

var _ report.Document = (*Report)(nil)

// RenderText writes a line for each object, what changes of it, the warnings and
// a closing line.
func (r *Report) RenderText(w io.Writer, s ui.Styles) error {
	t := &printer{styles: s}
	t.plan(r, r.Steps)
	for _, step := range r.Unverified {
		t.line("%s the %s %s still differs", s.Bad("not verified:"), step.Kind.Words(), ui.Printable(step.Name))
	}
	t.line("%s", r.closing(s))
	_, err := io.WriteString(w, t.out.String())
	return err
}

// RenderPlan writes what would change, for somebody who is asked whether it is
// meant.
func (r *Report) RenderPlan(w io.Writer, s ui.Styles) error {
	t := &printer{styles: s}
	t.plan(r, r.Pending())
	t.line("%s: %s to make", s.Title("plan"), changes(len(r.Pending())))
	_, err := io.WriteString(w, t.out.String())
	return err
}

func (r *Report) closing(s ui.Styles) string {
	pending := len(r.Pending())
	switch {
	case r.Refused:
		return s.Bad("refused") + ": nothing was written"
	case r.Failed != nil || len(r.Unverified) > 0:
		return s.Bad("incomplete") + fmt.Sprintf(": %d of %s made", len(r.Applied), changes(pending))
	case pending == 0:
		return s.Good("in sync") + ": authentik is as wanted; Sentry reads " + s.Code(r.MetadataURL)
	case !r.DryRun && len(r.Applied) == 0:
		return s.Bad("not applied") + ": nothing was written"
	case r.DryRun:
		return s.Title("pending") + ": " + changes(pending) + " to make; nothing was written"
	}
	return s.Good("done") + ": " + changes(len(r.Applied)) + " made and verified; Sentry reads " + s.Code(r.MetadataURL)
}

func changes(n int) string {
	if n == 1 {
		return "1 change"
	}
	return strconv.Itoa(n) + " changes"
}

// printer is a report that is being written.
type printer struct {
	styles ui.Styles
	out    strings.Builder
}

func (t *printer) line(format string, args ...any) { fmt.Fprintf(&t.out, format+"\n", args...) }

// plan writes steps and the warnings. What replaces something stands first, then
// what is new; the order of applying is kept within each.
func (t *printer) plan(r *Report, steps []Step) {
	for _, action := range []Action{Update, Create, InSync} {
		for _, step := range steps {
			if step.Action == action {
				t.step(step)
			}
		}
	}
	for _, warning := range r.Warnings {
		t.warning(warning)
	}
}

func (t *printer) step(step Step) {
	mark := map[Action]string{Create: t.styles.Good("+"), Update: t.styles.Warn("~"), InSync: t.styles.Dim("=")}[step.Action]
	t.line("%s %s %s", mark, t.styles.Dim(fmt.Sprintf("%-13s", step.Kind.Words())), ui.Printable(step.Name))
	if step.Foreign != "" {
		t.line("    %s %s", t.styles.Warn("looks like somebody else's:"), step.Foreign)
	}
	if step.Loosens != "" {
		t.line("    %s %s", t.styles.Warn("changes who gets in:"), step.Loosens)
	}
	if step.Recognized != "" {
		t.line("    %s %s", t.styles.Dim("taken over:"), step.Recognized)
	}
	for _, c := range step.Changes {
		t.change(step.Action, c)
	}
	for _, k := range step.Kept {
		t.kept(k)
	}
	for _, u := range step.Untold {
		t.wrapped("    "+t.styles.Dim(u.Field+":"), len("    ")+len(u.Field+":"), u.Reason)
	}
}

// kept writes a field that keeps its value.
func (t *printer) kept(k KeptField) {
	standard := ""
	if k.Default != "" {
		standard = " (default " + brief(k.Default) + ")"
	}
	t.wrapped("    "+t.styles.Dim("kept "+k.Field+":"), len("    kept :")+len(k.Field), brief(k.Value)+standard)
}

// change writes a field, its old and new value on one line where they fit.
func (t *printer) change(action Action, c Change) {
	from, to := brief(c.From), brief(c.To)
	switch {
	case action == Create:
		t.line("    %s %s", t.styles.Dim(c.Field+":"), to)
	case len(c.Field)+len(from)+len(to)+len("    :  -> ") <= t.styles.Width():
		t.line("    %s %s -> %s", t.styles.Dim(c.Field+":"), from, to)
	default:
		t.line("    %s", t.styles.Dim(c.Field+":"))
		t.line("      %s", from)
		t.line("      -> %s", to)
	}
}

// brief is a value on one line.
func brief(value string) string {
	first, rest, more := strings.Cut(value, "\n")
	switch {
	case value == "":
		return "(empty)"
	case more:
		return fmt.Sprintf("%s … (%d lines)", first, strings.Count(rest, "\n")+2)
	}
	return value
}

func (t *printer) warning(w Warning) {
	t.line("%s", "")
	t.wrapped(t.styles.Warn("warning:"), len("warning:"), w.Text)
	t.wrapped("  why:", len("  why:"), w.Reason)
	t.wrapped("  fix:", len("  fix:"), w.Fix)
}

// wrapped writes a sentence behind a word of that many columns, broken between
// words.
func (t *printer) wrapped(lead string, width int, sentence string) {
	const indent = "      "
	line := lead
	for word := range strings.FieldsSeq(sentence) {
		if width+1+len(word) > t.styles.Width() {
			t.line("%s", line)
			line, width = indent, len(indent)
		} else {
			line, width = line+" ", width+1
		}
		line, width = line+word, width+len(word)
	}
	t.line("%s", line)
}
