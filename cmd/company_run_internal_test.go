package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// scaled is the first number, the second with -short, and the third under the race
// detector, which makes everything slow.
func scaled(full, short, slow int) int {
	switch {
	case raced:
		return slow
	case testing.Short():
		return short
	}
	return full
}

// hub is one address at which many servers answer, each to its own token. So
// what a program remembers of a server holds for another at the same address.
type hub struct {
	url     string
	servers sync.Map // token → http.Handler
	tokens  atomic.Int64
}

func newHub(tb testing.TB) *hub {
	tb.Helper()
	h := &hub{}
	server := httptest.NewServer(h)
	tb.Cleanup(server.Close)
	h.url = server.URL
	return h
}

// token is a token that no other server has.
func (h *hub) token() string { return fmt.Sprintf("token-%d", h.tokens.Add(1)) }

// ServeHTTP lets the server of the request's token answer.
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	server, ok := h.servers.Load(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if handler, is := server.(http.Handler); ok && is {
		handler.ServeHTTP(w, r)
		return
	}
	http.Error(w, "no such token", http.StatusUnauthorized)
}

// site is a Sentry, a clock and a machine that pushes run on, in this process.
type site struct {
	t      testing.TB
	sentry *sandbox.Sentry
	url    string
	dir    string
	env    []string
	chance *chance
	clock  atomic.Int64 // seconds since 1970
	runs   int

	reads, writes atomic.Int64 // requests to Sentry
}

func newSite(tb testing.TB, h *hub, state sandbox.State, env ...string) *site {
	tb.Helper()
	s := &site{t: tb, url: h.url, dir: tb.TempDir(), chance: newChance()}
	s.clock.Store(time.Date(2026, 1, 1, 2, 0, 0, 0, time.UTC).Unix())
	token := h.token()
	var err error
	if s.sentry, err = sandbox.NewSentry(state, sandbox.Config{Token: token, Now: s.now, Rand: s.chance}); err != nil {
		tb.Fatal(err)
	}
	h.servers.Store(token, http.HandlerFunc(s.count))
	s.env = append([]string{
		"HOME=" + s.dir, "XDG_CONFIG_HOME=" + filepath.Join(s.dir, "config"), "SENTRY_AUTH_TOKEN=" + token,
	}, env...)
	return s
}

// count counts a request and lets Sentry answer.
func (s *site) count(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		s.reads.Add(1)
	} else {
		s.writes.Add(1)
	}
	s.sentry.ServeHTTP(w, r)
}

func (s *site) now() time.Time { return time.Unix(s.clock.Load(), 0).UTC() }

func (s *site) pass(d time.Duration) { s.clock.Add(int64(d / time.Second)) }

// chance is randomness that is the same in every run.
type chance struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func newChance() *chance { return &chance{from: rand.NewChaCha8([32]byte{1})} }

func (c *chance) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Read(p)
}

// The state directories of a site: one that is kept, and one that is new each
// time, as on a fresh CI runner.
const (
	kept  = "memory"
	fresh = ""
)

// ended is how a run of the program ended.
type ended struct {
	code          int
	stdout, err   string
	reads, writes int // requests to Sentry
}

// run runs the program with a state directory.
func (s *site) run(memory string, args ...string) ended {
	s.t.Helper()
	s.runs++
	if memory == fresh {
		memory = fmt.Sprintf("fresh%d", s.runs)
	}
	var out, messages bytes.Buffer
	a := &app{
		term: ui.Test(strings.NewReader(""), &out, &messages), now: s.now, rand: s.chance,
		env: append([]string{"XDG_STATE_HOME=" + filepath.Join(s.dir, memory)}, s.env...),
	}
	reads, writes := s.reads.Load(), s.writes.Load()
	code := a.run(s.t.Context(), append(args, "--org", "acme", "--sentry-url", s.url, "-o", "json"))
	return ended{
		code: code, stdout: out.String(), err: messages.String(),
		reads: int(s.reads.Load() - reads), writes: int(s.writes.Load() - writes),
	}
}

// push pushes a file.
func (s *site) push(memory string, file []byte, args ...string) ended {
	s.t.Helper()
	path := filepath.Join(s.dir, "people.csv")
	if bytes.HasPrefix(file, []byte("users:")) {
		path = filepath.Join(s.dir, "people.yaml")
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.run(memory, append([]string{"scim", "push", "--file", path}, args...)...)
}

// snapshot is the path of the snapshot that the report names, or "".
func (e ended) snapshot() string {
	var report struct{ Snapshot string }
	if json.Unmarshal([]byte(e.stdout), &report) != nil {
		return ""
	}
	return report.Snapshot
}

// told is the first line of what the program said that went wrong.
func (e ended) told() string {
	for line := range strings.Lines(e.err) {
		if message, ok := strings.CutPrefix(line, "error: "); ok {
			return strings.TrimSpace(message)
		}
	}
	return ""
}

var overrideHint = regexp.MustCompile(`--((?:allow|max)-[a-z-]+)(?: (\d+%?))?`)

// overrides are the flags that the hints name, in the order of the hints, each
// once.
func (e ended) overrides() []string {
	var flags []string
	seen := map[string]bool{}
	for line := range strings.Lines(e.err) {
		if !strings.HasPrefix(line, "hint: ") {
			continue
		}
		for _, found := range overrideHint.FindAllStringSubmatch(line, -1) {
			if flag := "--" + found[1]; !seen[flag] {
				seen[flag] = true
				if found[2] != "" {
					flag += "=" + found[2]
				}
				flags = append(flags, flag)
			}
		}
	}
	return flags
}
