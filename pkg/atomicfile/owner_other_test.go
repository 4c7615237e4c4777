//go:build !windows

package atomicfile_test

import (
	"io/fs"
	"os"
	"testing"
)

// isOwnersAlone asserts that a file or folder is for its owner alone.
func isOwnersAlone(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	want := fs.FileMode(0o600)
	if info.IsDir() {
		want = 0o700
	}
	if info.Mode().Perm() != want {
		t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
	}
}
