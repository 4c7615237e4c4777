package guide

import (
	"fmt"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var (
	_ report.MarkdownDocument = (*Guide)(nil)
	_ report.HTMLDocument     = (*Guide)(nil)
)

// The columns of the text.
const (
	stepIndent  = 8  // of what belongs to a step
	valueIndent = 10 // of what belongs to an action
	factColumn  = 16 // of what was seen
)

// RenderText writes where it stands, and each step. What is done takes one line.
func (g *Guide) RenderText(w io.Writer, s ui.Styles) error {
	t := &text{styles: s}
	t.fill(ui.Block{Text: g.Headline})
	t.fill(ui.Block{Text: fmt.Sprintf("%s (%s) and %s", g.SentryURL, g.Org, g.AuthentikURL)})
	if len(g.Placeholders) > 0 {
		t.fill(ui.Block{Label: s.Dim("note:"), Column: len("note:  "), Text: "replace " + strings.Join(g.Placeholders, " and ") + ": the value is not known."})
	}
	part := ""
	for _, step := range g.Steps {
		if step.Part != part {
			part = step.Part
			t.line("\n" + s.Title(part))
		}
		t.step(step)
	}
	if g.Counts.Done > 0 {
		t.line("")
		t.fill(ui.Block{Label: s.Dim("note:"), Column: len("note:  "), Text: "what is done takes one line here; -o markdown and -o html have it whole."})
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

// text is a guide that is being written.
type text struct {
	styles ui.Styles
	out    strings.Builder
}

func (t *text) line(line string) { t.out.WriteString(line + "\n") }

func (t *text) fill(b ui.Block) { t.out.WriteString(ui.Fill([]ui.Block{b}, t.styles.Width())) }

// box is the mark of a state, which is not its colour alone.
func (t *text) box(s State) string {
	switch s {
	case Done:
		return t.styles.Good("[x]")
	case Open:
		return t.styles.Warn("[ ]")
	case Unknown:
	}
	return t.styles.Dim("[?]")
}

func (t *text) step(s Step) {
	head := fmt.Sprintf("%s %2d. %s", t.box(s.State), s.Number, s.Title)
	if s.Next {
		head = fmt.Sprintf("%s %s %s", t.box(s.State), t.styles.Title(fmt.Sprintf("%2d. %s", s.Number, s.Title)), t.styles.Warn("<- next"))
	}
	t.line(head)
	if s.State == Done {
		return
	}
	for _, fact := range s.Finding.facts() {
		t.fill(ui.Block{Indent: stepIndent, Label: t.styles.Dim(fact[0]), Column: factColumn, Text: fact[1]})
	}
	t.fill(ui.Block{Indent: stepIndent, Label: t.styles.Dim("why"), Column: factColumn, Text: s.Reason})
	for _, a := range s.Actions {
		t.action(a)
	}
	for _, note := range s.Notes {
		t.fill(ui.Block{Indent: stepIndent, Label: t.styles.Dim("note"), Column: factColumn, Text: note})
	}
	t.fill(ui.Block{Indent: stepIndent, Label: t.styles.Dim("checks"), Column: factColumn, Text: strings.Join(s.Checks, ", ")})
}

// facts are the lines of a finding.
func (f Finding) facts() [][2]string {
	var rows [][2]string
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, [2]string{name, value})
		}
	}
	if f.After != 0 {
		add("after", fmt.Sprintf("step %d, from which this follows", f.After))
		return rows
	}
	add("saw", f.Saw)
	add("fix", f.Fix)
	if f.Why != "" {
		add("saw", "nothing: "+f.Why)
	}
	add("needs", f.Look)
	return rows
}

func (t *text) action(a Action) {
	t.fill(ui.Block{Indent: stepIndent, Label: "-", Column: valueIndent, Text: a.Text})
	pad := strings.Repeat(" ", valueIndent)
	for _, command := range a.Commands {
		lead := "$ "
		for _, line := range continued(command, t.styles.Width()-valueIndent-len(lead)) {
			t.line(pad + t.styles.Code(lead+line))
			lead = "    "
		}
	}
	if a.long() {
		t.line(pad + t.styles.Dim(fmt.Sprintf("(%d bytes, which -o html and -o markdown have)", len(a.File))))
	} else {
		for line := range strings.Lines(a.File) {
			t.line(pad + t.styles.Code(strings.TrimRight(line, "\n")))
		}
	}
	t.values(a.Values)
}

// values writes labels and values beside each other, or each value below its label
// where several lines are too short. A value is never broken.
func (t *text) values(list []Value) {
	pad := strings.Repeat(" ", valueIndent)
	column, broken := 0, 0
	for _, v := range list {
		column = max(column, len(v.Label))
	}
	fits := func(v Value) bool { return valueIndent+column+len("  ")+len([]rune(v.Value)) <= t.styles.Width() }
	for _, v := range list {
		if !fits(v) {
			broken++
		}
	}
	for _, v := range list {
		shown := v.Value
		if v.Copy {
			shown = t.styles.Code(v.Value)
		}
		if fits(v) && broken < 2 {
			t.line(pad + t.styles.Dim(v.Label) + strings.Repeat(" ", column-len(v.Label)) + "  " + shown)
		} else {
			t.line(pad + t.styles.Dim(v.Label))
			t.line(pad + "  " + shown)
		}
		if v.Note != "" {
			t.fill(ui.Block{Indent: valueIndent + len("  "), Text: v.Note})
		}
	}
}

// continued breaks a command into lines, between words, so that a shell reads it
// whole. A flag stays with its value, and a redirection with its file.
func continued(command string, width int) []string {
	if len([]rune(command)) <= width {
		return []string{command}
	}
	width -= len("   \\") // lines that follow are indented, and all but the last go on
	var parts []string
	for word := range strings.SplitSeq(command, " ") {
		last := len(parts) - 1
		joins := last >= 0 && (parts[last] == "<" || parts[last] == ">" || isFlag(parts[last]) && !strings.ContainsAny(word[:min(1, len(word))], "-<>"))
		if joins && len(parts[last])+1+len(word) <= width {
			parts[last] += " " + word
			continue
		}
		parts = append(parts, word)
	}
	lines := []string{parts[0]}
	for _, part := range parts[1:] {
		line := &lines[len(lines)-1]
		if len([]rune(*line))+1+len([]rune(part)) > width {
			*line += " \\"
			lines = append(lines, part)
			continue
		}
		*line += " " + part
	}
	return lines
}

// isFlag reports whether a word is a flag that a value may follow.
func isFlag(word string) bool {
	return strings.HasPrefix(word, "--") && !strings.ContainsAny(word, " =")
}
