package cmd_test

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// authentikCanary is the token of the authentik that scripts start.
const authentikCanary = "ak_canary_token"

// replies serves the files of a folder as authentik's API: core/users.json is the
// answer to GET /api/v3/core/users/, core/users.403.json a refusal, and
// core/users.html a page. It sets the variables that point sentryidp at it:
// replies DIR [CERTIFICATE]
//
// With the name of a file it speaks TLS, and its certificate is written there.
func replies(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: replies DIR [CERTIFICATE]")
	}
	dir := ts.MkAbs(args[0])
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+authentikCanary {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"detail": "Token invalid/expired"}`)
			return
		}
		reply(w, filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(r.URL.Path, "/api/v3"))))
	}))
	if len(args) == 2 {
		server.StartTLS()
		block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(block), 0o600))
	} else {
		server.Start()
	}
	ts.Defer(server.Close)
	ts.Setenv("SENTRYIDP_AUTHENTIK_URL", server.URL)
	ts.Setenv("SENTRYIDP_AUTHENTIK_TOKEN", authentikCanary)
}

func reply(w http.ResponseWriter, path string) {
	for _, kind := range []struct {
		suffix, contentType string
		status              int
	}{
		{".403.json", "application/json", http.StatusForbidden},
		{".html", "text/html", http.StatusOK},
		{".json", "application/json", http.StatusOK},
	} {
		if data, err := os.ReadFile(path + kind.suffix); err == nil {
			w.Header().Set("Content-Type", kind.contentType)
			w.WriteHeader(kind.status)
			_, _ = w.Write(data)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
	_, _ = io.WriteString(w, `{"detail": "Not found."}`)
}
