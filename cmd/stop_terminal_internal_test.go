//go:build linux

package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// terminal is a pseudo terminal: what is typed into ours is read from theirs,
// and what is written to theirs is seen on ours (pts(4)).
type terminal struct {
	ours, theirs *os.File

	mu    sync.Mutex
	shown bytes.Buffer
	news  chan struct{}
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		peers.Unable(t, "no pseudo terminals here: %v", err)
	}
	var number, unlocked int32
	for request, argument := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, ours.Fd(), request, uintptr(unsafe.Pointer(argument))); errno != 0 {
			t.Fatal(errno)
		}
	}
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{ours: ours, theirs: theirs, news: make(chan struct{}, 1)}
	t.Cleanup(func() { _, _ = theirs.Close(), ours.Close() })
	go term.watch()
	return term
}

// watch keeps what is shown.
func (term *terminal) watch() {
	buffer := make([]byte, 4096)
	for {
		n, err := term.ours.Read(buffer)
		term.mu.Lock()
		term.shown.Write(buffer[:n])
		term.mu.Unlock()
		select {
		case term.news <- struct{}{}:
		default:
		}
		if err != nil {
			close(term.news)
			return
		}
	}
}

// waitFor returns once text is shown, however its lines are broken.
func (term *terminal) waitFor(t *testing.T, text string) {
	t.Helper()
	for {
		if strings.Contains(term.text(), text) {
			return
		}
		if _, more := <-term.news; !more {
			t.Fatalf("the terminal ended with %q, want %q", term.text(), text)
		}
	}
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return strings.Join(strings.Fields(term.shown.String()), " ")
}

// echoes reports whether what is typed is shown.
func (term *terminal) echoes(t *testing.T) bool {
	t.Helper()
	var state syscall.Termios
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, term.theirs.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state))); errno != 0 {
		t.Fatal(errno)
	}
	return state.Lflag&syscall.ECHO != 0
}

// TestWhatATerminalIsAskedEndsToo asks a person, who does not answer: a signal
// and --timeout end the question, and what is typed is shown again.
func TestWhatATerminalIsAskedEndsToo(t *testing.T) {
	t.Parallel()
	s := newSite(t, newHub(t), sandbox.DefaultState("acme"))
	for name, tt := range map[string]struct {
		args   string
		prompt string
	}{
		"a passphrase":   {"saml cert inspect " + goodP12, "passphrase of the PKCS#12 file:"},
		"a question":     {"scim restore SNAPSHOT --org acme --from-other-org --sentry-url " + s.url, "[y/N]"},
		"standard input": {"saml response inspect -", "note: reading standard input: Ctrl-D on a line of its own ends it, Ctrl-C stops"},
	} {
		for _, timeout := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, timeout %v", name, timeout), func(t *testing.T) {
				t.Parallel()
				term := newTerminal(t)
				g := given{args: tt.args}
				if timeout {
					g.args += " --timeout 1s"
				}
				run := g.onTerminal(t, term)
				run.Env = append(run.Env, s.env...)
				if err := run.Start(); err != nil {
					t.Fatal(err)
				}
				want, words := fault.Failed, "the time limit of --timeout ran out"
				if !timeout {
					term.waitFor(t, tt.prompt)
					want, words = fault.Interrupted, "error: interrupted hint: run it again: what was applied stands"
					if err := run.Process.Signal(syscall.SIGINT); err != nil {
						t.Fatal(err)
					}
				}
				if err := run.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
					t.Fatal(err)
				}
				term.waitFor(t, words)
				if got := run.ProcessState.ExitCode(); got != int(want) || !term.echoes(t) {
					t.Errorf("exit code %d, want %d, echo %v: %s", got, want, term.echoes(t), term.text())
				}
			})
		}
	}
}

// onTerminal is the program with its streams on the terminal.
func (g given) onTerminal(t *testing.T, term *terminal) *exec.Cmd {
	t.Helper()
	run, _ := g.process(t, "")
	run.Stdin, run.Stdout, run.Stderr = term.theirs, term.theirs, term.theirs
	run.Env = append(run.Env, "TERM=dumb")
	args := run.Args[1:]
	for i, arg := range args {
		if strings.HasSuffix(arg, "snapshot.json") { // one with somebody to put back
			snapshot := `{"format": 1, "sentry_url": "https://sentry.io", "org": "acme", "members": [{"id": "1", "email": "new@acme.test", "role": "member"}], "teams": []}`
			args[i] = filepath.Join(t.TempDir(), "snapshot.json")
			if err := os.WriteFile(args[i], []byte(snapshot), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return run
}
