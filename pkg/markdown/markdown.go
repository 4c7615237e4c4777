// Package markdown puts text from outside into GitHub Flavored Markdown so that
// nothing in it means anything: no link, no mention, no HTML.
package markdown

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cell is text as a cell of a table: a code span, or, as a "|" would end the cell even
// in that, an element code in which every character that could mean anything is a
// numeric reference (CommonMark 2.5). text has no line breaks.
func Cell(text string) string {
	if !strings.Contains(text, "|") {
		return Code(text)
	}
	var out strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != ' ' {
			fmt.Fprintf(&out, "&#%d;", r)
			continue
		}
		out.WriteRune(r)
	}
	return "<code>" + out.String() + "</code>"
}

// Code is a code span that holds text to the letter: its fence is longer than
// any row of backticks in the text (CommonMark 6.1). text has no line breaks. A
// span must not stand in a table, where a "|" ends a cell even in it.
func Code(text string) string {
	longest, row := 0, 0
	for _, r := range text {
		if r != '`' {
			row = 0
			continue
		}
		row++
		longest = max(longest, row)
	}
	fence := strings.Repeat("`", longest+1)
	if text == "" || strings.Trim(text, "`") != text || strings.TrimSpace(text) != text {
		text = " " + text + " "
	}
	return fence + text + fence
}
