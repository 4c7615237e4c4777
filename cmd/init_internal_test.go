package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// newcomer is init at a terminal that shows text alone, in a folder of its own.
type newcomer struct {
	t       *testing.T
	dir     string
	keyring *keyringAccess
	env     []string
}

func (n newcomer) file() string { return filepath.Join(n.dir, "ci.yaml") }

// types gives the answers one after the other, and hangs up.
func (n newcomer) types(answers []string) ended {
	n.t.Helper()
	p := &typist{}
	for _, answer := range answers {
		p.answers = append(p.answers, answered{text: answer + "\n"})
	}
	var out, messages bytes.Buffer
	env := append([]string{"HOME=" + n.dir, "NO_COLOR=1"}, n.env...)
	a := &app{term: ui.Test(p, &out, &messages, env...), now: time.Now, rand: zeros{}, env: env, keyring: n.keyring}
	a.term.InTTY, a.term.ErrTTY = true, true
	code := a.run(n.t.Context(), []string{"init", "--out", n.file()})
	return ended{code: code, stdout: out.String(), err: messages.String()}
}

func served(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// alone is a Sentry with one organization, and nothing else.
func alone(t *testing.T, slug string) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/client-config/":
			_, _ = fmt.Fprintf(w, `{"version": {"current": "26.9.0"}, "urlPrefix": "http://%s", "isSelfHosted": true, "singleOrganization": true}`, r.Host)
		case "/auth/login/":
			http.Redirect(w, r, "/auth/login/"+slug+"/", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
}

// nobody is an authentik that does not answer.
const nobody = "http://127.0.0.1:1"

func TestInitOffersTheOnlyOrganization(t *testing.T) {
	t.Parallel()
	for slug, told := range map[string]bool{"acme-only": true, "..%2f": false, "UPPER": false} {
		n := newcomer{t: t, dir: t.TempDir()}
		answers := []string{alone(t, slug), "", "keep"}
		if !told {
			answers = []string{alone(t, slug), "", "acme-only", "keep"}
		}
		e := n.types(append(answers, nobody, "2", "", "", "later", "later", "y"))
		content, err := os.ReadFile(n.file())
		if err != nil || !strings.Contains(string(content), "\n  org: acme-only\n") {
			t.Fatalf("%v, %s\n%s", err, content, e.err)
		}
		if offered := strings.Contains(e.err, "Organization in Sentry [acme-only]: "); offered != told {
			t.Errorf("offered: %v\n%s", offered, e.err)
		}
		if e.code != int(fault.Findings) || !strings.Contains(e.stdout, "failed: ") {
			t.Errorf("exit code %d, %s", e.code, e.stdout)
		}
	}
}

// hostile is an authentik of many groups, some of whose names steer terminals.
func hostile(t *testing.T, groups int) string {
	t.Helper()
	return served(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		number, size := 1, 100
		if n, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil {
			number = n
		}
		var results []map[string]any
		var total int
		switch r.URL.Path {
		case "/api/v3/core/users/me/":
			_, _ = io.WriteString(w, `{"user": {"username": "x\u001b[2J", "is_superuser": true}}`)
			return
		case "/api/v3/admin/version/":
			_, _ = io.WriteString(w, `{"version_current": "2026.8.3"}`)
			return
		case "/api/v3/core/applications/":
			total, results = 1, []map[string]any{{"pk": "1", "slug": "sentry", "name": "Sen\x1b]0;x\x07try"}}
		case "/api/v3/core/groups/":
			total = groups
			for i := (number - 1) * size; i < min(number*size, groups); i++ {
				name := fmt.Sprintf("g%05d", i)
				if i == 1 {
					name = "bad\x1b[2J\nname"
				}
				results = append(results, map[string]any{"pk": strconv.Itoa(i), "name": name})
			}
		default:
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next, pages := number+1, (total+size-1)/size
		if number >= pages {
			next = 0
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"pagination": map[string]any{"next": next, "count": total, "total_pages": pages}, "results": results})
	})
}

