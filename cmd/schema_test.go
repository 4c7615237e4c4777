package cmd_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sentryidp/sentryidp/cmd"
	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// peer is the schema of authentik, which what is sent and answered is held to.
var peer = openapi.Peer{Required: os.Getenv("SENTRYIDP_PEERS") == "required"}

// problemsFile is the variable that tells the program of a script where to write what
// is not as the schema says.
const problemsFile = "SCHEMA_PROBLEMS"

// watched serves the emulated authentik of a program that a script runs.
func watched(a *emulated.Authentik) http.Handler {
	path := os.Getenv(problemsFile)
	if path == "" {
		return a
	}
	s, err := peer.Schema(string(a.Release()))
	if err != nil {
		return a // TestTheSchemasAreThere of the package openapi says so
	}
	return s.Watch(openapi.Both, a, report(path))
}

// watchedBy serves an emulated authentik to the programs of a script.
func watchedBy(ts *testscript.TestScript, a *emulated.Authentik) http.Handler {
	s, err := peer.Schema(string(a.Release()))
	switch {
	case testing.Short() || err != nil && !peer.Required:
		return a
	case err != nil:
		ts.Check(err)
	}
	return s.Watch(openapi.Both, a, report(ts.Getenv(problemsFile)))
}

// report appends problems to a file.
func report(path string) func(problem string) {
	return func(problem string) {
		file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err) // of a test's own folder
		}
		defer func() { _ = file.Close() }()
		if _, err := file.WriteString(problem + "\n"); err != nil {
			panic(err)
		}
	}
}

// watchPrograms lets the programs of a script be watched, and fails the script where
// one of them was not answered as the schema says. The race detector has nothing to
// find in that, and each program would read the schema.
func watchPrograms(env *testscript.Env) error {
	cache, err := os.UserCacheDir()
	if err != nil || testing.Short() || cmd.Raced {
		return nil //nolint:nilerr // then there are no schemas
	}
	path := filepath.Join(env.WorkDir, ".schema-problems")
	env.Setenv(problemsFile, path)
	env.Setenv("XDG_CACHE_HOME", cache)
	env.Defer(func() {
		if problems, err := os.ReadFile(path); err == nil {
			env.T().Fatal(string(problems))
		}
	})
	return nil
}
