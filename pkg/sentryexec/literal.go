package sentryexec

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// literal returns indented JSON as raw string literals of Python, one a line.
// `sentry exec` indents each line of a script by four blanks, so no literal spans
// lines, and it looks for two statements in the text of a script, values included:
// "from __future__", which it moves, and an import that says that Django is set up
// already. Without blanks no value can hold one.
func literal(data []byte) string {
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		out.WriteString("    r'" + escaped(strings.TrimSuffix(line, "\n")) + "'\n")
	}
	return out.String()
}

// escaped writes what could end a literal, and the blanks of JSON's strings, as
// JSON's own escapes. All that is not ASCII stands in strings.
func escaped(line string) string {
	var out strings.Builder
	inside, escape := false, false
	for _, r := range line {
		switch {
		case r == '\'', r == ' ' && inside, r >= 0x7f:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		default:
			out.WriteRune(r)
		}
		if r == '"' && !escape {
			inside = !inside
		}
		escape = r == '\\' && !escape
	}
	return out.String()
}
