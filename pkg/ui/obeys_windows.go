package ui

import (
	"os"

	"golang.org/x/sys/windows"
)

// obeys makes consoles obey control sequences, which they do from Windows 10 on,
// and reports whether they all do. TERM, which other terminals set, is empty in
// them. The mode stays as it is at the end: those of other programs do, too.
func obeys(kind string, streams ...*os.File) bool {
	if kind == dumb {
		return false
	}
	for _, stream := range streams {
		var mode uint32
		console := windows.Handle(stream.Fd())
		if windows.GetConsoleMode(console, &mode) != nil {
			continue // a file or a pipe
		}
		if windows.SetConsoleMode(console, mode|windows.ENABLE_PROCESSED_OUTPUT|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) != nil {
			return false
		}
	}
	return true
}
