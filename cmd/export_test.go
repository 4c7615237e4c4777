package cmd

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"time"

	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// WatchedMain is Main with somebody who watches the emulated authentik.
func WatchedMain(release string, watch func(*emulated.Authentik) http.Handler) int {
	return program(release, "", watch)
}

// Run runs a command line as Main does, in this process and with nothing to
// read: for tests that need no process of its own.
func Run(ctx context.Context, env []string, out, messages io.Writer, args ...string) int {
	a := &app{term: ui.Test(strings.NewReader(""), out, messages), env: env, now: time.Now, rand: rand.Reader, release: "1.2.3-test"}
	return a.run(ctx, args)
}

// Raced says that the race detector is on.
const Raced = raced
