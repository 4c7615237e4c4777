package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Class says what a file that was found in the working directory, and that
// nobody trusts, may do with a setting. The zero value is no class.
type Class int

// The classes.
const (
	_ Class = iota
	// Free settings count from every file: they say what is meant, and decide
	// neither what is run, nor where anything is sent, nor who is changed.
	Free
	// Address settings count from every file in commands that send no secret.
	Address
	// NeedsTrust settings can run a program, name a secret, choose or change
	// people, or loosen a guard. They count only from trusted places.
	NeedsTrust
)

// Loosened returns a note for each protection that is weaker than the default,
// with the place that says so.
func (l *Loaded) Loosened() []string {
	var notes []string
	for _, s := range Settings() {
		if v, set := l.values[s.Path]; set && s.loosens != nil && s.loosens(v.value) {
			standard := Text(s.Default)
			if standard == "" {
				standard = "none"
			}
			notes = append(notes, fmt.Sprintf("guard loosened: %s is %s (default %s), set by %s", s.Path, Text(v.value), standard, v.origin))
		}
	}
	return notes
}

func isTrue(value any) bool { return value == true }

// moreThan reports whether an amount can allow more than a percentage does. A
// number other than 0 can: how many a percentage is depends on the organization.
func moreThan(standard string) func(value any) bool {
	return func(value any) bool {
		text, _ := value.(string)
		given, isPercentage := percentage(text)
		allowed, _ := percentage(standard)
		if !isPercentage {
			return text != "0"
		}
		return given > allowed
	}
}

func percentage(text string) (float64, bool) {
	digits, found := strings.CutSuffix(text, "%")
	number, err := strconv.ParseFloat(digits, 64)
	return number, found && err == nil
}
