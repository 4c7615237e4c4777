package ui

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
)

// Pairs writes rows of a name and a value, the values aligned. Rows without a
// value are left out. Every line of a value that has several is indented alike.
func (s Styles) Pairs(w io.Writer, rows [][2]string) error {
	width := 0
	for _, row := range rows {
		if row[1] != "" {
			width = max(width, lipgloss.Width(row[0]))
		}
	}
	for _, row := range rows {
		if row[1] == "" {
			continue
		}
		indent := "\n" + strings.Repeat(" ", width+2)
		value := strings.ReplaceAll(row[1], "\n", indent)
		if _, err := fmt.Fprintf(w, "%s  %s\n", s.Dim(pad(row[0], width)), value); err != nil {
			return err
		}
	}
	return nil
}

// Table writes a header and rows, the columns aligned and two spaces apart. No
// cell is cut: what a pipe or a narrow window gets is whole.
func (s Styles) Table(w io.Writer, header []string, rows [][]string) error {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], lipgloss.Width(cell))
		}
	}
	if _, err := fmt.Fprintln(w, s.Dim(line(header, widths))); err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := fmt.Fprintln(w, line(row, widths)); err != nil {
			return err
		}
	}
	return nil
}

func line(cells []string, widths []int) string {
	padded := make([]string, len(cells))
	for i, cell := range cells {
		padded[i] = pad(cell, widths[i])
	}
	return strings.TrimRight(strings.Join(padded, "  "), " ")
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-lipgloss.Width(text)))
}

// breakLines breaks lines between words so that none is longer than width where
// the words allow it. What follows a break is indented.
func breakLines(text string, width int) string {
	var broken []string
	for line := range strings.SplitSeq(text, "\n") {
		column := 0
		var out strings.Builder
		for i, word := range strings.Split(line, " ") {
			switch {
			case i == 0:
			case column+1+lipgloss.Width(word) > width:
				out.WriteString("\n  ")
				column = 2
			default:
				out.WriteString(" ")
				column++
			}
			out.WriteString(word)
			column += lipgloss.Width(word)
		}
		broken = append(broken, out.String())
	}
	return strings.Join(broken, "\n")
}

// Printable returns text from outside with control characters replaced, so
// that a name in a directory cannot move the cursor or colour the screen.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// IsControl reports the characters that a terminal obeys (C0, DEL and C1), and
// those that reorder, hide or break text (Unicode's format characters, of which
// bidirectional controls, zero width and byte order marks are some, and its line
// and paragraph separators).
func IsControl(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// Wrap joins words by commas into lines that are no longer than width where the
// words allow it. Every line begins with indent.
func Wrap(words []string, indent string, width int) []string {
	var lines []string
	line := indent
	for i, word := range words {
		if i < len(words)-1 {
			word += ","
		}
		switch {
		case line == indent:
			line += word
		case lipgloss.Width(line)+1+lipgloss.Width(word) > width:
			lines = append(lines, line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	if line != indent {
		lines = append(lines, line)
	}
	return lines
}
