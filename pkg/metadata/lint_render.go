package metadata

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

var _ report.Document = (*Judgement)(nil)

// RenderText writes the verdict, what Sentry keeps, and the findings.
func (j *Judgement) RenderText(w io.Writer, s ui.Styles) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s\n", s.Title(ui.Printable(j.Source)+":"), j.verdict(s))
	if err := s.Pairs(&out, j.rows()); err != nil {
		return err
	}
	for _, f := range j.Findings {
		out.WriteString("\n")
		f.render(&out, s)
	}
	if len(j.Findings) == 0 {
		fmt.Fprintf(&out, "\n%s nothing to complain about\n", s.Good("ok:"))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (j *Judgement) verdict(s ui.Styles) string {
	switch j.Verdict {
	case IsStored:
		return s.Good("Sentry stores this")
	case Refused:
		return s.Bad("Sentry refuses this") + "\n  " + fold(j.Reason, "  ", s.Width())
	case Unjudged:
	}
	return s.Bad("too large to be judged")
}

func (j *Judgement) rows() [][2]string {
	var rows [][2]string
	if j.Stored != nil {
		rows = append(rows, [2]string{"Entity ID", ui.Printable(j.Stored.EntityID)},
			[2]string{"SSO URL", ui.Printable(j.Stored.SSOURL)}, [2]string{"SLO URL", ui.Printable(j.Stored.SLOURL)})
	}
	for _, c := range j.Certificates {
		title := "Certificate, not used"
		if c.Trusted {
			title = "Certificate, trusted"
		}
		rows = append(rows, [2]string{title, c.facts()})
	}
	return rows
}

func (c Certificate) facts() string {
	use := c.Use
	if use == "" {
		use = "signing and encryption"
	}
	where := fmt.Sprintf("line %d, for %s", c.Line, ui.Printable(use))
	if c.Facts == nil {
		return where + "\nunreadable"
	}
	return fmt.Sprintf("%s\n%s\n%s, until %s\n%s", where, ui.Printable(c.Facts.Subject), c.Facts.KeyType,
		c.Facts.NotAfter.Format("2006-01-02"), keypair.Folded(c.Facts.FingerprintSHA256))
}

func (f Finding) render(out io.Writer, s ui.Styles) {
	label := string(f.Severity) + ":"
	switch f.Severity {
	case Error:
		label = s.Bad(label)
	case Warning:
		label = s.Warn(label)
	case Info:
		label = s.Dim(label)
	}
	where := ""
	if f.Line > 0 {
		where = fmt.Sprintf("line %d: ", f.Line)
	}
	_, _ = fmt.Fprintf(out, "%s %s\n  %s %s\n  %s %s\n", label,
		fold(where+ui.Printable(f.Message)+" ["+f.Code+"]", "  ", s.Width()-len(f.Severity)-2),
		s.Dim("Sentry"), fold(f.Sentry, "    ", s.Width()-9), s.Dim("fix:"), fold(f.Fix, "    ", s.Width()-7))
}

// fold breaks text between words into lines of at most width columns where the
// words allow it. Lines after the first begin with indent.
func fold(text, indent string, width int) string {
	var out strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			out.WriteString("\n" + indent)
			column = len(indent)
		default:
			out.WriteString(" ")
			column++
		}
		out.WriteString(word)
		column += n
	}
	return out.String()
}
