//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ui

import "golang.org/x/sys/unix"

// endLinesAt makes key end a line as Enter does (termios(3), VEOL). A terminal
// that cannot is left as it is.
func endLinesAt(fd int, key byte) {
	modes, err := unix.IoctlGetTermios(fd, readModes)
	if err != nil {
		return
	}
	modes.Cc[unix.VEOL] = key
	_ = unix.IoctlSetTermios(fd, writeModes, modes)
}
