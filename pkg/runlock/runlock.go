// Package runlock keeps two runs on one machine from doing the same thing at
// the same time: a lock on a file, which the operating system takes back however
// a run ends, and beside it the process id of who holds it. It does not know
// what the lock is for.
package runlock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gofrs/flock"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
)

const (
	pollEvery = 50 * time.Millisecond
	maxPID    = 20 // digits
)

// HeldError says that another process holds the lock. PID is its process id, or
// 0 where it is not known.
type HeldError struct{ PID int }

// Error names the holder.
func (e *HeldError) Error() string {
	if e.PID == 0 {
		return "another process holds the lock"
	}
	return fmt.Sprintf("the process %d holds the lock", e.PID)
}

// Lock is a lock that is held until Release, or until the process ends.
type Lock struct {
	file *flock.Flock
	path string
}

// Take takes the lock on the file path for the process pid, waiting for at most
// wait while another process holds it; 0 does not wait. The file and its folder
// are made where they are missing (0600 and 0700), and the file stays: to remove
// it would let a third process lock another one. Errors are *HeldError, the end
// of ctx, or a file that cannot be locked.
func Take(ctx context.Context, path string, pid int, wait time.Duration) (*Lock, error) {
	if err := atomicfile.MakeFolder(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	l := &Lock{file: flock.New(path), path: path}
	taken, err := attempt(ctx, l.file, wait)
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", path, err)
	case !taken:
		return nil, &HeldError{PID: holder(pidFile(path))}
	}
	// The id is for messages alone: without it the lock holds all the same.
	_ = atomicfile.Write(pidFile(path), []byte(strconv.Itoa(pid)+"\n"), 0o600, atomicfile.Overwrite)
	return l, nil
}

func attempt(ctx context.Context, file *flock.Flock, wait time.Duration) (bool, error) {
	taken, err := file.TryLock()
	if taken || err != nil || wait <= 0 {
		return taken, err
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	taken, err = file.TryLockContext(waiting, pollEvery)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return false, nil
	}
	return taken, err
}

// Release gives the lock back.
func (l *Lock) Release() error {
	_ = os.Remove(pidFile(l.path)) // before another process can write its own
	return l.file.Unlock()
}

func pidFile(path string) string { return path + ".pid" }

// holder reads the process id of who holds a lock. A file that is missing or
// holds anything else is 0.
func holder(path string) int {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxPID))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(data)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
