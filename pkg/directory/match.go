package directory

import (
	"path"
	"strings"
)

// Matches reports whether a group is named by pattern: its very name, or a
// pattern of path.Match in which a slash is a character like any other.
func Matches(pattern, group string) bool {
	if pattern == group {
		return true
	}
	plain := func(text string) string { return strings.ReplaceAll(text, "/", "\x00") }
	matched, err := path.Match(plain(pattern), plain(group))
	return matched && err == nil
}

// Quote returns the pattern that matches the group of that name alone.
func Quote(group string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(group)
}
