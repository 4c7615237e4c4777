//go:build !windows

package atomicfile

import "os"

// createTemp is os.CreateTemp, whose files are their owner's alone (0600).
func createTemp(dir, pattern string, _ bool) (*os.File, error) { return os.CreateTemp(dir, pattern) }

// MakeFolder makes dir and its missing parents for their owner alone: with mode
// 0700, or on Windows with an access list, which what is made in them inherits.
// A folder that exists stays as it is.
func MakeFolder(dir string) error { return os.MkdirAll(dir, 0o700) }
