package keypair

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// The names of the files that a pair is written to.
const (
	KeyFile         = "saml-signing.key"
	CertificateFile = "saml-signing.crt"
)

// Files are the paths of a pair on disk.
type Files struct{ Key, Certificate string }

// WriteFiles writes the key (0600) and the certificate (0644) into dir, which it
// makes if need be. Both are on disk under other names before either takes its
// own, so that a full disk or a refused folder leaves no half pair. Files that
// exist are replaced only when replace says so; a pair that fails to be written
// new is removed.
func (p *Pair) WriteFiles(dir string, replace atomicfile.Replace) (Files, error) {
	files := Files{Key: filepath.Join(dir, KeyFile), Certificate: filepath.Join(dir, CertificateFile)}
	if err := files.check(replace); err != nil {
		return Files{}, err
	}
	key, err := p.KeyPEM()
	if err != nil {
		return Files{}, err
	}
	if err := atomicfile.MakeFolder(dir); err != nil {
		return Files{}, fmt.Errorf("make the folder for the key: %w", err)
	}
	stagedKey, err := atomicfile.Stage(files.Key, key, 0o600)
	if err != nil {
		return Files{}, err
	}
	defer stagedKey.Discard()
	stagedCertificate, err := atomicfile.Stage(files.Certificate, p.CertificatePEM(), 0o644)
	if err != nil {
		return Files{}, err
	}
	defer stagedCertificate.Discard()
	return files, files.commit(stagedKey, stagedCertificate, replace)
}

// check finds what is in the way of both files before either is written.
func (f Files) check(replace atomicfile.Replace) error {
	var taken []string
	for _, path := range []string{f.Key, f.Certificate} {
		info, err := os.Lstat(path)
		switch {
		case err != nil:
		case info.IsDir():
			return fault.Hint(fault.New(fault.Failed, "%s is a folder, want a file", path), "choose another folder with --out-dir")
		default:
			taken = append(taken, path)
		}
	}
	if len(taken) > 0 && !bool(replace) {
		return exists(taken...)
	}
	return nil
}

func exists(paths ...string) error {
	verb := "exists"
	if len(paths) > 1 {
		verb = "exist"
	}
	return fault.Hint(fault.New(fault.Failed, "%s already %s", strings.Join(paths, " and "), verb),
		"choose another folder with --out-dir, or pass --force: the old key is then gone")
}

func (f Files) commit(key, certificate *atomicfile.Staged, replace atomicfile.Replace) error {
	if err := key.Commit(replace); err != nil {
		return f.refused(f.Key, err)
	}
	if err := certificate.Commit(replace); err != nil {
		if !replace {
			err = errors.Join(err, os.Remove(f.Key)) // this run made it
		}
		return f.refused(f.Certificate, err)
	}
	return nil
}

func (f Files) refused(path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return exists(path)
	}
	return err
}
