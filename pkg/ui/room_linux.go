package ui

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// reserved is how much room is set aside for a result, in bytes.
const reserved = 64 << 10

// keepSize is FALLOC_FL_KEEP_SIZE of fallocate(2): the file does not grow.
const keepSize = 1

// makeRoom sets blocks of the disk aside for what will be written to a file. Pipes
// and devices need none, and some file systems cannot.
func makeRoom(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil //nolint:nilerr // what is no file has no room to run out of
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	at = max(at, info.Size())
	if err := syscall.Fallocate(int(file.Fd()), keepSize, at, reserved); errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return &os.PathError{Op: "write", Path: file.Name(), Err: err}
	}
	return nil
}