func TestInitWithAHostileAuthentik(t *testing.T) {
	t.Parallel()
	n := newcomer{t: t, dir: t.TempDir(), env: []string{"SENTRYIDP_AUTHENTIK_TOKEN=ak_canary"}}
	e := n.types([]string{alone(t, "acme"), "", "keep", hostile(t, 10_000), "", "", "1,g00042", "g09999, g00042", "later", "later", "y"})
	content, err := os.ReadFile(n.file())
	if err != nil || !strings.Contains(string(content), "\n  bind_groups: [g00000, g00042, g09999]\n") {
		t.Fatalf("%v, %s\n%s", err, content, e.err)
	}
	for _, words := range []string{"authentik shows 1 application and 10000 groups", "1 group is not offered", "9500 groups are not listed."} {
		if !strings.Contains(strings.Join(strings.Fields(e.err), " "), words) {
			t.Errorf("it does not say %q: %s", words, e.err)
		}
	}
	if text := e.err + e.stdout + string(content); strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "ak_canary") {
		t.Errorf("it is shown as it came: %q", text)
	}
}

// TestInitWithAnEndlessSentry reads no more than it has to.
func TestInitWithAnEndlessSentry(t *testing.T) {
	t.Parallel()
	endless := served(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	n := newcomer{t: t, dir: t.TempDir()}
	e := n.types([]string{endless, "keep", "acme", "keep", nobody, "2", "", "later", "later"})
	if e.code != int(fault.Failed) || !strings.Contains(e.err, "not confirmed: nothing was written") {
		t.Errorf("exit code %d, said %s", e.code, e.err)
	}
	if _, err := os.Stat(n.file()); err == nil {
		t.Error("a file is left behind")
	}
}

// ring is a keyring that fails where it is told to.
func ring(entries map[string]string, refuses error) *keyringAccess {
	return &keyringAccess{
		get: func(service, account string) (string, error) {
			if value, held := entries[service+"/"+account]; held {
				return value, nil
			}
			return "", keyring.ErrNotFound
		},
		set: func(service, account, value string) error {
			if refuses == nil {
				entries[service+"/"+account] = value
			}
			return refuses
		},
		remove: func(service, account string) error {
			delete(entries, service+"/"+account)
			return nil
		},
	}
}

func TestInitStoresInTheKeyring(t *testing.T) {
	t.Parallel()
	answers := func(t *testing.T) []string {
		t.Helper()
		return []string{alone(t, "acme"), "", "keep", hostile(t, 0), "keyring", "ak_typed", "", "later", "later", "y"}
	}
	entries := map[string]string{}
	n := newcomer{t: t, dir: t.TempDir(), keyring: ring(entries, nil)}
	e := n.types(answers(t))
	content, err := os.ReadFile(n.file())
	if err != nil || entries["sentryidp/authentik-token"] != "ak_typed" || !strings.Contains(string(content), "token: {keyring: sentryidp/authentik-token}") {
		t.Errorf("%v, %v, %s\n%s", err, entries, content, e.err)
	}
	n = newcomer{t: t, dir: t.TempDir(), keyring: ring(entries, errors.New("it is full"))}
	e = n.types(answers(t))
	if e.code != int(fault.Credential) || !strings.Contains(strings.Join(strings.Fields(e.err), " "), "it is full") {
		t.Errorf("exit code %d, said %s", e.code, e.err)
	}
	if left, err := os.ReadDir(n.dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhatWasStoredIsTakenBack(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]map[string]string{"new": {}, "replaced": {"sentryidp/x": "old"}} {
		entries := maps.Clone(before)
		dir := t.TempDir()
		o := &initOptions{app: &app{keyring: ring(entries, nil)}}
		done := &undoing{}
		path := filepath.Join(dir, "deep", "token")
		err := errors.Join(
			o.store(t.Context(), secret.Reference{Keyring: "sentryidp/x"}, secret.New("new"), done),
			o.store(t.Context(), secret.Reference{File: path}, secret.New("new"), done),
		)
		if _, missing := os.Stat(path); err != nil || missing != nil || entries["sentryidp/x"] != "new" {
			t.Fatalf("%s: %v, %v, %v", name, err, missing, entries)
		}
		if err := o.store(t.Context(), secret.Reference{File: path}, secret.New("other"), done); err == nil {
			t.Errorf("%s: a file was replaced", name)
		}
		if err := done.undo(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err == nil || fmt.Sprint(entries) != fmt.Sprint(before) {
			t.Errorf("%s: %v is left", name, entries)
		}
	}
}

func TestAKeyringThatDoesNotAnswerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	silent := &keyringAccess{get: func(string, string) (string, error) {
		cancel()
		select {}
	}}
	if err := silent.check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestInitTrustsNothingOfOthers: what it writes is trusted, and so must not hold what
// nobody trusted before: behind flags and variables, and in profiles.
func TestInitTrustsNothingOfOthers(t *testing.T) {
	t.Parallel()
	const command = "{command: [sh, -c, 'echo of-a-stranger']}"
	for name, content := range map[string]string{
		"a profile":         "profiles: {prod: {sentry: {org: prod, scim: {token: " + command + "}}}}\n",
		"an address":        "profiles: {prod: {authentik: {url: 'https://evil.example.com'}}}\n",
		"behind a variable": "state_dir: /tmp\n",
		"what is not asked": "insecure_http: [evil.example.com]\n",
		"a token":           "authentik:\n  token: " + command + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "sentryidp.yaml")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			env := []string{"HOME=" + dir, "SENTRYIDP_STATE_DIR=" + dir}
			start := func(args ...string) ended {
				var out, messages bytes.Buffer
				a := &app{term: ui.Test(strings.NewReader(""), &out, &messages, env...), now: time.Now, rand: zeros{}, env: env}
				code := a.run(t.Context(), append(args, "--no-input"))
				return ended{code: code, stdout: out.String(), err: messages.String()}
			}
			given := []string{"init", "--org", "acme", "--sentry-url", nobody, "--authentik-url", nobody, "--force"}
			e := start(append(given, "--out", file)...)
			after, err := os.ReadFile(file)
			if e.code != int(fault.Usage) || !strings.Contains(e.err, "is not trusted") || err != nil || string(after) != content {
				t.Errorf("exit code %d, %v, the file is now %s\n%s", e.code, err, after, e.err)
			}
			if e := start("config", "trust", file); e.code != 0 {
				t.Fatal(e.err)
			}
			if e := start(append(given, "--out", file)...); e.code != int(fault.Findings) || !strings.Contains(e.err, "is written") {
				t.Errorf("a file that is trusted: exit code %d\n%s", e.code, e.err)
			}
		})
	}
}

