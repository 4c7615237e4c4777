// Package peers finds the programs that tests hold this one against. Only tests
// import it.
package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// required reports whether peers have to be there, as where '.ci/run' tests.
func required() bool {
	return os.Getenv("SENTRYIDP_PEERS") == "required" //nolint:forbidigo // only tests are here
}

// Missing ends a test that lacks a peer: with a skip that says why, or with a
// failure where SENTRYIDP_PEERS is "required".
func Missing(tb testing.TB, what string) {
	tb.Helper()
	Unable(tb, "%s is not installed", what)
}

// Unable ends a test that this machine cannot make, in the same way.
func Unable(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if required() {
		tb.Fatalf(format, args...)
	}
	tb.Skipf(format, args...)
}

// GiveAway gives a file to another user, which only root can: with sudo where that asks
// nothing. Where it cannot be done, the test ends as by [Unable].
func GiveAway(tb testing.TB, path string) {
	tb.Helper()
	const somebody = 4242
	err := os.Chown(path, somebody, -1)
	if err != nil && exec.CommandContext(tb.Context(), "sudo", "-n", "chown", strconv.Itoa(somebody), path).Run() != nil { //nolint:gosec // a file of the test
		Unable(tb, "a file cannot be given to another user: %v", err)
	}
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
func PythonSAML(tb testing.TB) []Library {
	tb.Helper()
	if testing.Short() {
		tb.Skip("peers are not asked with -short")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	lists := lists(tb)
	var found []Library
	for _, list := range lists {
		name := strings.TrimSuffix(filepath.Base(list), ".txt")
		python := filepath.Join(cache, "sentryidp-peers", name, "bin", "python")
		if has(tb, python) {
			found = append(found, Library{Name: name, Interpreter: python, Pinned: strings.HasSuffix(name, "-"+sentry.PythonSAML)})
			continue
		}
		if required() {
			Missing(tb, name)
		}
	}
	if len(found) == 0 {
		found = system(tb)
	}
	if len(found) == 0 {
		Missing(tb, "python3-saml")
	}
	return found
}

// File returns the path of a file in the folder that '.ci/run peers' fills. Without
// it, or with -short, it ends the test.
func File(tb testing.TB, name string) string {
	tb.Helper()
	if testing.Short() {
		tb.Skip("peers are not asked with -short")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(cache, "sentryidp-peers", name)
	if _, err := os.Stat(path); err != nil {
		Missing(tb, name)
	}
	return path
}

// lists are the files of testdata/peers that name releases, the oldest first.
func lists(tb testing.TB) []string {
	tb.Helper()
	_, file, _, ok := runtime.Caller(0)
	found, err := filepath.Glob(filepath.Join(filepath.Dir(file), "..", "..", "testdata", "peers", "python3-saml-*.txt"))
	if !ok || err != nil || len(found) == 0 {
		tb.Fatalf("found %d lists of releases, error %v", len(found), err)
	}
	return found
}

// system is the system's own release. The interpreter that is first on PATH may
// be another one.
func system(tb testing.TB) []Library {
	tb.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if has(tb, python) {
			return []Library{{Name: "the system's python3-saml", Interpreter: python}}
		}
	}
	return nil
}

func has(tb testing.TB, python string) bool {
	tb.Helper()
	return exec.CommandContext(tb.Context(), python, "-c", "import onelogin.saml2.auth").Run() == nil
}
