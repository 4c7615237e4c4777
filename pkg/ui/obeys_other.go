//go:build !windows

package ui

import "os"

// obeys reports whether a terminal of that kind, which TERM names, obeys control
// sequences. One without a name is dumb.
func obeys(kind string, _ ...*os.File) bool { return kind != "" && kind != dumb }
