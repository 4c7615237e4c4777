// Package permission says who besides its owner can read or change a file, as
// the mode bits of Unix tell. Windows has no such bits: there nothing is said.
package permission

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The bits of a mode that let others in. Everybody is the last digit alone: with
// a umask of 002 the group of a file is a user's own.
const (
	everybodyWrites fs.FileMode = 0o002
	othersRead      fs.FileMode = 0o044
)

// Access is who can do what with a file.
type Access struct {
	// Mode holds the permission bits.
	Mode fs.FileMode
	// EverybodyWrites and OthersRead say who besides the owner is let in; others
	// are the group and everybody.
	EverybodyWrites, OthersRead bool
	// Foreign says that the file belongs to neither the user of this process nor
	// root.
	Foreign bool
	// Mounted says that a container runtime put the file there, whose modes and
	// owners nobody chooses.
	Mounted bool
	// Changeable says that chmod by the user of this process can work.
	Changeable bool
}

// Exposes reports whether others can read a secret in the file who should not: a
// container runtime lets everybody in the container read it.
func (a Access) Exposes() bool { return a.OthersRead && !a.Mounted }

// Of returns who can do what with an open file.
func Of(file *os.File) (Access, error) {
	info, err := file.Stat()
	if err != nil {
		return Access{}, err
	}
	owner, user, known := owners(info)
	if !known {
		return Access{Mode: info.Mode().Perm()}, nil
	}
	readOnly := onReadOnly(file.Name())
	return access(info.Mode().Perm(), owner, user, readOnly, readOnly || isSecretMount(file.Name())), nil
}

// access judges what is known of a file; 0 is root.
func access(mode fs.FileMode, owner, user int, readOnly, mounted bool) Access {
	return Access{
		Mode: mode, EverybodyWrites: mode&everybodyWrites != 0, OthersRead: mode&othersRead != 0,
		Foreign: owner != 0 && owner != user, Mounted: mounted,
		Changeable: (user == 0 || owner == user) && !readOnly,
	}
}

// isSecretMount knows where container runtimes put secrets: Docker, Podman and
// Swarm below /run/secrets (moby, daemon/container_operations_unix.go),
// Kubernetes through a link ..data of the volume (kubernetes,
// pkg/volume/util/atomic_writer.go).
func isSecretMount(path string) bool {
	path, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	if strings.HasPrefix(path, "/run/secrets/") || strings.HasPrefix(path, "/var/run/secrets/") {
		return true
	}
	for place := path; filepath.Dir(place) != place; place = filepath.Dir(place) {
		target, err := os.Readlink(place)
		if filepath.Base(place) == atomicData || err == nil && slices.Contains(strings.Split(filepath.ToSlash(target), "/"), atomicData) {
			return true
		}
	}
	return false
}

// atomicData is the link by which Kubernetes replaces the files of a volume at
// once.
const atomicData = "..data"
