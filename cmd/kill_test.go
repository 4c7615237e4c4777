//go:build unix

package cmd_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
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

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/cmd"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// sampleRequests is how many requests the first push of the sample sends, at
// least, and sampleReads how many of them come before its first write.
const (
	sampleRequests = 69
	sampleReads    = 31
)

// struck is a push of the sample that is sent a signal when its nth request
// arrives, before or after Sentry has carried it out.
type struck struct {
	t      *testing.T
	sentry *sandbox.Sentry
	server *httptest.Server
	dir    string

	n      int
	after  bool
	signal os.Signal

	mu      sync.Mutex
	process *os.Process
	asked   int
	reads   int // requests before the first write
}

func newStruck(t *testing.T, n int, after bool, signal os.Signal) *struck {
	t.Helper()
	sentry, err := sandbox.NewSentry(sandbox.SampleState(), sandbox.Config{Token: canaryToken, Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s := &struck{t: t, sentry: sentry, dir: t.TempDir(), n: n, after: after, signal: signal}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	if err := os.WriteFile(filepath.Join(s.dir, "people.yaml"), sandbox.SamplePeople(), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// ServeHTTP strikes at the nth request.
func (s *struck) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	if r.Method == http.MethodGet && s.reads == s.asked-1 {
		s.reads++
	}
	target := s.process
	if s.asked != s.n {
		target = nil
	}
	s.mu.Unlock()
	if target != nil && !s.after {
		_ = target.Signal(s.signal) // it may have ended
		if s.signal == os.Kill {
			return
		}
	}
	answer := httptest.NewRecorder()
	s.sentry.ServeHTTP(answer, r)
	if target != nil && s.after {
		_ = target.Signal(s.signal)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// push pushes and returns the report. A push that is struck is a process, and
// ended is how it ended; another one has to succeed.
func (s *struck) push(strike bool) (stdout []byte, ended *os.ProcessState) {
	s.t.Helper()
	args := []string{"scim", "push", "--file", filepath.Join(s.dir, "people.yaml"), "-o", "json", "--lock-timeout", "30s"}
	env := []string{
		"HOME=" + s.dir, "XDG_STATE_HOME=" + s.dir, "XDG_CONFIG_HOME=" + s.dir,
		"SENTRYIDP_SENTRY_URL=" + s.server.URL, "SENTRYIDP_SENTRY_ORG=acme", "SENTRYIDP_SENTRY_SCIM_TOKEN=" + canaryToken,
	}
	var out, messages bytes.Buffer
	if strike {
		ended = s.spawn(args, env, &out, &messages)
	} else if code := cmd.Run(s.t.Context(), env, &out, &messages, args...); code != 0 {
		s.t.Fatalf("exit code %d\n%s", code, messages.String())
	}
	if strings.Contains(out.String()+messages.String(), canaryToken) {
		s.t.Error("the token was printed")
	}
	return out.Bytes(), ended
}

// spawn runs the program as the target of the strike, and returns how it
// ended.
func (s *struck) spawn(args, env []string, out, messages io.Writer) *os.ProcessState {
	s.t.Helper()
	program, err := exec.LookPath("sentryidp")
	if err != nil {
		s.t.Fatal(err)
	}
	run := exec.CommandContext(s.t.Context(), program, args...)
	run.Dir, run.Env = s.dir, append(append(os.Environ(), "GORACE=atexit_sleep_ms=0"), env...)
	run.Stdout, run.Stderr = out, messages
	s.mu.Lock()
	if err := run.Start(); err != nil {
		s.mu.Unlock()
		s.t.Fatal(err)
	}
	s.process = run.Process
	s.mu.Unlock()
	_ = run.Wait() // the state tells more
	s.mu.Lock()
	s.process = nil
	s.mu.Unlock()
	return run.ProcessState
}

// held is what Sentry holds, by addresses and names: nobody and nothing twice.
func (s *struck) held() map[string]any {
	s.t.Helper()
	state := s.sentry.Snapshot()
	held, email := map[string]any{}, map[string]string{}
	put := func(name string, value any) {
		if _, twice := held[name]; twice {
			s.t.Errorf("%s is there twice", name)
		}
		held[name] = value
	}
	for _, m := range state.Members {
		email[m.ID] = strings.ToLower(m.Email)
		put(email[m.ID], m.Role)
	}
	for _, team := range state.Teams {
		members := []string{}
		for _, id := range team.Members {
			members = append(members, email[id])
		}
		slices.Sort(members)
		put("team "+team.Name, members)
	}
	return held
}

// undisturbed is what Sentry holds after a push that nothing befell.
func undisturbed(t *testing.T) map[string]any {
	t.Helper()
	s := newStruck(t, 0, false, nil)
	s.push(false)
	if s.asked < sampleRequests || s.reads != sampleReads {
		t.Fatalf("the push sent %d requests, %d of them before its first write", s.asked, s.reads)
	}
	return s.held()
}

// TestAKilledPushIsFinishedByTheNext kills the program at sixty points of a
// push: each request, before Sentry has carried it out or after.
func TestAKilledPushIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	want := undisturbed(t)
	for point := range 60 {
		n, after := 1+point*sampleRequests/60, point%2 == 1
		t.Run(fmt.Sprintf("%d request %d", point, n), func(t *testing.T) {
			t.Parallel()
			s := newStruck(t, n, after, os.Kill)
			if _, ended := s.push(true); ended.Exited() {
				t.Fatalf("the push was not killed: %v", ended)
			}
			s.push(false)
			if diff := cmp.Diff(want, s.held()); diff != "" {
				t.Error(diff)
			}
			s.isDone()
		})
	}
}

// isDone asserts that one more push plans nothing and only reads.
func (s *struck) isDone() {
	s.t.Helper()
	out, _ := s.push(false)
	var report struct {
		Verified bool
		Plan     map[string][]any
		Requests struct {
			Total    int
			ByMethod map[string]int `json:"by_method"`
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		s.t.Fatal(err)
	}
	for kind, changes := range report.Plan {
		if len(changes) > 0 {
			s.t.Errorf("still planned: %s %v", kind, changes)
		}
	}
	if !report.Verified || report.Requests.Total != 2 || report.Requests.ByMethod["GET"] != 2 {
		s.t.Errorf("verified %t, requests %+v", report.Verified, report.Requests)
	}
}

// TestAnInterruptedPushTellsWhatItDid interrupts the program at points all over
// a push: it ends in time, with the report of exactly what Sentry was changed
// by, and the next push finishes the work.
func TestAnInterruptedPushTellsWhatItDid(t *testing.T) {
	t.Parallel()
	want := undisturbed(t)
	var interrupted atomic.Int64
	t.Cleanup(func() {
		if interrupted.Load() == 0 {
			t.Error("no push was interrupted")
		}
	})
	for n := sampleReads + 2; n < sampleRequests-4; n += 4 {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprintf("%s at request %d", signal, n), func(t *testing.T) {
				t.Parallel()
				s := newStruck(t, n, n%8 == 1, signal)
				before := len(s.sentry.Snapshot().Members)
				out, ended := s.push(true)
				if s.tells(out, ended, before) {
					interrupted.Add(1)
				}
				s.push(false)
				if diff := cmp.Diff(want, s.held()); diff != "" {
					t.Error(diff)
				}
				s.isDone()
			})
		}
	}
}

// tells asserts that the report fits the exit code and what Sentry has, and
// returns whether the push was interrupted: it may have been done by the time
// the signal came through.
func (s *struck) tells(out []byte, ended *os.ProcessState, before int) bool {
	s.t.Helper()
	var report struct {
		Applied struct {
			UsersCreate int `json:"users_create"`
			UsersRemove int `json:"users_remove"`
		}
		Verified bool
	}
	if err := json.Unmarshal(out, &report); err != nil {
		s.t.Fatalf("%v: %v\n%s", ended, err, out)
	}
	interrupted := ended.ExitCode() == 130
	if !interrupted && ended.ExitCode() != 0 || interrupted == report.Verified {
		s.t.Errorf("exit code %d, verified %t", ended.ExitCode(), report.Verified)
	}
	members := len(s.sentry.Snapshot().Members)
	if told := before + report.Applied.UsersCreate - report.Applied.UsersRemove; told != members {
		s.t.Errorf("the report tells of %d members (%+v), Sentry has %d", told, report.Applied, members)
	}
	return interrupted
}
