//go:build linux

package cmd

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// dialogue is a run of init on a terminal of its own, in a folder of its own.
type dialogue struct {
	*terminal

	t    *testing.T
	run  *exec.Cmd
	dir  string
	seen int // characters of text that were waited for
}

// emulated starts both products, set up soundly, and returns the variables that
// name their tokens.
func emulatedSite(t *testing.T) (site *runningSandbox, env []string) {
	t.Helper()
	a, _, _ := testApp()
	a.now, a.rand = time.Now, rand.Reader
	people, err := sampleAuthentik("")
	if err != nil {
		t.Fatal(err)
	}
	site, err = a.startSandbox(t.Context(), sandboxSetup{
		address: loopback, authentikAddress: loopback, state: sandbox.SampleState(), config: sandbox.Config{Release: sandbox.ReleaseLatest}, authentikState: people, sound: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return site, []string{"SENTRYIDP_AUTHENTIK_TOKEN=" + site.authentik.Token(), "SENTRYIDP_SENTRY_SCIM_TOKEN=" + site.sentry.Token()}
}

// converse starts init on a terminal of 80 columns that is its own, so that keys
// become signals as they do for a person.
func converse(t *testing.T, kind string, env []string, args ...string) *dialogue {
	t.Helper()
	program, err := exec.LookPath("sentryidp")
	if err != nil {
		t.Fatal(err)
	}
	d := &dialogue{terminal: newTerminal(t), t: t, dir: t.TempDir()}
	size := [4]uint16{30, 80}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, d.theirs.Fd(), syscall.TIOCSWINSZ, uintptr(unsafe.Pointer(&size))); errno != 0 {
		t.Fatal(errno)
	}
	d.run = exec.CommandContext(t.Context(), program, append([]string{"init"}, args...)...)
	d.run.Dir = d.dir
	d.run.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "TERM=" + kind}, env...)
	d.run.Stdin, d.run.Stdout, d.run.Stderr = d.theirs, d.theirs, d.theirs
	d.run.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return d
}

func (d *dialogue) start() {
	d.t.Helper()
	if err := d.run.Start(); err != nil {
		d.t.Fatal(err)
	}
}

// expect waits for text behind what was waited for before.
func (d *dialogue) expect(text string) {
	d.t.Helper()
	for {
		shown := d.text()
		if i := strings.Index(shown[min(d.seen, len(shown)):], text); i >= 0 {
			d.seen += i + len(text)
			return
		}
		if _, more := <-d.news; !more {
			d.t.Fatalf("expected %q but the terminal ended with %q", text, shown)
		}
	}
}

func (d *dialogue) press(keys string) {
	d.t.Helper()
	if _, err := d.ours.WriteString(keys); err != nil {
		d.t.Fatal(err)
	}
}

// ends waits for the exit code.
func (d *dialogue) ends(code fault.Code) {
	d.t.Helper()
	if err := d.run.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		d.t.Fatal(err)
	}
	if got := d.run.ProcessState.ExitCode(); got != int(code) {
		d.t.Errorf("exit code %d, want %d: %s", got, code, d.text())
	}
	if !d.echoes(d.t) {
		d.t.Error("what is typed is not shown any more")
	}
}

// files are all files below the folder.
func (d *dialogue) files() []string {
	d.t.Helper()
	var found []string
	err := filepath.WalkDir(d.dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, strings.TrimPrefix(path, d.dir+"/"))
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return found
}

func (d *dialogue) raw() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown.String()
}

// turn is a question, and what is typed.
type turn struct{ question, typed string }

// turns are all questions of a first set-up. Each answer ends with Enter.
func turns(s *runningSandbox) []turn {
	return []turn{
		{"Sentry's address", "\x15" + s.url}, // Ctrl-U empties the line
		{"Organization in Sentry", s.org},
		{"authentik's address", s.authentikURL},
		{"Where is authentik's API token", ""},
		{"Application in authentik", ""},
		{"Groups that may use the application", ""},
		{"Where is Sentry's SCIM token", ""},
		{"Where is Sentry's API token", ""},
		{"Write sentryidp.yaml? [y/N]", "y"},
	}
}

// colours finds what sets a colour (ECMA-48, SGR).
var colours = regexp.MustCompile(`\x1b\[([0-9;]*;)?([349][0-7]|[34]8;[0-9;]*)m`)

// enter is the key, which terminals send as this.
const enter = "\r"

func TestInitOnATerminal(t *testing.T) {
	t.Parallel()
	site, tokens := emulatedSite(t)
	for name, tt := range map[string]struct {
		kind   string
		env    []string
		colour bool // is shown
		plain  bool // nothing but text is shown
	}{
		"a terminal":      {"xterm-256color", nil, true, false},
		"without colours": {"xterm-256color", []string{"NO_COLOR=1"}, false, false},
		"a dumb terminal": {"dumb", nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := converse(t, tt.kind, append(tt.env, tokens...))
			d.start()
			for _, turn := range turns(site) {
				d.expect(turn.question)
				d.press(turn.typed + enter)
			}
			d.expect("next: 'sentryidp authentik apply --dry-run'")
			d.ends(fault.OK)
			if got := strings.Join(d.files(), " "); got != ".local/state/sentryidp/trust.json sentryidp.yaml" {
				t.Errorf("files: %s", got)
			}
			content, err := os.ReadFile(filepath.Join(d.dir, "sentryidp.yaml"))
			if err != nil || strings.Contains(string(content), site.authentik.Token()) || !strings.Contains(string(content), "  org: "+site.org+"\n") {
				t.Errorf("%v: %s", err, content)
			}
			raw := d.raw()
			if coloured := colours.MatchString(raw); coloured != tt.colour {
				t.Errorf("coloured: %v", coloured)
			}
			if tt.plain && strings.ContainsRune(raw, '\x1b') {
				t.Errorf("control sequences: %q", raw)
			}
			for _, secret := range []string{site.authentik.Token(), site.sentry.Token()} {
				if strings.Contains(raw, secret) {
					t.Error("a token is shown")
				}
			}
		})
	}
}

