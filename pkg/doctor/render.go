package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var (
	_ report.MarkdownDocument = (*Report)(nil)
	_ report.JUnitDocument    = (*Report)(nil)
)

// RenderText writes the verdict, each cause with what it explains, what was not
// checked and why, and what is fine.
func (r *Report) RenderText(w io.Writer, s ui.Styles) error {
	t := &text{styles: s}
	t.line(paint(s, r.Verdict, string(r.Verdict)+":") + strings.TrimPrefix(r.Headline, string(r.Verdict)+":")) // one line, for whoever looks for it
	for _, p := range r.Problems {
		t.line("")
		t.problem(p)
	}
	t.missing(r.reasons())
	t.fine(r.Results)
	_, err := io.WriteString(w, t.out.String())
	return err
}

func paint(s ui.Styles, v Verdict, word string) string {
	switch v {
	case OK:
		return s.Good(word)
	case Warning:
		return s.Warn(word)
	case Failed:
		return s.Bad(word)
	case Unchecked:
	}
	return s.Dim(word)
}

// text is a report that is being written.
type text struct {
	styles ui.Styles
	out    strings.Builder
}

func (t *text) line(line string) { t.out.WriteString(line + "\n") }

func (t *text) problem(p Problem) {
	t.wrapped(paint(t.styles, p.Verdict, string(p.Verdict)), len(p.Verdict), fmt.Sprintf("%s (%s)", p.Code, p.Side), "  ")
	t.fact("saw", p.Saw)
	t.fact("wanted", p.Wanted)
	t.fact("fix", p.Fix)
	if p.Certainty != Certain {
		t.fact("certainty", string(p.Certainty))
	}
	var codes []string
	for _, c := range p.Consequences {
		codes = append(codes, c.Code)
	}
	if len(codes) > 0 {
		t.fact("explains", strings.Join(codes, ", "))
	}
}

// factWidth is the column that the values of facts begin in.
const factWidth = 12

func (t *text) fact(name, value string) {
	if value == "" {
		return
	}
	lead := "  " + name + strings.Repeat(" ", factWidth-len(name)-3)
	t.wrapped(t.styles.Dim(lead), len(lead), value, strings.Repeat(" ", factWidth))
}

// wrapped writes a sentence behind a word of that many columns, broken between
// words where it is too long.
func (t *text) wrapped(lead string, width int, sentence, indent string) {
	line := lead
	for word := range strings.FieldsSeq(sentence) {
		if n := len([]rune(word)); width+1+n > t.styles.Width() {
			t.line(line)
			line, width = indent+word, len(indent)+n
		} else {
			line, width = line+" "+word, width+1+n
		}
	}
	t.line(line)
}

// reason is why several checks were not made.
type reason struct {
	why   string
	codes []string
}

// reasons are why checks were not made, those left aside that a fault explains.
func (r *Report) reasons() []reason {
	var list []reason
	for _, result := range r.Results {
		if result.Verdict != Unchecked || result.Cause != "" {
			continue
		}
		i := 0
		for i < len(list) && list[i].why != result.Why {
			i++
		}
		if i == len(list) {
			list = append(list, reason{why: result.Why})
		}
		list[i].codes = append(list[i].codes, result.Code)
	}
	return list
}

func (t *text) missing(reasons []reason) {
	if len(reasons) == 0 {
		return
	}
	t.line("")
	t.line(t.styles.Title("not checked"))
	for _, r := range reasons {
		t.wrapped(" ", 1, r.why+": "+strings.Join(r.codes, ", "), "    ")
	}
}

func (t *text) fine(results []Result) {
	var codes []string
	for _, r := range results {
		if r.Verdict == OK {
			codes = append(codes, r.Code)
		}
	}
	if len(codes) == 0 {
		return
	}
	t.line("")
	t.line(t.styles.Title("ok") + ": " + phrase.Count(len(codes), "check", "checks"))
	for _, line := range ui.Wrap(codes, "  ", t.styles.Width()) {
		t.line(line)
	}
}
