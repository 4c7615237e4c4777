// Package markdown puts text from outside into GitHub Flavored Markdown so that
// nothing in it means anything: no link, no mention, no HTML.
package markdown

import "strings"

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
