// Package peers finds the programs that tests hold this one against. Only tests
// import it.
package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Missing ends a test that lacks a peer: with a skip that says why, or with a
// failure where SENTRYIDP_PEERS is "required".
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("SENTRYIDP_PEERS") == "required" {
		t.Fatalf("%s is not installed", what)
	}
	t.Skipf("%s is not installed", what)
}

// Library is a release of python3-saml, with the lxml and xmlsec that go with it.
type Library struct {
	Name        string // such as python3-saml-1.15.0
	Interpreter string // of Python, which has it
	Pinned      bool   // it is the one of Sentry's lock file
}

// PythonSAML returns the releases of python3-saml that are installed, at least
// one: those of testdata/peers, where '.ci/run peers' has installed them, or else
// the system's. Without one, or with -short, it ends the test.
func PythonSAML(t testing.TB) []Library {
	t.Helper()
	if testing.Short() {
		t.Skip("peers are not asked with -short")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	lists, err := filepath.Glob(filepath.Join("..", "..", "testdata", "peers", "python3-saml-*.txt"))
	if err != nil || len(lists) == 0 {
		t.Fatalf("found %d lists of releases, error %v", len(lists), err)
	}
	var found []Library
	for _, list := range lists {
		name := strings.TrimSuffix(filepath.Base(list), ".txt")
		python := filepath.Join(cache, "sentryidp-peers", name, "bin", "python")
		if has(t, python) {
			found = append(found, Library{Name: name, Interpreter: python, Pinned: strings.HasSuffix(name, "-"+sentry.PythonSAML)})
			continue
		}
		if os.Getenv("SENTRYIDP_PEERS") == "required" {
			Missing(t, name)
		}
	}
	if len(found) == 0 {
		found = system(t)
	}
	if len(found) == 0 {
		Missing(t, "python3-saml")
	}
	return found
}

// system is the system's own release. The interpreter that is first on PATH may
// be another one.
func system(t testing.TB) []Library {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if has(t, python) {
			return []Library{{Name: "the system's python3-saml", Interpreter: python}}
		}
	}
	return nil
}

func has(t testing.TB, python string) bool {
	t.Helper()
	return exec.CommandContext(t.Context(), python, "-c", "import onelogin.saml2.auth").Run() == nil
}
