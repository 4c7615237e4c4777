package ui

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// What clears a line from the cursor on, and all of it (ECMA-48, EL).
const (
	eraseRest = "\x1b[K"
	eraseLine = "\r" + eraseRest
)

// canRedraw reports whether a line on standard error can be written over.
func (t *Terminal) canRedraw() bool { return t.ErrTTY && !t.plain }

// columns is the width of standard error now: windows are resized.
func (t *Terminal) columns() int {
	if file, ok := t.Err.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return t.width
}

// setStatus replaces the line that stands below everything else; an empty one
// takes it away.
func (t *Terminal) setStatus(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case line != "":
		_, _ = fmt.Fprint(t.Err, "\r"+line+eraseRest)
	case t.status != "":
		_, _ = fmt.Fprint(t.Err, eraseLine)
	}
	t.status = line
}

// printf writes text, which ends with a line, above the status. It drops write
// errors: where standard error is gone, nobody can be told.
func (t *Terminal) printf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if t.status != "" {
		text = eraseLine + text + t.status
	}
	_, _ = fmt.Fprint(t.Err, text)
}
