// Package pattern has regular expressions that cost nothing until they are used: a
// command needs few of those that the program has.
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function that compiles the expression when it is called first, and
// returns the same ever after. It panics then where the expression is wrong.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
