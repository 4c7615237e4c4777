//go:build unix

package permission_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/permission"
)

func TestAccess(t *testing.T) {
	t.Parallel()
	const ada, bob, root = 1000, 1001, 0
	for name, test := range map[string]struct {
		mode              fs.FileMode
		owner, user       int
		readOnly, mounted bool
		want              permission.Access
	}{
		"one's own":                   {0o600, ada, ada, false, false, permission.Access{Changeable: true}},
		"readable":                    {0o644, ada, ada, false, false, permission.Access{OthersRead: true, Changeable: true}},
		"readable by the group":       {0o640, ada, ada, false, false, permission.Access{OthersRead: true, Changeable: true}},
		"umask 002":                   {0o664, ada, ada, false, false, permission.Access{OthersRead: true, Changeable: true}},
		"written by everybody":        {0o666, ada, ada, false, false, permission.Access{OthersRead: true, EverybodyWrites: true, Changeable: true}},
		"a drop box":                  {0o602, ada, ada, false, false, permission.Access{EverybodyWrites: true, Changeable: true}},
		"somebody else's":             {0o644, bob, ada, false, false, permission.Access{OthersRead: true, Foreign: true}},
		"somebody else's, as root":    {0o644, bob, root, false, false, permission.Access{OthersRead: true, Foreign: true, Changeable: true}},
		"the system's":                {0o644, root, ada, false, false, permission.Access{OthersRead: true}},
		"Swarm":                       {0o444, root, ada, true, true, permission.Access{OthersRead: true, Mounted: true}},
		"Kubernetes with a group":     {0o440, root, ada, true, true, permission.Access{OthersRead: true, Mounted: true}},
		"one's own, mounted for read": {0o644, ada, ada, true, true, permission.Access{OthersRead: true, Mounted: true}},
		"root, mounted for read":      {0o644, root, root, true, true, permission.Access{OthersRead: true, Mounted: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.Mode = test.mode
			if diff := cmp.Diff(test.want, permission.AccessOf(test.mode, test.owner, test.user, test.readOnly, test.mounted)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOfAnOpenFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o642); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	got, err := permission.Of(file)
	if err != nil {
		t.Fatal(err)
	}
	want := permission.Access{Mode: 0o642, EverybodyWrites: true, OthersRead: true, Changeable: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSecretMounts lays files out as the kubelet does.
func TestSecretMounts(t *testing.T) {
	t.Parallel()
	volume := t.TempDir()
	const generation = "..2026_08_01_10_00_00.123456789"
	if err := os.MkdirAll(filepath.Join(volume, generation, "nested"), 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"token", "nested/token"} {
		if err := os.WriteFile(filepath.Join(volume, generation, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"..data": generation, "token": "..data/token", "nested": "..data/nested", "elsewhere": generation + "/token"} {
		if err := os.Symlink(target, filepath.Join(volume, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{
		filepath.Join(volume, "token"):             true,
		filepath.Join(volume, "..data", "token"):   true,
		filepath.Join(volume, "nested", "token"):   true,
		filepath.Join(volume, "elsewhere"):         false,
		filepath.Join(volume, generation, "token"): false,
		"/run/secrets/sentry":                      true,
		"/var/run/secrets/sentry":                  true,
		"/run/secrets/../token":                    false,
		"/run/secretsold/sentry":                   false,
		"/home/ada/token":                          false,
	} {
		if got := permission.IsSecretMount(path); got != want {
			t.Errorf("%s: a secret mount %t, want %t", path, got, want)
		}
	}
}
