//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package ui

import "golang.org/x/sys/unix"

const (
	readModes  = unix.TIOCGETA
	writeModes = unix.TIOCSETA
)
