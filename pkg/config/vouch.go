package config

import (
	"cmp"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Vouch is the judge of what a file may set that nobody trusts. It returns an
// *UntrustedError (code fault.Usage) unless the values of all settings that need
// trust, and of the given addresses, come from a trusted place. A command that
// sends a secret names the settings of the address that it goes to.
func (l *Loaded) Vouch(addresses ...string) error {
	return l.vouch(func(s Setting) bool { return s.Class != Address || slices.Contains(addresses, s.Path) })
}

// VouchFor is Vouch for a command that takes the named settings, and no others
// that need trust.
func (l *Loaded) VouchFor(paths ...string) error {
	return l.vouch(func(s Setting) bool { return slices.Contains(paths, s.Path) })
}

// VouchBeside is Vouch for a file in which the values of some settings are about to
// be replaced. Those of its profiles are not.
func (l *Loaded) VouchBeside(replaced []string, addresses ...string) error {
	return l.vouch(func(s Setting) bool {
		goes := l.Origin(s.Path).Kind == FromFile && slices.Contains(replaced, s.Path)
		return !goes && (s.Class != Address || slices.Contains(addresses, s.Path))
	})
}

func (l *Loaded) vouch(used func(Setting) bool) error {
	refused := &UntrustedError{alone: len(l.Files) == 1, store: l.store}
	for _, s := range Settings() {
		if l.Refused(s.Path) && used(s) {
			at := l.Origin(s.Path)
			refused.File, _ = l.file(at.File)
			refused.Uses = append(refused.Uses, fmt.Sprintf("%s: %s: %s", at, s.Path, shownValue(l.Value(s.Path))))
		}
	}
	if len(refused.Uses) == 0 {
		return nil
	}
	return fault.WithCode(refused.withHints(), fault.Usage)
}

// Refused reports whether only a file that nobody trusts gives the value of a
// setting, and must not: an address, for commands that send a secret; what
// needs trust, always.
func (l *Loaded) Refused(path string) bool {
	file, found := l.file(l.Origin(path).File)
	return found && !file.Standing.Believed() && !l.values[path].derived && SettingOf(path).Class != Free
}

// Addresses are what every file may set for commands that send no secret.
type Addresses struct {
	Sentry      string // URL
	Org         string // slug, or ""
	Authentik   string // URL, or ""
	Application string // slug
}

// Addresses returns the part of the configuration that needs no trust.
func (l *Loaded) Addresses() Addresses {
	return Addresses{
		Sentry: l.Config.Sentry.URL, Org: l.Config.Sentry.Org,
		Authentik: l.Config.Authentik.URL, Application: l.Config.Authentik.Application,
	}
}

// file returns the file of that path.
func (l *Loaded) file(path string) (File, bool) {
	i := slices.IndexFunc(l.Files, func(f File) bool { return path != "" && f.Path == path })
	if i < 0 {
		return File{}, false
	}
	return l.Files[i], true
}

// believe replaces each value that an untrusted file gives and that trusted
// places give as well: to repeat it is no use of it.
func (l *Loaded) believe(trusted layer) {
	for path := range l.values {
		if same := trusted[path]; l.Refused(path) && reflect.DeepEqual(l.values[path].value, same.value) {
			l.values[path] = same
		}
	}
}

// Trust notes in the store that the untrusted files of this configuration are
// trusted as they were read, and believes them from now on.
func (l *Loaded) Trust(store *TrustStore) error {
	for i, file := range l.Files {
		if file.Standing.Believed() {
			continue
		}
		if err := store.Add(file.Path, file.content); err != nil {
			return err
		}
		l.Files[i].Standing = Trusted
	}
	return nil
}

// UntrustedError says what a file must not set that nobody trusts.
type UntrustedError struct {
	File File
	Uses []string // place, setting and value of each

	alone bool  // no other file was read
	store error // why no file is trusted, if the store could not be read
}

// Error names the file, and each setting on its own line.
func (e *UntrustedError) Error() string {
	because := "it was found in the working directory and is not trusted"
	if e.File.Standing == Changed {
		because = "it has changed since it was trusted"
	}
	return fmt.Sprintf("%s must not set this, because %s:\n  %s", e.File.Path, because, strings.Join(e.Uses, "\n  "))
}

func (e *UntrustedError) withHints() error {
	path := commandPath(e.File.Path)
	only := ""
	if !e.alone {
		only = ", which replaces the other configuration files"
	}
	err := fault.Hint(error(e), "to trust this content from now on: sentryidp config trust %s", path)
	if e.store != nil {
		err = fault.Hint(err, "no file is trusted: %v", e.store)
	}
	return fault.Hint(err, "read the file, then add --config %s%s", path, only)
}

// commandPath writes a path so that it stands out in a command.
func commandPath(path string) string {
	if filepath.IsAbs(path) || cmp.Or(filepath.Dir(path), ".") != "." {
		return path
	}
	return "./" + filepath.Base(path)
}

// shownValue writes a value of a file that nobody trusts for a message.
func shownValue(value any) string { return shown(Text(value)) }
