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

// hideTyped shows nothing that is typed, while lines end and signals come as ever
// (termios(3), ECHO). It reports whether it could.
func hideTyped(fd int) bool {
	modes, err := unix.IoctlGetTermios(fd, readModes)
	if err != nil {
		return false
	}
	modes.Lflag = modes.Lflag&^unix.ECHO | unix.ICANON | unix.ISIG
	modes.Iflag |= unix.ICRNL
	return unix.IoctlSetTermios(fd, writeModes, modes) == nil
}
