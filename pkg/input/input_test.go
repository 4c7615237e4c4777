package input_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/input"
)

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, fs.ErrClosed }

// silent is a reader that never answers, until the test ends.
func silent(t *testing.T) io.Reader {
	t.Helper()
	reading, writing := io.Pipe()
	t.Cleanup(func() { _ = writing.Close() })
	return reading
}

func TestWhatFitsIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(path, []byte("four"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := input.File(t.Context(), path, 4); err != nil || string(data) != "four" {
		t.Errorf("file: %q, %v", data, err)
	}
	if data, err := input.Stream(t.Context(), strings.NewReader("four"), input.StandardInput, 4); err != nil || string(data) != "four" {
		t.Errorf("stream: %q, %v", data, err)
	}
}

func TestWhatCannotBeReadIsAUsageErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, 2<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	file := func(path string, limit int64) func() ([]byte, error) {
		return func() ([]byte, error) { return input.File(t.Context(), path, limit) }
	}
	for name, tt := range map[string]struct {
		read func() ([]byte, error)
		want string
		is   error
	}{
		"missing":  {file(filepath.Join(dir, "none"), 1), "read " + filepath.Join(dir, "none") + ": ", fs.ErrNotExist},
		"a folder": {file(dir, 1), "read " + dir + ": ", nil},
		"large":    {file(large, 2<<20), "read " + large + ": expected at most 2 MiB but found more", nil},
		"too much": {file(large, 64<<10), "read " + large + ": expected at most 64 KiB but found more", nil},
		"broken":   {func() ([]byte, error) { return input.Stream(t.Context(), broken{}, "standard input", 1) }, "read standard input: file already closed", fs.ErrClosed},
	} {
		data, err := tt.read()
		if data != nil || err == nil || !strings.HasPrefix(err.Error(), tt.want) || fault.CodeOf(err) != fault.Usage {
			t.Errorf("%s: %q, %v (code %d), want %q", name, data, err, fault.CodeOf(err), tt.want)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%s: %v is not %v", name, err, tt.is)
		}
	}
}

func TestAReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	late, end := context.WithTimeout(t.Context(), 1)
	defer end()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, tt := range map[string]struct {
		ctx   context.Context //nolint:containedctx // the table is what ends it
		want  string
		is    error
		hints int
	}{
		"a timeout": {late, "read standard input: the time limit of --timeout ran out", context.DeadlineExceeded, 1},
		"a signal":  {stopped, "read standard input: context canceled", context.Canceled, 0},
	} {
		_, err := input.Stream(tt.ctx, silent(t), "standard input", 1)
		if !errors.Is(err, tt.is) || err.Error() != tt.want || fault.CodeOf(err) != fault.Failed || len(fault.Hints(err)) != tt.hints {
			t.Errorf("%s: %v (code %d, hints %q)", name, err, fault.CodeOf(err), fault.Hints(err))
		}
	}
}
