//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package ui

// endLinesAt does nothing: a key needs Enter behind it here.
func endLinesAt(int, byte) {}

// hideTyped can do nothing here.
func hideTyped(int) bool { return false }
