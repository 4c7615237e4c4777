package runlock_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/runlock"
)

const long = time.Minute // never waited for to its end

func take(t *testing.T, path string, pid int) *runlock.Lock {
	t.Helper()
	lock, err := runlock.Take(t.Context(), path, pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	return lock
}

func release(t *testing.T, lock *runlock.Lock) {
	t.Helper()
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func lockFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "state", "locks", "acme.lock")
}

func TestTheSecondIsToldWhoHoldsTheLock(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	lock := take(t, path, 4711)
	for _, wait := range []time.Duration{0, time.Millisecond} {
		_, err := runlock.Take(t.Context(), path, 1, wait)
		held, ok := errors.AsType[*runlock.HeldError](err)
		if !ok || held.PID != 4711 || held.Error() != "the process 4711 holds the lock" {
			t.Errorf("waiting %s: got %v, want that 4711 holds it", wait, err)
		}
	}
	release(t, lock)
	release(t, take(t, path, 2))
}

func TestALockOfAnotherFileIsNoLock(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	defer release(t, take(t, path, 1))
	release(t, take(t, path+"2", 1))
}

func TestTheSecondGetsTheLockOnceItIsFree(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	const runs = 8
	var inside, most atomic.Int32
	var group sync.WaitGroup
	for pid := range runs {
		group.Go(func() {
			lock, err := runlock.Take(t.Context(), path, pid+1, long)
			if err != nil {
				t.Error(err)
				return
			}
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			inside.Add(-1)
			if err := lock.Release(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if most.Load() != 1 {
		t.Errorf("%d runs held the lock at once, want 1", most.Load())
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	defer release(t, take(t, path, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runlock.Take(ctx, path, 2, long); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestWhatAnEndedProcessLeftBehindLocksNobodyOut(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	release(t, take(t, path, 1))
	for _, left := range []string{"99999\n", "no number", "-3", ""} {
		if err := os.WriteFile(path+".pid", []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		lock := take(t, path, 7)
		_, err := runlock.Take(t.Context(), path, 8, 0)
		if held, ok := errors.AsType[*runlock.HeldError](err); !ok || held.PID != 7 {
			t.Errorf("after %q: got %v, want that 7 holds it", left, err)
		}
		release(t, lock)
	}
}

func TestAHolderWhoseIDIsUnreadableIsUnknown(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	defer release(t, take(t, path, 1))
	for _, left := range []string{"no number", "-3", "", "123456789012345678901234567890"} {
		if err := os.WriteFile(path+".pid", []byte(left), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := runlock.Take(t.Context(), path, 8, 0)
		held, ok := errors.AsType[*runlock.HeldError](err)
		if !ok || held.PID != 0 || held.Error() != "another process holds the lock" {
			t.Errorf("%q: got %v, want an unknown holder", left, err)
		}
	}
}

// holdVariable makes the test binary a process that holds a lock until it is
// killed.
const holdVariable = "RUNLOCK_TEST_HOLD"

func TestAKilledProcessHoldsNothing(t *testing.T) {
	t.Parallel()
	path := lockFile(t)
	holder := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHold$")
	holder.Env = append(os.Environ(), holdVariable+"="+path)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.StdinPipe(); err != nil { // it holds the lock for as long as this is open
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // it writes once it holds the lock
		t.Fatal(err)
	}
	_, err = runlock.Take(t.Context(), path, 1, 0)
	if held, ok := errors.AsType[*runlock.HeldError](err); !ok || held.PID != holder.Process.Pid {
		t.Errorf("got %v, want that %d holds it", err, holder.Process.Pid)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait() // the exit code tells more
	if code := holder.ProcessState.ExitCode(); code == 0 || code == 2 {
		t.Errorf("the holder was not killed: it ended by itself, or crashed, with code %d", code)
	}
	lock, err := runlock.Take(t.Context(), path, 1, long)
	if err != nil {
		t.Fatal(err)
	}
	release(t, lock)
}

// TestHold is no test of its own: TestAKilledProcessHoldsNothing runs it in a
// process that it kills.
func TestHold(t *testing.T) {
	t.Parallel()
	path := os.Getenv(holdVariable)
	if path == "" {
		return
	}
	lock := take(t, path, os.Getpid())
	if _, err := os.Stdout.WriteString("held\n"); err != nil {
		t.Fatal(err)
	}
	// No channel: where nothing else runs, the runtime calls that a deadlock.
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Error(err)
	}
	release(t, lock)
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := runlock.Take(t.Context(), filepath.Join(file, "acme.lock"), 1, 0)
	if _, held := errors.AsType[*runlock.HeldError](err); err == nil || held {
		t.Errorf("got %v, want an error of the folder", err)
	}
}
