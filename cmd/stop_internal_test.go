//go:build unix

package cmd

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// A command that waits must end when it is told to. That it ends at all is what
// these tests see: what they give it to read has no end.

// fifo makes a named pipe that nobody writes to.
func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), configName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// release lets those go on who wait for the other side of a named pipe.
func release(path string) {
	if both, err := os.OpenFile(path, os.O_RDWR, 0); err == nil { // else it is gone, with those who wait
		_ = both.Close()
	}
}

// secretRows are the places where a token is read from.
func secretRows(t *testing.T) []given {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte(`sentry: {scim: {token: {command: [sh, -c, 'cat "$FIFO"']}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	return []given{
		{args: "scim export --org acme", env: "SENTRYIDP_SENTRY_SCIM_TOKEN_FILE"},
		{args: "authentik status --org acme", env: "SENTRYIDP_AUTHENTIK_TOKEN_FILE"},
		{args: "scim export --org acme --config " + config, env: "FIFO"},
	}
}

// servers are the commands that ask a server, whose address is INPUT.
func servers() []given {
	var rows []given
	for _, args := range []string{
		"scim push --org acme --file ../testdata/directory/people.yaml --sentry-url INPUT",
		"scim status --org acme --file ../testdata/directory/people.yaml --sentry-url INPUT",
		"scim export --org acme --sentry-url INPUT",
		"scim restore SNAPSHOT --dry-run --org acme --sentry-url INPUT",
		"scim push --org acme --authentik-url INPUT",
		"scim status --org acme --authentik-url INPUT",
		"scim map --authentik-url INPUT",
		"authentik apply --org acme --authentik-url INPUT",
		"authentik status --org acme --authentik-url INPUT",
		"authentik sync --org acme --authentik-url INPUT",
		"saml cert rotate --org acme --authentik-url INPUT",
		"saml cert check --authentik --authentik-url INPUT",
		"saml cert check --metadata INPUT",
		"saml cert inspect INPUT",
		"saml metadata fetch INPUT",
		"saml metadata lint INPUT",
		"saml urls --org acme --verify --sentry-url INPUT",
	} {
		rows = append(rows, given{args: args})
	}
	return rows
}

// silentServer accepts connections and says nothing. It returns its address for
// the command, and a channel that has a value once a connection was made.
func silentServer(t *testing.T, g given) (address string, reached <-chan struct{}) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connected := make(chan struct{}, 1)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = connection.Close() })
			select {
			case connected <- struct{}{}:
			default:
			}
		}
	}()
	scheme := "http://"
	if strings.HasPrefix(g.args, "saml cert inspect") {
		scheme = "https://"
	}
	return scheme + listener.Addr().String(), connected
}

// process is the program with the input at path.
func (g given) process(t *testing.T, path string) (run *exec.Cmd, messages *bytes.Buffer) {
	t.Helper()
	program, err := exec.LookPath("sentryidp")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run = exec.CommandContext(t.Context(), program, g.argsWith(t, path)...)
	run.Env = append([]string{"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "HOME=" + dir}, g.variables(t, path)...)
	messages = &bytes.Buffer{}
	run.Stderr = messages
	return run, messages
}

// interrupts starts the program, sends it a signal once it is ready, and asserts
// that it says so. ready waits until it is, or has ended.
func interrupts(t *testing.T, run *exec.Cmd, messages *bytes.Buffer, signal os.Signal, ready func(ended <-chan struct{})) {
	t.Helper()
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = run.Wait() // the state tells more
		close(ended)
	}()
	ready(ended)
	_ = run.Process.Signal(signal) // it may have ended, which is wrong and told below
	<-ended
	text := messages.String()
	if run.ProcessState.ExitCode() != int(fault.Interrupted) || !strings.Contains(text, "error: interrupted\nhint: run it again: what was applied stands\n") {
		t.Errorf("%v: %s", run.ProcessState, text)
	}
}

func TestASignalEndsTheReadOfAFile(t *testing.T) {
	t.Parallel()
	for _, g := range append(append(inputs(), configured()...), secretRows(t)...) {
		t.Run(g.args, func(t *testing.T) {
			t.Parallel()
			path := fifo(t)
			run, messages := g.process(t, path)
			interrupts(t, run, messages, syscall.SIGINT, func(ended <-chan struct{}) {
				go func() {
					<-ended
					release(path)
				}()
				writer, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { _ = writer.Close() })
			})
		})
	}
}

// more is more than a pipe holds and less than any command reads, in bytes.
const more = 256 << 10

func TestASignalEndsTheReadOfStandardInput(t *testing.T) {
	t.Parallel()
	for _, g := range inputs() {
		if g.kind == "a configuration file of sentryidp" {
			continue
		}
		t.Run(g.args, func(t *testing.T) {
			t.Parallel()
			run, messages := g.process(t, "-")
			stdin, err := run.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			interrupts(t, run, messages, syscall.SIGTERM, func(<-chan struct{}) {
				if _, err := stdin.Write(bytes.Repeat([]byte(" "), more)); err != nil { // waits for the reader
					t.Error(err)
				}
			})
		})
	}
}

func TestASignalEndsTheWaitForAServer(t *testing.T) {
	t.Parallel()
	for _, g := range servers() {
		t.Run(g.args, func(t *testing.T) {
			t.Parallel()
			address, reached := silentServer(t, g)
			run, messages := g.process(t, address)
			interrupts(t, run, messages, syscall.SIGINT, func(ended <-chan struct{}) {
				select {
				case <-reached:
				case <-ended:
				}
			})
		})
	}
}

// endsInTime runs the command in this process with a short --timeout.
func (g given) endsInTime(t *testing.T, path string, stdin io.Reader) {
	t.Helper()
	var out, errs bytes.Buffer
	dir := t.TempDir()
	a := &app{term: ui.Test(stdin, &out, &errs), now: time.Now, rand: zeros{}}
	a.env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}, g.variables(t, path)...)
	code := a.run(t.Context(), append(g.argsWith(t, path), "--timeout", "50ms"))
	if code != int(fault.Failed) || !strings.Contains(errs.String(), "ran out") || !strings.Contains(errs.String(), "--timeout") || out.Len() > 0 {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &out, &errs)
	}
}

func TestATimeoutEndsEveryRead(t *testing.T) {
	t.Parallel()
	for _, g := range append(append(inputs(), configured()...), secretRows(t)...) {
		t.Run("file "+g.args, func(t *testing.T) {
			t.Parallel()
			path := fifo(t)
			g.endsInTime(t, path, strings.NewReader(""))
			release(path)
		})
	}
	for _, g := range inputs() {
		if g.kind == "a configuration file of sentryidp" {
			continue
		}
		t.Run("standard input "+g.args, func(t *testing.T) {
			t.Parallel()
			reading, writing := io.Pipe()
			g.endsInTime(t, "-", reading)
			_ = writing.Close()
		})
	}
	for _, g := range servers() {
		t.Run("server "+g.args, func(t *testing.T) {
			t.Parallel()
			address, _ := silentServer(t, g)
			g.endsInTime(t, address, strings.NewReader(""))
		})
	}
}

// TestASignalThatIsSentTwiceAtOnceIsOne: timeout(1) signals its child and then the
// child's group.
func TestASignalThatIsSentTwiceAtOnceIsOne(t *testing.T) {
	t.Parallel()
	later := make(chan time.Time, 1)
	later <- time.Time{}
	for name, test := range map[string]struct {
		signals []os.Signal
		late    <-chan time.Time
		ends    bool
	}{
		"one":               {[]os.Signal{syscall.SIGTERM}, nil, false},
		"one, sent twice":   {[]os.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGTERM}, nil, false},
		"another":           {[]os.Signal{syscall.SIGINT, syscall.SIGTERM}, nil, true},
		"another, of three": {[]os.Signal{syscall.SIGINT, syscall.SIGINT, syscall.SIGTERM}, nil, true},
		"the same later":    {[]os.Signal{syscall.SIGTERM, syscall.SIGTERM}, later, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signals := make(chan os.Signal, len(test.signals))
			for _, s := range test.signals {
				signals <- s
			}
			close(signals)
			stopped, ended := 0, false
			stopBy(signals, func(time.Duration) <-chan time.Time { return test.late }, func() { stopped++ }, func() { ended = true })
			if stopped != 1 || ended != test.ends {
				t.Errorf("stopped %d times, ended %t", stopped, ended)
			}
		})
	}
}

// TestAGroupThatIsSignalledIsInterrupted: Ctrl-C reaches the command that gives the
// secret too, and that ends first.
func TestAGroupThatIsSignalledIsInterrupted(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(config, []byte(`sentry: {org: acme, scim: {token: {command: [sh, -c, 'kill -INT 0; exit 1']}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	run, messages := given{args: "scim export --config INPUT"}.process(t, config)
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := run.Run(); run.ProcessState == nil || run.ProcessState.ExitCode() != int(fault.Interrupted) || !strings.Contains(messages.String(), "error: interrupted\n") {
		t.Errorf("%v: %s", err, messages)
	}
}

// TestALostConnectionInterrupts: the report says what was applied.
func TestALostConnectionInterrupts(t *testing.T) {
	t.Parallel()
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP) // what nohup has ignored, the program would ignore too
	defer signal.Stop(caught)
	g := given{args: "scim map --file INPUT"}
	run, messages := g.process(t, "-")
	stdin, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	interrupts(t, run, messages, syscall.SIGHUP, func(<-chan struct{}) {
		if _, err := stdin.Write(bytes.Repeat([]byte(" "), more)); err != nil { // waits for the reader
			t.Error(err)
		}
	})
}

// TestASecondSignalEndsTheProcessAtOnce interrupts a command twice that cannot
// end after the first signal: nobody reads what it writes.
func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	t.Parallel()
	var people strings.Builder
	people.WriteString("username,email\n")
	for range 4000 {
		name := "a" + strconv.Itoa(people.Len())
		people.WriteString(name + "," + name + "@acme.test\n")
	}
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(people.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run, messages := given{args: "scim map --file INPUT -o json"}.process(t, path)
	stdout, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 1)); err != nil { // it writes now, and comes to no end
		t.Fatal(err)
	}
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if err := run.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := run.Process.Wait(); err != nil { // Cmd.Wait would close the pipe first
		t.Fatal(err)
	}
	left, err := io.ReadAll(stdout)
	if err != nil || len(left) >= people.Len() {
		t.Errorf("%d bytes were written after all, %v, %s", len(left), err, messages)
	}
}
