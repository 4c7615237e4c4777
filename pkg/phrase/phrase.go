// Package phrase puts numbers and lists into sentences: a number with its noun,
// and a list that names its first entries.
package phrase

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Count is a number with its noun: "1 member", "2 members".
func Count(n int, one, many string) string { return strconv.Itoa(n) + " " + Noun(n, one, many) }

// Noun is the form of a noun that goes with n.
func Noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// List is the first ten of words, and how many more there are; "none" without
// any.
func List(words []string) string {
	const maximum = 10
	switch {
	case len(words) == 0:
		return "none"
	case len(words) > maximum:
		return fmt.Sprintf("%s and %d more", strings.Join(words[:maximum], ", "), len(words)-maximum)
	}
	return strings.Join(words, ", ")
}

// Repeated returns how a flag is given once for each of the names that stand
// between commas in value, as a shell takes it: "--group eng --group 'Site B'".
func Repeated(flag, value string) string {
	var parts []string
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.TrimSpace(name); name != "" {
			parts = append(parts, flag+" "+Shell(name))
		}
	}
	return strings.Join(parts, " ")
}

// Shell is a word as a shell takes it, in quotes where it needs them.
func Shell(word string) string {
	if strings.ContainsFunc(word, unicode.IsControl) {
		return strconv.Quote(word)
	}
	if !strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:@=", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
