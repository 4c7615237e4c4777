//go:build unix

package secret_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

func TestAFileThatEverybodyCanWriteIsRefused(t *testing.T) {
	t.Parallel()
	for mode, refused := range map[os.FileMode]bool{
		0o600: false, 0o400: false, 0o640: false, 0o644: false, 0o440: false, 0o444: false, 0o660: false, 0o664: false,
		0o606: true, 0o602: true, 0o666: true, 0o777: true,
	} {
		reference := file(t, canary, mode)
		_, err := reference.Resolve(t.Context(), sources())
		if refused != (err != nil) {
			t.Errorf("mode %04o: got %v", mode, err)
		}
		if err == nil {
			continue
		}
		words := err.Error() + "\n" + strings.Join(fault.Hints(err), "\n")
		if fault.CodeOf(err) != fault.Credential || !strings.Contains(words, fmt.Sprintf("mode %04o", mode)) || !strings.Contains(words, "chmod 600 "+reference.File) {
			t.Errorf("mode %04o: code %d, %s", mode, fault.CodeOf(err), words)
		}
	}
}

func TestAFileThatOthersCanReadIsWarnedAbout(t *testing.T) {
	t.Parallel()
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o644: true, 0o440: true, 0o444: true, 0o664: true} {
		reference := file(t, canary, mode)
		if got := warnings(t, reference); warned != strings.Contains(got, "other users can read the secret in "+reference.File) || warned != strings.Contains(got, "chmod 600") {
			t.Errorf("mode %04o: got the warning %q", mode, got)
		}
	}
}

// TestTheMountsOfContainersWork lays a secret out as the kubelet does.
func TestTheMountsOfContainersWork(t *testing.T) {
	t.Parallel()
	for mode, refused := range map[os.FileMode]bool{0o644: false, 0o440: false, 0o444: false, 0o666: true} {
		volume := t.TempDir()
		mounted := filepath.Join(volume, "token")
		if err := os.Mkdir(filepath.Join(volume, "..2026_08_01"), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file(t, canary, mode).File, filepath.Join(volume, "..2026_08_01", "token")); err != nil {
			t.Fatal(err)
		}
		for link, target := range map[string]string{filepath.Join(volume, "..data"): "..2026_08_01", mounted: "..data/token"} {
			if err := os.Symlink(target, link); err != nil {
				t.Fatal(err)
			}
		}
		reference := secret.Reference{File: mounted}
		if refused {
			if _, err := reference.Resolve(t.Context(), sources()); err == nil {
				t.Errorf("mode %04o was read", mode)
			}
			continue
		}
		if got := warnings(t, reference); got != "" {
			t.Errorf("mode %04o: got the warning %q", mode, got)
		}
	}
}

// warnings resolves a reference and returns what is warned about.
func warnings(t *testing.T, reference secret.Reference) string {
	t.Helper()
	from := sources()
	var all strings.Builder
	from.Warn = func(format string, args ...any) { fmt.Fprintf(&all, format+"\n", args...) }
	got, err := reference.Resolve(t.Context(), from)
	if err != nil || got.Reveal() != canary {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if strings.Contains(all.String(), canary) {
		t.Errorf("a warning shows the secret: %s", all.String())
	}
	return all.String()
}
