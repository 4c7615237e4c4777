package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// createTemp is os.CreateTemp, but for files that are private: those have an
// access list of their owner alone from the moment they exist. A list set later
// would leave time to open the file.
func createTemp(dir, pattern string, private bool) (*os.File, error) {
	if !private {
		return os.CreateTemp(dir, pattern)
	}
	path := filepath.Join(dir, strings.Replace(pattern, "*", rand.Text(), 1))
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	attributes, err := ownerAlone("")
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE,
		windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, attributes, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// MakeFolder makes dir and its missing parents for their owner alone: with mode
// 0700, or on Windows with an access list, which what is made in them inherits.
// A folder that exists stays as it is.
func MakeFolder(dir string) error {
	dir = filepath.Clean(dir)
	if info, err := os.Stat(dir); err == nil {
		if info.IsDir() {
			return nil
		}
		return &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := MakeFolder(parent); err != nil {
			return err
		}
	}
	if err := makeFolder(dir); err != nil && !errors.Is(err, fs.ErrExist) { // another run may have made it
		return &fs.PathError{Op: "mkdir", Path: dir, Err: err}
	}
	return nil
}

func makeFolder(dir string) error {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	attributes, err := ownerAlone("OICI") // files and folders inherit it
	if err != nil {
		return err
	}
	return windows.CreateDirectory(name, attributes)
}

// ownerAlone is an access list that lets the user of this process do everything
// and nobody else anything. It is protected: nothing is inherited from above.
// inherit says to what below it applies, in letters of the security descriptor
// definition language. A file system without access lists ignores it.
func ownerAlone(inherit string) (*windows.SecurityAttributes, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("who runs this process is not known: %w", err)
	}
	descriptor, err := windows.SecurityDescriptorFromString("D:P(A;" + inherit + ";FA;;;" + user.User.Sid.String() + ")")
	if err != nil {
		return nil, fmt.Errorf("make an access list: %w", err)
	}
	attributes := &windows.SecurityAttributes{SecurityDescriptor: descriptor}
	attributes.Length = uint32(unsafe.Sizeof(*attributes))
	return attributes, nil
}
