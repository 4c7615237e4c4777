//go:build unix

package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

func chmod(t *testing.T, path string, mode os.FileMode) string {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileThatEverybodyCanWriteIsRefusedWhereItWasFound(t *testing.T) {
	t.Parallel()
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o644: false, 0o664: false, 0o666: true, 0o777: true, 0o602: true} {
		in := found(t, "sentry: {org: acme}")
		path := chmod(t, filepath.Join(in.Dir, "sentryidp.yaml"), mode)
		_, err := config.Load(in)
		if refused != (err != nil && strings.Contains(err.Error(), path+" is writable by every user")) {
			t.Errorf("mode %04o: %v", mode, err)
		}
		in.File = path
		var want []string
		if refused {
			want = []string{"sentryidp.yaml is writable by every user"}
		}
		got := load(t, in).Warnings
		for i := range got {
			got[i], _, _ = strings.Cut(cut(in.Dir, got[i])[0], " (mode")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("mode %04o, named: %s", mode, diff)
		}
	}
}

func TestTheUsersOwnFolderIsNoExcuse(t *testing.T) {
	t.Parallel()
	in := place(t)
	chmod(t, write(t, filepath.Join(in.SystemDir, "config.yaml"), "sentry: {org: acme}"), 0o666)
	if _, err := config.Load(in); err == nil || !strings.Contains(err.Error(), "is writable by every user") {
		t.Errorf("got %v", err)
	}
}

// TestAFileOfSomebodyElseIsRefusedWhereItWasFound needs root, who alone can give
// files away.
func TestAFileOfSomebodyElseIsRefusedWhereItWasFound(t *testing.T) {
	t.Parallel()
	in := found(t, "sentry: {org: acme}")
	path := filepath.Join(in.Dir, "sentryidp.yaml")
	peers.GiveAway(t, path)
	if _, err := config.Load(in); err == nil || !strings.Contains(err.Error(), path+" belongs to another user") {
		t.Errorf("got %v", err)
	}
	in.File = path
	if got := load(t, in).Warnings; len(got) != 1 || !strings.Contains(got[0], "belongs to another user") {
		t.Errorf("named: %q", got)
	}
}

// TestWhatIsNoFileIsToldWhereAFileIsLookedFor: Docker makes a folder of a mounted
// file that is missing.
func TestWhatIsNoFileIsToldWhereAFileIsLookedFor(t *testing.T) {
	t.Parallel()
	for name, create := range map[string]func(path string) error{
		"a folder":     func(path string) error { return os.Mkdir(path, 0o700) },
		"a named pipe": func(path string) error { return syscall.Mkfifo(path, 0o600) },
	} {
		for _, file := range []string{"etc/config.yaml", "xdg/sentryidp/config.toml", "work/sentryidp.json"} {
			in := place(t)
			path := filepath.Join(filepath.Dir(in.Dir), file)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), create(path)); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(in); err == nil || !strings.Contains(err.Error(), path+": expected a file but found") {
				t.Errorf("%s at %s: %v", name, file, err)
			}
		}
	}
}

// TestAFileThatCannotBeSeenIsToldOf: settings that are not read can be guards.
func TestAFileThatCannotBeSeenIsToldOf(t *testing.T) {
	t.Parallel()
	in := place(t)
	path := filepath.Join(in.SystemDir, "config.yaml")
	if err := errors.Join(os.MkdirAll(in.SystemDir, 0o700), os.Symlink(path, path)); err != nil {
		t.Fatal(err)
	}
	if got := load(t, in).Warnings; len(got) != 1 || !strings.Contains(got[0], "is not read: ") || !strings.Contains(got[0], path) {
		t.Errorf("got %q", got)
	}
	in = place(t)
	in.Env = []string{"HOME=/dev/null"}
	if got := load(t, in).Warnings; len(got) > 0 {
		t.Errorf("without a home: %q", got)
	}
	in.File = os.DevNull
	if got := load(t, in).Warnings; len(got) > 0 {
		t.Errorf("no file at all: %q", got)
	}
}

func TestAStoreThatOthersCanChangeTrustsNothing(t *testing.T) {
	t.Parallel()
	in := found(t, risky)
	if err := load(t, in).Trust(openTrust(t, in)); err != nil {
		t.Fatal(err)
	}
	state, err := config.StateDir(in.Env)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(state, "trust.json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	chmod(t, path, 0o666)
	if got := standing(t, in); got != config.Untrusted {
		t.Errorf("got %s", got)
	}
}

func TestAStoreThatIsNoFileTrustsNothing(t *testing.T) {
	t.Parallel()
	in := found(t, risky)
	state, err := config.StateDir(in.Env)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(state, 0o700), syscall.Mkfifo(filepath.Join(state, "trust.json"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, in); got != config.Untrusted {
		t.Errorf("got %s", got)
	}
}
