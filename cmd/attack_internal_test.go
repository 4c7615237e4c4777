package cmd

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// listener is a server that an attacker, or a victim, has. It keeps what it was
// asked, with all headers.
type listener struct {
	*httptest.Server

	mu   sync.Mutex
	seen []string
}

func newListener(t *testing.T) *listener {
	t.Helper()
	l := &listener{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen = append(l.seen, fmt.Sprintf("%s %s %v", r.Method, r.URL, r.Header))
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) requests() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen
}

// folder is a folder that somebody else filled, and the environment of the
// person who stands in it.
type folder struct {
	t   *testing.T
	dir string
	env []string
}

// The secrets of the person. No server may see one of them.
const (
	canaryToken   = "sntrys_canary_exported"
	canaryAPI     = "ak_canary_exported"
	canaryCloud   = "canary_of_another_program"
	canaryPrivate = "canary_in_a_private_file"
)

// newFolder fills a folder. LISTENER in its files and variables stands for the
// address of l.
func newFolder(t *testing.T, l *listener, files map[string]string, env ...string) *folder {
	t.Helper()
	home := t.TempDir()
	f := &folder{t: t, dir: t.TempDir(), env: []string{
		"PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0",
		"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"SENTRY_AUTH_TOKEN=" + canaryToken, "AUTHENTIK_TOKEN=" + canaryAPI, "CLOUD_SECRET=" + canaryCloud,
	}}
	for _, variable := range env {
		f.env = append(f.env, strings.ReplaceAll(variable, "LISTENER", l.URL))
	}
	for name, content := range files {
		f.write(name, strings.ReplaceAll(content, "LISTENER", l.URL))
	}
	f.write("people.yaml", "users: [{username: ada, email: ada@acme.test, groups: [interns]}]")
	f.write("private", canaryPrivate)
	return f
}

func (f *folder) write(name, content string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// run runs the program in the folder.
func (f *folder) run(args ...string) (code int, stdout, stderr string) {
	f.t.Helper()
	program, err := exec.LookPath("sentryidp")
	if err != nil {
		f.t.Fatal(err)
	}
	run := exec.CommandContext(f.t.Context(), program, args...)
	run.Dir, run.Env = f.dir, f.env
	var out, messages bytes.Buffer
	run.Stdout, run.Stderr = &out, &messages
	_ = run.Run() // the state tells more
	for _, canary := range []string{canaryToken, canaryAPI, canaryCloud, canaryPrivate} {
		if strings.Contains(out.String()+messages.String(), canary) {
			f.t.Errorf("%v prints a secret:\n%s%s", args, out.String(), messages.String())
		}
	}
	return run.ProcessState.ExitCode(), out.String(), messages.String()
}

// TestAFoundFileSendsAndRunsNothing has each attack by ./sentryidp.yaml. The same
// file does what it says once it is named, which shows that the attack is one.
func TestAFoundFileSendsAndRunsNothing(t *testing.T) {
	t.Parallel()
	push := []string{"scim", "push", "--org", "acme", "--file", "people.yaml"}
	const atListener = "SENTRYIDP_SENTRY_URL=LISTENER"
	for name, test := range map[string]struct {
		file   string
		env    []string
		args   []string
		refuse string // what is named
		sees   string // what the server sees of it once the file is named
	}{
		"a program":              {"sentry: {scim: {token: {command: [sentryidp, saml, cert, generate, --out-dir, ran]}}}", nil, push, "sentry.scim.token: command sentryidp", ""},
		"Sentry's address":       {"sentry: {url: LISTENER}", nil, push, "sentry.url: http://", canaryToken},
		"the SCIM address alone": {"sentry: {scim: {url: LISTENER/scim/v2}}", nil, push, "sentry.scim.url: http://", canaryToken},
		"a variable":             {"sentry: {scim: {token: {env: CLOUD_SECRET}}}", []string{atListener}, push, "sentry.scim.token: env CLOUD_SECRET", canaryCloud},
		"a file":                 {"sentry: {scim: {token: {file: private}}}", []string{atListener}, push, "sentry.scim.token: file private", canaryPrivate},
		"authentik's address":    {"authentik: {url: LISTENER}", nil, []string{"scim", "map"}, "authentik.url: http://", canaryAPI},
		"Sentry's address for authentik": {
			"sentry: {url: https://evil.test}",
			[]string{"AUTHENTIK_URL=LISTENER"},
			[]string{"authentik", "apply", "--org", "acme"},
			"sentry.url: https://evil.test", canaryAPI,
		},
		"people removed":  {"scim: {file: people.yaml, remove: absent}", []string{atListener}, []string{"scim", "push", "--org", "acme"}, "scim.remove: absent", canaryToken},
		"roles":           {"scim: {roles: [{group: interns, role: manager}]}", []string{atListener}, push, "scim.roles: interns=manager", canaryToken},
		"guards loosened": {"scim: {guard: {max_removals: 100%, allow_empty: true}}", []string{atListener}, push, "scim.guard.max_removals: 100%", canaryToken},
		"a profile":       {"profiles: {p: {scim: {remove: absent}}}", []string{atListener, "SENTRYIDP_PROFILE=p"}, push, "sentryidp.yaml:1 (profile p): scim.remove: absent", canaryToken},
		"another memory":  {"state_dir: elsewhere", []string{atListener}, push, "state_dir: elsewhere", canaryToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newListener(t)
			f := newFolder(t, l, map[string]string{"sentryidp.yaml": test.file}, test.env...)
			for _, args := range [][]string{test.args, append([]string{"-o", "json"}, test.args...)} {
				code, out, messages := f.run(args...)
				if code != int(fault.Usage) || strings.HasPrefix(out, "+") || !strings.Contains(messages, test.refuse) || !strings.Contains(messages, "add --config ./sentryidp.yaml") {
					t.Errorf("exit code %d\n%s%s", code, out, messages)
				}
			}
			if seen := l.requests(); len(seen) > 0 {
				t.Fatalf("the server saw %q", seen)
			}
			f.nothingRan()
			f.run(append([]string{"--config", "./sentryidp.yaml"}, test.args...)...)
			if seen := strings.Join(l.requests(), "\n"); test.sees != "" && !strings.Contains(seen, test.sees) {
				t.Errorf("the file was named, and the server saw %q", seen)
			}
			if _, err := os.Stat(filepath.Join(f.dir, "ran")); test.sees == "" && err != nil {
				t.Errorf("the file was named, and the program did not run: %v", err)
			}
		})
	}
}

