package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// place is an input whose folders are all the test's own.
func place(t *testing.T) config.Input {
	t.Helper()
	root := t.TempDir()
	return config.Input{
		Dir:       filepath.Join(root, "work"),
		SystemDir: filepath.Join(root, "etc"),
		Env:       []string{"HOME=" + filepath.Join(root, "home"), "XDG_CONFIG_HOME=" + filepath.Join(root, "xdg")},
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, in config.Input) *config.Loaded {
	t.Helper()
	loaded, err := config.Load(in)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// problems loads what must be refused and returns the error's lines, without
// the folder of the test.
func problems(t *testing.T, in config.Input) []string {
	t.Helper()
	loaded, err := config.Load(in)
	if err == nil || loaded != nil {
		t.Fatalf("the configuration was accepted: %+v", loaded)
	}
	if fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0 {
		t.Errorf("code %d and hints %q, want a usage error with hints", fault.CodeOf(err), fault.Hints(err))
	}
	text := err.Error()
	for _, dir := range []string{in.Dir, in.SystemDir, filepath.Dir(in.File)} {
		if dir != "" {
			text = strings.ReplaceAll(text, dir+string(filepath.Separator), "")
		}
	}
	return strings.Split(text, "\n")
}

// refused loads one file and returns the problems.
func refused(t *testing.T, name, content string) []string {
	t.Helper()
	return problems(t, config.Input{File: write(t, filepath.Join(t.TempDir(), name), content)})
}

func diff(want, got any) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b secret.String) bool { return a.Reveal() == b.Reveal() }))
}
