//go:build unix

package cmd_test

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// mute is a Sentry that carries out every write and does not answer it, until it
// is told to.
type mute struct {
	t      *testing.T
	sentry *sandbox.Sentry
	server *httptest.Server
	dir    string

	answers atomic.Bool
	wrote   func()     // called at the first write
	mu      sync.Mutex // over wrote
	once    sync.Once
}

func newMute(t *testing.T) *mute {
	t.Helper()
	sentry, err := sandbox.NewSentry(sandbox.SampleState(), sandbox.Config{Token: canaryToken, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	m := &mute{t: t, sentry: sentry, dir: t.TempDir(), wrote: func() {}}
	m.server = httptest.NewServer(m)
	t.Cleanup(m.server.Close)
	if err := os.WriteFile(filepath.Join(m.dir, "people.yaml"), sandbox.SamplePeople(), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

// ServeHTTP withholds the answers to writes.
func (m *mute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	m.sentry.ServeHTTP(answer, r)
	if r.Method != http.MethodGet && !m.answers.Load() {
		m.mu.Lock()
		wrote := m.wrote
		m.mu.Unlock()
		m.once.Do(wrote)
		<-r.Context().Done()
		return
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// push runs the program, which writes reports in all formats, and interrupts it
// at its first write if that is asked for.
func (m *mute) push(interrupt bool, args ...string) (code int, stdout, stderr string) {
	m.t.Helper()
	program, err := exec.LookPath("sentryidp")
	if err != nil {
		m.t.Fatal(err)
	}
	run := exec.CommandContext(m.t.Context(), program, slices.Concat([]string{"scim", "push", "--file", "people.yaml"}, args)...)
	run.Dir = m.dir
	run.Env = append(os.Environ(), "HOME="+m.dir, "XDG_STATE_HOME="+m.dir, "XDG_CONFIG_HOME="+m.dir, "GORACE=atexit_sleep_ms=0",
		"SENTRYIDP_SENTRY_URL="+m.server.URL, "SENTRYIDP_SENTRY_ORG=acme", "SENTRYIDP_SENTRY_SCIM_TOKEN="+canaryToken)
	var out, messages strings.Builder
	run.Stdout, run.Stderr = &out, &messages
	started := make(chan struct{})
	if interrupt {
		m.mu.Lock()
		m.wrote = func() {
			<-started
			_ = run.Process.Signal(syscall.SIGINT)
		}
		m.mu.Unlock()
	}
	if err := run.Start(); err != nil {
		m.t.Fatal(err)
	}
	close(started)
	_ = run.Wait() // the state tells more
	return run.ProcessState.ExitCode(), out.String(), messages.String()
}

// told asserts that a JSON report and the files beside it say of all that was
// written that it may have been done, and of nothing that it was not.
func (m *mute) told(code int) {
	m.t.Helper()
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(m.dir, name))
		if err != nil {
			m.t.Fatal(err)
		}
		return string(data)
	}
	var report struct {
		ExitCode int `json:"exit_code"`
		Duration int `json:"duration_ms"`
		Reading  int `json:"reading_ms"`
		Hints    []string
		Applied  map[string]int
		Failed   []struct {
			Change    string
			Uncertain bool
		}
	}
	if err := json.Unmarshal([]byte(read("run.json")), &report); err != nil {
		m.t.Fatal(err)
	}
	if report.ExitCode != code || report.Duration < report.Reading || len(report.Hints) == 0 {
		m.t.Errorf("the report has exit code %d, %d ms of which %d reading, hints %q", report.ExitCode, report.Duration, report.Reading, report.Hints)
	}
	uncertain := map[string]bool{}
	for _, f := range report.Failed {
		if !f.Uncertain {
			m.t.Errorf("%s is told to have failed", f.Change)
		}
		uncertain[f.Change] = true
	}
	before := map[string]bool{}
	for _, member := range sandbox.SampleState().Members {
		before[member.Email] = true
	}
	invited := 0
	for _, member := range m.sentry.Snapshot().Members {
		if before[member.Email] {
			continue
		}
		invited++
		if !uncertain["invite "+member.Email] {
			m.t.Errorf("%s was invited, and the report does not say that this may be", member.Email)
		}
	}
	if invited == 0 {
		m.t.Error("nobody was invited")
	}
	for kind, n := range report.Applied {
		if n > 0 {
			m.t.Errorf("%d of %s are told to be done", n, kind)
		}
	}
	for _, name := range []string{"run.md", "run.html", "run.xml"} {
		text := read(name)
		if !strings.Contains(strings.ToLower(text), "may have been done") || strings.Contains(text, "nothing changed") || strings.Contains(text, "nothing was written") {
			m.t.Errorf("%s does not say that changes may have been done:\n%s", name, text)
		}
	}
}

// finishes asserts that the next pushes finish the work and then rest.
func (m *mute) finishes() {
	m.t.Helper()
	m.answers.Store(true)
	if code, _, messages := m.push(false); code != 0 {
		m.t.Errorf("the next push ended with exit code %d:\n%s", code, messages)
	}
	if code, out, _ := m.push(false); code != 0 || !strings.Contains(out, "nothing to do") {
		m.t.Errorf("exit code %d:\n%s", code, out)
	}
}

func reports() []string {
	return []string{"--report", "run.json", "--report", "run.md", "--report", "run.html", "--report", "run.xml"}
}

func TestAnInterruptedPushSaysWhatMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	m := newMute(t)
	code, out, messages := m.push(true, reports()...)
	if code != 130 || !strings.Contains(messages, "error: interrupted\nhint: run it again: what was applied stands") {
		t.Errorf("exit code %d:\n%s", code, messages)
	}
	if !strings.Contains(out, "\nmay have been done: invite ") || !strings.Contains(out, "\nincomplete: may have been done: ") {
		t.Errorf("the text does not say what may have been done:\n%s", out)
	}
	m.told(130)
	m.finishes()
}

// The time limit is one that a busy machine does not use up before the first
// write: where it did, a longer one is tried.
func TestAPushThatRanOutOfTimeSaysWhatMayHaveBeenDone(t *testing.T) {
	t.Parallel()
	m := newMute(t)
	var code int
	var out, messages string
	for _, limit := range []string{"2s", "10s", "60s"} {
		code, out, messages = m.push(false, append(reports(), "--timeout", limit, "-o", "json")...)
		if code != 1 {
			break
		}
	}
	if code != 5 || !strings.Contains(messages, "--timeout") || !strings.Contains(messages, "hint: run it again: what was applied stands") {
		t.Errorf("exit code %d:\n%s", code, messages)
	}
	if !strings.Contains(out, `"uncertain": true`) {
		t.Errorf("the report does not say what may have been done:\n%s", out)
	}
	m.told(5)
	m.finishes()
}