func (f *folder) nothingRan() {
	f.t.Helper()
	if _, err := os.Stat(filepath.Join(f.dir, "ran")); err == nil {
		f.t.Error("the program of the file ran")
	}
}

// TestNoCommandSendsASecretToAFoundAddress runs every command of the tree in a
// folder whose file names all addresses.
func TestNoCommandSendsASecretToAFoundAddress(t *testing.T) {
	t.Parallel()
	arguments := map[string][]string{
		"sentryidp saml urls":             {"--verify"},
		"sentryidp saml cert check":       {"--authentik"},
		"sentryidp saml cert inspect":     {"private"},
		"sentryidp saml metadata lint":    {"private"},
		"sentryidp saml metadata fetch":   {"LISTENER/metadata"},
		"sentryidp saml response inspect": {"private"},
		"sentryidp scim push":             {"--file", "people.yaml"},
		"sentryidp scim restore":          {"snapshot.json", "--yes"},
		"sentryidp sandbox":               {"--listen", "nowhere"},
		"sentryidp completion install":    {"bash", "--dry-run"},
		"sentryidp docs":                  {"man", "manual"},
	}
	files := map[string]string{
		"sentryidp.yaml": "sentry: {url: LISTENER, org: acme}\nauthentik: {url: LISTENER}",
		"snapshot.json":  `{"format": 1, "taken_at": "2026-08-01T10:00:00Z", "org": "acme", "sentry_url": "LISTENER", "members": [], "teams": []}`,
	}
	senders := 0
	a, _, _ := testApp()
	visit(newRoot(a), func(cmd *cobra.Command) {
		if !cmd.Runnable() || cmd.HasSubCommands() {
			return
		}
		args := strings.Fields(cmd.CommandPath())[1:]
		l := newListener(t)
		f := newFolder(t, l, files)
		for _, argument := range arguments[cmd.CommandPath()] {
			args = append(args, strings.ReplaceAll(argument, "LISTENER", l.URL))
		}
		code, out, messages := f.run(args...)
		found := strings.Join(strings.Fields(out), " ")
		if slices.Contains([]string{"doctor", "guide"}, cmd.Name()) && strings.Contains(found, "must not set this") {
			code, messages = int(fault.Usage), found // it says so among its findings
		}
		if seen := strings.Join(l.requests(), "\n"); strings.Contains(seen, "Authorization") || strings.Contains(seen, "canary") {
			t.Errorf("%v: the server saw %s", args, seen)
		}
		before := len(l.requests())
		f.run(append(args, "--config", "sentryidp.yaml")...)
		if seen := strings.Join(l.requests()[before:], "\n"); strings.Contains(seen, "Authorization") {
			senders++
			if code != int(fault.Usage) || !strings.Contains(messages, "must not set this") {
				t.Errorf("%v: exit code %d: %s", args, code, messages)
			}
		}
	})
	const least = 10
	if senders < least {
		t.Errorf("%d commands send a secret to the addresses of a file that is named, want at least %d", senders, least)
	}
}
