package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

const risky = "scim: {remove: absent}\n"

func openTrust(t *testing.T, in config.Input) *config.TrustStore {
	t.Helper()
	store, err := config.OpenTrust(in.Env)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// standing is that of the file in the working directory.
func standing(t *testing.T, in config.Input) config.Standing {
	t.Helper()
	files := load(t, in).Files
	return files[len(files)-1].Standing
}

func TestAFileIsTrustedByPathAndContent(t *testing.T) {
	t.Parallel()
	in := found(t, risky)
	path := filepath.Join(in.Dir, "sentryidp.yaml")
	if got := standing(t, in); got != config.Untrusted {
		t.Errorf("before: %s", got)
	}
	if err := load(t, in).Trust(openTrust(t, in)); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, in); got != config.Trusted || load(t, in).Vouch() != nil {
		t.Errorf("trusted: %s", got)
	}
	write(t, path, risky+"# changed\n")
	if got := standing(t, in); got != config.Changed {
		t.Errorf("with other content: %s", got)
	}
	if err := load(t, in).Vouch(); err == nil || !strings.Contains(err.Error(), "because it has changed since it was trusted") {
		t.Errorf("with other content: %v", err)
	}
	write(t, path, risky)
	if got := standing(t, in); got != config.Trusted {
		t.Errorf("with the trusted content again: %s", got)
	}
	other := in
	other.Dir = filepath.Join(t.TempDir(), "other")
	write(t, filepath.Join(other.Dir, "sentryidp.yaml"), risky)
	if got := standing(t, other); got != config.Untrusted {
		t.Errorf("the same content elsewhere: %s", got)
	}
	if removed, err := openTrust(t, in).Remove(path); !removed || err != nil {
		t.Errorf("remove: %t, %v", removed, err)
	}
	if got := standing(t, in); got != config.Untrusted {
		t.Errorf("removed: %s", got)
	}
	if removed, err := openTrust(t, in).Remove(path); removed || err != nil {
		t.Errorf("remove again: %t, %v", removed, err)
	}
}

// TestALinkToATrustedFileIsNotTrusted: what the file names relative to its
// folder would be another folder's.
func TestALinkToATrustedFileIsNotTrusted(t *testing.T) {
	t.Parallel()
	in := found(t, risky)
	if err := load(t, in).Trust(openTrust(t, in)); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(in.Dir, folder); err != nil {
		peers.Unable(t, "no link: %v", err) // Windows needs a privilege for it
	}
	same := in
	same.Dir = folder
	if got := standing(t, same); got != config.Trusted {
		t.Errorf("the folder by another name: %s", got)
	}
	evil := in
	evil.Dir = t.TempDir()
	if err := os.Symlink(filepath.Join(in.Dir, "sentryidp.yaml"), filepath.Join(evil.Dir, "sentryidp.yaml")); err != nil {
		t.Fatal(err)
	}
	if got := standing(t, evil); got != config.Untrusted {
		t.Errorf("a link to the file in another folder: %s", got)
	}
}

func TestTheStoreIsSortedAndReplacesContent(t *testing.T) {
	t.Parallel()
	in := place(t)
	dir := t.TempDir()
	for _, entry := range []struct{ name, content string }{{"b.yaml", "1"}, {"a.yaml", "1"}, {"b.yaml", "2"}} {
		if err := openTrust(t, in).Add(filepath.Join(dir, entry.name), []byte(entry.content)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, file := range openTrust(t, in).Files() {
		got = append(got, cut(resolved(t, dir), file.Path)[0]+" "+file.SHA256[:6])
	}
	if diff := cmp.Diff([]string{"a.yaml 6b86b2", "b.yaml d4735e"}, got); diff != "" {
		t.Error(diff)
	}
}

// resolved is a folder without links.
func resolved(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAStoreThatCannotBeReadTrustsNothing(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"no JSON": "]", "another format": `{"format": 2}`} {
		in := found(t, risky)
		state, err := config.StateDir(in.Env)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(state, "trust.json"), content)
		err = load(t, in).Vouch()
		if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "no file is trusted: ") {
			t.Errorf("%s: %v, %s", name, err, hints)
		}
	}
	in := found(t, risky)
	in.Env = nil
	if hints := strings.Join(fault.Hints(load(t, in).Vouch()), "\n"); !strings.Contains(hints, "neither XDG_STATE_HOME nor HOME is set") {
		t.Errorf("without a home: %s", hints)
	}
}
