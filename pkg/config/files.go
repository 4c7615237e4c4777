package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/permission"
)

// MaxFile is the greatest size of a file, in bytes.
const MaxFile = 1 << 20

const windows = "windows"

// find returns the files to read, lowest first.
func (r *reader) find(in Input) []File {
	if in.Draft != nil && in.named() == in.Draft.Path {
		return []File{in.Draft.file()}
	}
	if named := in.named(); named != "" {
		return []File{{Path: named, Standing: Named}}
	}
	var files []File
	for _, place := range in.places() {
		if in.Draft != nil && place.standing == Untrusted {
			files = append(files, in.Draft.file())
			continue
		}
		found, unseen := spelled(place.path)
		if len(found) > 1 {
			r.fail(0, fault.Hint(fmt.Errorf("%s are both there", strings.Join(found, " and ")), "keep one of them"))
		}
		if unseen != nil && (place.standing == Installed || !errors.Is(unseen, fs.ErrPermission)) { // a user need not see where they stand
			r.warnings = append(r.warnings, fmt.Sprintf("a configuration file may be there and is not read: %v", unseen))
		}
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
				r.fail(0, fmt.Errorf("%s: expected a file but found a folder, a pipe or a device", path))
				continue
			}
			files = append(files, File{Path: path, Standing: place.standing})
		}
	}
	return files
}

// named returns the file that was named, or "".
func (in Input) named() string { return cmp.Or(in.File, lookup(in.Env, envPrefix+"CONFIG")) }

// place is where a file is looked for, without extension, and what its standing
// is there.
type place struct {
	path     string
	standing Standing
}

// places returns where files are looked for, lowest first.
func (in Input) places() []place {
	var places []place
	switch {
	case in.SystemDir != "":
		places = append(places, place{filepath.Join(in.SystemDir, "config"), Installed})
	case runtime.GOOS != windows: // where any user could make the folder
		places = append(places, place{"/etc/sentryidp/config", Installed})
	}
	if dir := in.userDir(); dir != "" {
		places = append(places, place{filepath.Join(dir, "sentryidp", "config"), Installed})
	}
	return append(places, place{filepath.Join(in.Dir, projectName), Untrusted})
}

// projectName is the name of the file in the working directory, without
// extension.
const projectName = "sentryidp"

// extensions are those of files that are looked for.
func extensions() []string { return []string{".yaml", ".yml", ".toml", ".json"} }

// IsProjectFile reports whether a file of that name would be found in the
// working directory.
func IsProjectFile(path string) bool {
	name, isProject := strings.CutPrefix(filepath.Base(path), projectName)
	return isProject && slices.Contains(extensions(), name)
}

// ProjectFiles returns the files that would be found in a folder, "" for the
// working directory: none, one, or several, of which one has to go.
func ProjectFiles(dir string) []string {
	found, _ := spelled(filepath.Join(dir, projectName))
	return found
}

// userDir is the folder of the user's settings by the XDG base directory
// specification, which has relative paths ignored; APPDATA on Windows.
func (in Input) userDir() string {
	if dir := lookup(in.Env, "XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return dir
	}
	if dir := lookup(in.Env, "APPDATA"); runtime.GOOS == windows && filepath.IsAbs(dir) {
		return dir
	}
	if home := lookup(in.Env, "HOME"); home != "" {
		return filepath.Join(home, ".config")
	}
	return ""
}

// spelled returns the files of that name, whatever their extension, and why it
// cannot be seen whether there is one.
func spelled(place string) (found []string, unseen error) {
	for _, extension := range extensions() {
		_, err := os.Stat(place + extension)
		switch {
		case err == nil:
			found = append(found, place+extension)
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
			unseen = err
		}
	}
	return found, unseen
}

// read reads a file whole into it. Its standing is then final: what was found in
// the working directory may be trusted with that content.
func (r *reader) read(f *File, trust *TrustStore, within func(path string, read func()) error) error {
	if f.content != nil {
		return nil // it is a draft
	}
	var found opened
	var err error
	read := func() { found, err = open(f.Path) }
	if within == nil {
		read()
	} else if err := within(f.Path, read); err != nil {
		return err // the read that was left behind may still set the other one
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Hint(fmt.Errorf("there is no configuration file %s", f.Path), "check --config and %sCONFIG", envPrefix)
	case err != nil:
		return err
	}
	if err := r.checkAccess(found.access, *f); err != nil {
		return err
	}
	f.content = found.content
	if len(f.content) > MaxFile {
		return fmt.Errorf("%s: is larger than %d KiB", f.Path, MaxFile>>10)
	}
	if err := filekind.Check(filekind.Settings, f.Path, f.content); err != nil {
		return err
	}
	if f.Standing == Untrusted && trust != nil {
		f.Standing = trust.Standing(f.Path, f.content)
	}
	return nil
}

// opened is what a file holds and who may change it.
type opened struct {
	content []byte
	access  permission.Access
}

func open(path string) (found opened, err error) {
	file, err := os.Open(path)
	if err != nil {
		return found, err
	}
	defer func() { _ = file.Close() }()
	if found.access, err = permission.Of(file); err != nil {
		return found, err
	}
	found.content, err = io.ReadAll(io.LimitReader(file, MaxFile+1))
	return found, err
}

// checkAccess refuses a file that was found and that other users than this one
// and root can change. For a file that was named it warns: on GitLab's runners and
// WSL every file is writable by every user.
func (r *reader) checkAccess(access permission.Access, f File) error {
	var problem string
	switch {
	case f.Path == os.DevNull: // no settings at all
		return nil
	case access.EverybodyWrites:
		problem = fmt.Sprintf("%s is writable by every user (mode %04o)", f.Path, access.Mode)
	case access.Foreign:
		problem = f.Path + " belongs to another user, who is not root"
	default:
		return nil
	}
	if f.Standing == Named {
		r.warnings = append(r.warnings, problem+", and decides what this program runs and sends")
		return nil
	}
	err := fault.Hint(errors.New(problem), "to use the file all the same, add --config %s", commandPath(f.Path))
	if access.EverybodyWrites && access.Changeable {
		err = fault.Hint(err, "run 'chmod o-w %s'", f.Path)
	}
	return err
}

// parsed returns what a file says.
func (f File) parsed() (node, error) {
	n, err := parse(f.Path, f.content)
	if where, ok := errors.AsType[*lineError](err); ok {
		return node{}, fmt.Errorf("%s:%d: %s", f.Path, where.line, where.text)
	}
	if err != nil {
		return node{}, fmt.Errorf("%s: %w", f.Path, err)
	}
	return n, nil
}