// TestInitIsEndedAtEachQuestion presses Esc and Ctrl-C: nothing is left behind.
func TestInitIsEndedAtEachQuestion(t *testing.T) {
	t.Parallel()
	site, tokens := emulatedSite(t)
	all := turns(site)
	for _, kind := range []string{"xterm-256color", "dumb"} {
		for i, last := range all {
			for key, code := range map[string]fault.Code{"\x1b": fault.Failed, "\x03": fault.Interrupted} {
				t.Run(kind+", "+last.question+", "+strconv.Itoa(int(code)), func(t *testing.T) {
					t.Parallel()
					d := converse(t, kind, tokens)
					d.start()
					for _, turn := range all[:i] {
						d.expect(turn.question)
						d.press(turn.typed + enter)
					}
					d.expect(last.question)
					d.press(key)
					d.expect("nothing was written")
					d.ends(code)
					if files := d.files(); len(files) > 0 {
						t.Errorf("left behind: %q", files)
					}
				})
			}
		}
	}
}

func TestInitShowsTheDifference(t *testing.T) {
	t.Parallel()
	site, tokens := emulatedSite(t)
	before := "# ours\nsentry:\n  org: " + site.org + "\n  url: " + site.url + "\nscim: {remove: never}\n"
	for typed, code := range map[string]fault.Code{"y": fault.OK, "n": fault.Failed} {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			d := converse(t, "dumb", tokens)
			path := filepath.Join(d.dir, "sentryidp.yaml")
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			d.start()
			d.expect("scim.remove: never Begin with what sentryidp.yaml says? [y/N]")
			d.press("y" + enter)
			for _, turn := range turns(site)[:8] {
				d.expect(turn.question)
				d.press(strings.TrimPrefix(strings.TrimPrefix(turn.typed, "\x15"+site.url), site.org) + enter)
			}
			d.expect("+ authentik: + url: " + site.authentikURL + " + token: {env: SENTRYIDP_AUTHENTIK_TOKEN}")
			d.expect("Replace sentryidp.yaml? [y/N]")
			d.press(typed + enter)
			d.ends(code)
			after, err := os.ReadFile(path)
			if err != nil || typed == "n" && string(after) != before || typed == "y" && !strings.HasPrefix(string(after), strings.TrimSuffix(before, "scim: {remove: never}\n")) {
				t.Errorf("%v: %s", err, after)
			}
			if trusted := len(d.files()) == 2; trusted != (typed == "y") {
				t.Errorf("files: %q", d.files())
			}
		})
	}
}

// TestInitStoresATokenThatIsTyped keeps it from everybody else.
func TestInitStoresATokenThatIsTyped(t *testing.T) {
	t.Parallel()
	site, _ := emulatedSite(t)
	d := converse(t, "dumb", nil)
	d.start()
	for _, turn := range turns(site)[:3] {
		d.expect(turn.question)
		d.press(turn.typed + enter)
	}
	d.expect("Where is authentik's API token")
	d.press("2" + enter)
	d.expect("New file of the token [" + d.dir + "/.config/sentryidp/authentik-token]:")
	d.press(enter)
	d.expect("authentik's API token:")
	d.press("wrong" + enter)
	d.expect("(authentik-token/refused)")
	d.expect("What now [1]:")
	d.press(enter)
	d.expect("Where is authentik's API token")
	d.press("3" + enter)
	d.expect("New file of the token")
	d.press(enter)
	d.expect("authentik's API token:")
	d.press(site.authentik.Token() + enter)
	for _, turn := range turns(site)[4:] {
		d.expect(turn.question)
		d.press(turn.typed + enter)
	}
	d.ends(fault.OK)
	path := filepath.Join(d.dir, ".config", "sentryidp", "authentik-token")
	held, err := os.ReadFile(path)
	if err != nil || string(held) != site.authentik.Token()+"\n" {
		t.Errorf("the file holds %q, %v", held, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: %v, %v", info, err)
	}
	if strings.Contains(d.raw(), site.authentik.Token()) {
		t.Error("the token is shown")
	}
}

func TestInitEndsAtTheTimeLimit(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"xterm-256color", "dumb"} {
		d := converse(t, kind, nil, "--timeout", "1s")
		d.start()
		d.expect("the time limit of --timeout ran out")
		d.ends(fault.Failed)
		if files := d.files(); len(files) > 0 {
			t.Errorf("left behind: %q", files)
		}
	}
}
