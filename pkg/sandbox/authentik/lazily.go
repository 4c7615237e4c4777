package authentik

import (
	"regexp"
	"sync"
)

// lazily compiles an expression when it is used first: most runs of the program have
// no sandbox.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
