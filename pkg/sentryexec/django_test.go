package sentryexec_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/peers"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryexec"
)

// run is one run of the script, in a process of its own.
type run struct {
	Args    []string `json:"args"`
	Fail    string   `json:"fail,omitempty"`    // a point of the stand-in that raises
	Without string   `json:"without,omitempty"` // a name that it lacks
	Release string   `json:"release,omitempty"`
	Prefix  string   `json:"prefix,omitempty"`
}

// seed is what the stand-in has at first. Its organization is acme; user 1 is an
// owner without an active account, user 2 an owner, user 3 a member.
type seed struct {
	Provider string         `json:"provider,omitempty"`
	Config   map[string]any `json:"config,omitempty"`
	Flags    int            `json:"flags,omitempty"` // 1: SSO is optional, 2: SCIM is on
	Linked   []int          `json:"linked,omitempty"`
	Token    string         `json:"token,omitempty"`
	Members  [][2]any       `json:"members,omitempty"` // role, active
}

// story is some runs against a Sentry of their own.
type story struct {
	Script string `json:"script,omitempty"` // empty: that of the test
	Seed   seed   `json:"seed"`
	Runs   []run  `json:"runs"`
}

// result is what a run came to, and the rows of all models after it.
type result struct {
	Code   int
	Stdout string
	Stderr string
	State  map[string][]map[string]any
}

// report is the report of the run.
func (r result) report(t *testing.T) *sentryexec.Report {
	t.Helper()
	report, err := sentryexec.Parse([]byte(r.Stdout + r.Stderr))
	if err != nil {
		t.Fatalf("%v in %q, %q", err, r.Stdout, r.Stderr)
	}
	return report
}

// provider is the row of the SSO provider; nil where there is none.
func (r result) provider() map[string]any {
	if rows := r.State["AuthProvider"]; len(rows) > 0 {
		return rows[0]
	}
	return nil
}

// python is an interpreter that has Django of the release that is pinned.
func python(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("peers are not asked with -short")
	}
	folder := os.Getenv("XDG_CACHE_HOME")
	if folder == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		folder = filepath.Join(home, ".cache")
	}
	name := filepath.Join(folder, "sentryidp-peers", "django-5.2", "bin", "python")
	if _, err := os.Stat(name); err == nil {
		return name
	}
	peers.Missing(t, "Django (.ci/run peers)")
	return ""
}

// play runs the stories, all in one start of Django.
func play(t *testing.T, script []byte, stories ...story) [][]result {
	t.Helper()
	task, err := json.Marshal(map[string]any{"script": string(script), "cases": stories})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python(t), "-B", filepath.Join("testdata", "selfhosted", "run.py"))
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(task), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("run.py: %v\n%s", err, &errs)
	}
	var results [][]result
	if err := json.Unmarshal(out.Bytes(), &results); err != nil {
		t.Fatal(err)
	}
	return results
}

// certificate is what the script of the tests sets.
func certificate(t *testing.T) []byte {
	t.Helper()
	der, err := os.ReadFile(filepath.Join("testdata", "signing.der"))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func settings(t *testing.T) sentryexec.Settings {
	t.Helper()
	base, _, err := sentry.ParseBase("https://sentry.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return sentryexec.Settings{Org: "acme", SentryURL: base, IDP: &sentryexec.IDP{
		EntityID: "https://id.example.com/application/saml/sentry/metadata/", SSOURL: "https://id.example.com/application/saml/sentry/",
		Certificate: certificate(t), Mapping: sentry.GuideMapping().Mapping,
	}}
}

func script(t *testing.T) []byte {
	t.Helper()
	return scriptOf(t, settings(t))
}

func scriptOf(t *testing.T, s sentryexec.Settings) []byte {
	t.Helper()
	text, err := sentryexec.Script(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// applied is a run of an action that writes.
func applied(action sentryexec.Action, more ...string) run {
	return run{Args: append([]string{string(action), "--apply"}, more...)}
}

// without asserts that no text of a run has a secret of the stand-in.
func without(t *testing.T, r result) {
	t.Helper()
	if text := r.Stdout + r.Stderr; strings.Contains(text, "canary") || strings.Contains(text, "PRIVATE KEY") {
		t.Errorf("a secret is printed: %s", text)
	}
}
