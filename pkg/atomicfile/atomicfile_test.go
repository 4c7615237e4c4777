package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "key")

	if err := atomicfile.Write(path, []byte("one"), 0o600, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.Write(path, []byte("two"), 0o600, atomicfile.Keep)
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second write gave %v, want an error that is fs.ErrExist", err)
	}
	if got := read(t, path); got != "one" {
		t.Errorf("the refused write changed the file to %q", got)
	}
	if err := atomicfile.Write(path, []byte("three"), 0o600, atomicfile.Overwrite); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "three" {
		t.Errorf("the file holds %q, want three", got)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v", info.Mode())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d files in the folder, want the one", len(entries))
	}
}

func TestWriteIntoAMissingFolder(t *testing.T) {
	t.Parallel()
	err := atomicfile.Write(filepath.Join(t.TempDir(), "no", "key"), nil, 0o600, atomicfile.Keep)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want an error that is fs.ErrNotExist", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
