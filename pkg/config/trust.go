package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/permission"
)

// TrustStore is which files of working directories a user trusts. It lies in
// the user's state folder, which no configuration file can name.
type TrustStore struct {
	path  string
	files []TrustedFile
}

// TrustedFile is a file that is trusted as long as it has the content.
type TrustedFile struct {
	Path   string `json:"path"`   // absolute
	SHA256 string `json:"sha256"` // of the content, in hexadecimal
}

// trustFormat is the version of the document.
const trustFormat = 1

type trustDocument struct {
	Format int           `json:"format"`
	Files  []TrustedFile `json:"files"`
}

// OpenTrust reads the store of the user that the environment names. One that
// does not exist is empty; one that another user can change is an error.
func OpenTrust(env []string) (*TrustStore, error) {
	dir, err := StateDir(env)
	if err != nil {
		return nil, err
	}
	store := &TrustStore{path: filepath.Join(dir, "trust.json")}
	if info, err := os.Stat(store.path); err == nil && !info.Mode().IsRegular() { // to open a pipe would wait for a writer
		return nil, fmt.Errorf("%s: expected a file but found a folder, a pipe or a device", store.path)
	}
	file, err := os.Open(store.path)
	if errors.Is(err, fs.ErrNotExist) {
		return store, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if access, err := permission.Of(file); err != nil || access.EverybodyWrites || access.Foreign {
		return nil, errors.Join(fmt.Errorf("another user can change %s (mode %04o)", store.path, access.Mode), err)
	}
	var doc trustDocument
	err = json.NewDecoder(io.LimitReader(file, MaxFile)).Decode(&doc)
	switch {
	case err != nil:
		return nil, fault.Hint(fmt.Errorf("%s: expected a list of trusted files: %w", store.path, err), "remove it, and trust your files again")
	case doc.Format != trustFormat:
		return nil, fmt.Errorf("%s: expected format %d, found %d", store.path, trustFormat, doc.Format)
	}
	store.files = doc.Files
	slices.SortFunc(store.files, func(a, b TrustedFile) int { return strings.Compare(a.Path, b.Path) })
	return store, nil
}

// StateDir is the folder of what the program must not lose, unless state_dir
// names another: by the XDG base directory specification, which has relative
// paths ignored; LOCALAPPDATA on Windows.
func StateDir(env []string) (string, error) {
	if dir := lookup(env, "XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "sentryidp"), nil
	}
	if dir := lookup(env, "LOCALAPPDATA"); runtime.GOOS == windows && filepath.IsAbs(dir) {
		return filepath.Join(dir, "sentryidp", "state"), nil
	}
	if home := lookup(env, "HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "sentryidp"), nil
	}
	return "", errors.New("there is no folder for state: neither XDG_STATE_HOME nor HOME is set")
}

// Files returns the trusted files by path.
func (t *TrustStore) Files() []TrustedFile { return slices.Clone(t.files) }

// Standing returns Trusted, Changed or Untrusted for a file with that content.
func (t *TrustStore) Standing(path string, content []byte) Standing {
	key, err := trustKey(path)
	i, known := t.search(key)
	switch {
	case err != nil || !known:
		return Untrusted
	case t.files[i].SHA256 != digest(content):
		return Changed
	}
	return Trusted
}

// Add keeps that a file is trusted with the content, and with no other.
func (t *TrustStore) Add(path string, content []byte) error {
	key, err := trustKey(path)
	if err != nil {
		return err
	}
	file := TrustedFile{Path: key, SHA256: digest(content)}
	i, known := t.search(key)
	if known {
		t.files[i] = file
	} else {
		t.files = slices.Insert(t.files, i, file)
	}
	return t.save()
}

// Remove forgets a file, and reports whether it was trusted.
func (t *TrustStore) Remove(path string) (bool, error) {
	key, err := trustKey(path)
	if err != nil {
		return false, err
	}
	i, known := t.search(key)
	if !known {
		return false, nil
	}
	t.files = slices.Delete(t.files, i, i+1)
	return true, t.save()
}

func (t *TrustStore) search(key string) (int, bool) {
	return slices.BinarySearchFunc(t.files, key, func(f TrustedFile, key string) int { return strings.Compare(f.Path, key) })
}

func (t *TrustStore) save() error {
	data, err := json.MarshalIndent(trustDocument{Format: trustFormat, Files: t.files}, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.MakeFolder(filepath.Dir(t.path)); err != nil {
		return err
	}
	return atomicfile.Write(t.path, append(data, '\n'), 0o600, atomicfile.Overwrite)
}

// trustKey is the absolute path of a file without links in its folder. A link
// in place of the file itself is kept: what the file names relative to the
// working directory is another thing in another folder.
func trustKey(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil // to be forgotten with its folder
	}
	return filepath.Join(dir, filepath.Base(path)), err
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