// TestInitReplacesNoChangeOfOthers: the file is changed while questions are asked.
func TestInitReplacesNoChangeOfOthers(t *testing.T) {
	t.Parallel()
	n := newcomer{t: t, dir: t.TempDir()}
	const before, meanwhile = "scim:\n  remove: never\n", "scim:\n  remove: absent\n"
	write := func(content string) {
		if err := os.WriteFile(n.file(), []byte(content), 0o600); err != nil {
			t.Error(err)
		}
	}
	write(before)
	sentry := served(t, func(w http.ResponseWriter, r *http.Request) {
		write(meanwhile)
		http.NotFound(w, r)
	})
	e := n.types([]string{sentry, "keep", "acme", "keep", nobody, "2", "", "", "later", "later", "y"})
	content, err := os.ReadFile(n.file())
	if err != nil || string(content) != meanwhile || e.code != int(fault.Failed) || !strings.Contains(e.err, "meanwhile: nothing was written") {
		t.Errorf("exit code %d, %v, %s\n%s", e.code, err, content, e.err)
	}
}

func TestInitAsksNothingInAJob(t *testing.T) {
	t.Parallel()
	n := newcomer{t: t, dir: t.TempDir(), env: []string{"CI=true"}}
	e := n.types([]string{"https://sentry.acme.test"})
	if e.code != int(fault.Usage) || !strings.Contains(e.err, "nothing is asked in a job") || !strings.Contains(e.err, "no organization is set") {
		t.Errorf("exit code %d, said %s", e.code, e.err)
	}
}
