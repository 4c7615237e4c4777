package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	isOwnersAlone(t, path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d files in the folder, want the one", len(entries))
	}
}

func TestAFolderIsForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	outer := filepath.Join(t.TempDir(), "state")
	inner := filepath.Join(outer, "locks")
	for range 2 { // the second time they are there
		if err := atomicfile.MakeFolder(inner); err != nil {
			t.Fatal(err)
		}
	}
	isOwnersAlone(t, outer)
	isOwnersAlone(t, inner)
	file := filepath.Join(inner, "acme.lock")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	isOwnersAlone(t, file)
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if err := atomicfile.MakeFolder(path); err == nil {
			t.Errorf("%s became a folder, and a file is in the way", path)
		}
	}
}

func TestAFileForOthersTooIsNoOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "certificate")
	if err := atomicfile.Write(path, []byte("public"), 0o644, atomicfile.Overwrite); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o444 != 0o444 {
		t.Errorf("%v, mode %v: others cannot read it", err, info.Mode())
	}
}

func TestWriteIntoAMissingFolder(t *testing.T) {
	t.Parallel()
	err := atomicfile.Write(filepath.Join(t.TempDir(), "no", "key"), nil, 0o600, atomicfile.Keep)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want an error that is fs.ErrNotExist", err)
	}
}

func TestWhatAKilledRunLeftIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	place := func(name string, age time.Duration) string {
		path := filepath.Join(dir, name)
		at := time.Now().Add(-age)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const day = 24 * time.Hour
	gone := []string{place(".key.123.sentryidp-tmp", 2*day), place(".other.json.4.sentryidp-tmp", 400*day)}
	stay := []string{
		place(".key.5.sentryidp-tmp", day/2), place("key.123.sentryidp-tmp", 2*day), place(".key.123", 2*day), place(".key.sentryidp-tmp.bak", 2*day),
	}
	if err := os.Mkdir(filepath.Join(dir, ".dir.sentryidp-tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := atomicfile.Write(filepath.Join(dir, "key"), []byte("new"), 0o600, atomicfile.Keep); err != nil {
		t.Fatal(err)
	}
	for _, path := range gone {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", path, err)
		}
	}
	for _, path := range append(stay, filepath.Join(dir, "key"), filepath.Join(dir, ".dir.sentryidp-tmp")) {
		if _, err := os.Lstat(path); err != nil {
			t.Errorf("%s has gone: %v", path, err)
		}
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
