package ui

import (
	"io"
	"os"
)

// CheckRoom returns the error that a result would meet that is written to a
// stream, as far as that is known before. It writes nothing.
func CheckRoom(stream io.Writer) error {
	file, isFile := stream.(*os.File)
	if !isFile {
		return nil
	}
	if _, err := file.Write(nil); err != nil { // a device that takes nothing says so
		return err
	}
	return makeRoom(file)
}
