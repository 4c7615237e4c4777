package cmd_test

import (
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// startIDP serves a file as an identity provider serves its metadata: idp FILE.
// $IDP is its address, /metadata/ the file, /redirect an address that points
// there, /login a page, and ca.pem the authority of its certificate.
func startIDP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: idp FILE")
	}
	xml := ts.ReadFile(args[0])
	mux := http.NewServeMux()
	mux.HandleFunc("/metadata/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, xml) })
	mux.Handle("/redirect", http.RedirectHandler("/metadata/?download", http.StatusFound))
	mux.HandleFunc("/login", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!DOCTYPE html><p>Log in</p>") })
	server := httptest.NewUnstartedServer(mux)
	startTLS(ts, server)
	ts.Setenv("IDP", server.URL)
}

// startTLS starts a server whose certificate nobody trusts yet, and writes its
// authority to ca.pem.
func startTLS(ts *testscript.TestScript, server *httptest.Server) {
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	ts.Defer(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o600))
}
