//go:build unix

package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
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
	if err := os.Chown(path, 4242, -1); err != nil {
		t.Skip(err)
	}
	if _, err := config.Load(in); err == nil || !strings.Contains(err.Error(), path+" belongs to another user") {
		t.Errorf("got %v", err)
	}
	in.File = path
	if got := load(t, in).Warnings; len(got) != 1 || !strings.Contains(got[0], "belongs to another user") {
		t.Errorf("named: %q", got)
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
