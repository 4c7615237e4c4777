package sentryexec

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// fields returns the configuration as raw string literals of Python, one a line.
// `sentry exec` indents each line of a script by four blanks, so no literal spans
// lines, and it looks for two statements in the text of a script, values included:
// "from __future__", which it moves, and an import that says that Django is set up
// already. Without blanks no value can hold one.
func fields(g given) (string, error) {
	data, err := json.MarshalIndent(g, "", "  ")
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		out.WriteString("    r'" + escaped(strings.TrimSuffix(line, "\n")) + "'\n")
	}
	return out.String(), nil
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

// rows returns a list of our own as such literals, one an entry.
func rows[T any](list []T) (string, error) {
	lines := []string{"["}
	for i, entry := range list {
		data, err := json.Marshal(entry)
		if err != nil {
			return "", err
		}
		comma := ","
		if i == len(list)-1 {
			comma = ""
		}
		lines = append(lines, strings.ReplaceAll(string(data), "'", `\u0027`)+comma)
	}
	return "    r'" + strings.Join(append(lines, "]"), "'\n    r'") + "'\n", nil
}
