// Package atomicfile writes files whole or not at all, and makes folders for what
// is their owner's alone. A reader sees the old content or the new one, and a
// refused or failed write leaves nothing behind.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Replace says whether a file that exists may be replaced.
type Replace bool

// Keep refuses to touch a file that exists; Overwrite replaces it.
const (
	Keep      Replace = false
	Overwrite Replace = true
)

// Write writes data to path with exactly the permissions perm. Windows has none:
// there, a perm that gives nothing to group and others becomes an access list of
// the owner alone, and any other what the folder hands down. With Keep, an
// existing file gives an error that is fs.ErrExist.
func Write(path string, data []byte, perm fs.FileMode, replace Replace) error {
	staged, err := Stage(path, data, perm)
	if err != nil {
		return err
	}
	defer staged.Discard()
	return staged.Commit(replace)
}

// probe is what Check writes, in bytes: a full disk still takes empty files.
const probe = 64 << 10

// Check returns the error that Write would have, as far as that is known before.
// It leaves nothing behind.
func Check(path string) error {
	staged, err := Stage(path, make([]byte, probe), 0o600)
	if err != nil {
		return err
	}
	staged.Discard()
	return nil
}

// Staged is content on disk, beside its target, that has not taken its name
// yet.
type Staged struct {
	temp string
	path string
}

// Stage writes data beside path and syncs it. The caller ends it with Commit
// or Discard. What processes that were killed left in the folder is removed.
func Stage(path string, data []byte, perm fs.FileMode) (*Staged, error) {
	file, err := createTemp(filepath.Dir(path), ".*"+mark, perm&0o077 == 0)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, cause(err))
	}
	s := &Staged{temp: file.Name(), path: path}
	s.removeStale()
	_, err = file.Write(data)
	err = errors.Join(err, file.Chmod(perm), file.Sync(), file.Close())
	if err != nil {
		s.Discard()
		return nil, fmt.Errorf("write %s: %w", path, cause(err))
	}
	return s, nil
}

// mark is the end of the name of every staged file.
const mark = ".sentryidp-tmp"

// stale is the age from which a staged file has nobody who will end it.
const stale = 24 * time.Hour

// removeStale removes staged files of long ago from the folder. Their age counts
// from the file that was just made: both times are of the file system's clock.
// What cannot be removed stays: it does no harm.
func (s *Staged) removeStale() {
	dir := filepath.Dir(s.temp)
	made, err := os.Lstat(s.temp)
	entries, unread := os.ReadDir(dir)
	if err != nil || unread != nil {
		return
	}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") || !strings.HasSuffix(name, mark) || !entry.Type().IsRegular() {
			continue
		}
		if info, err := entry.Info(); err == nil && made.ModTime().Sub(info.ModTime()) > stale {
			_ = os.Remove(filepath.Join(dir, name))
		}
	}
}

// Commit gives the content its name. With Keep, an existing file stays and the
// error is fs.ErrExist.
func (s *Staged) Commit(replace Replace) error {
	if !replace {
		// A hard link fails when its name is taken: the check and the write are one step.
		err := os.Link(s.temp, s.path)
		if err == nil || errors.Is(err, fs.ErrExist) {
			return s.named(err)
		}
		// A file system without hard links: look first, then rename.
		if _, err := os.Lstat(s.path); err == nil {
			return s.named(fs.ErrExist)
		}
	}
	return s.named(os.Rename(s.temp, s.path))
}

func (s *Staged) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write %s: %w", s.path, cause(err))
}

// Discard removes what was staged. After Commit it does no harm.
func (s *Staged) Discard() { _ = os.Remove(s.temp) }

// cause drops the temporary name, which means nothing to the reader.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
