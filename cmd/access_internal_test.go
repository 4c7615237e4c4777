//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

// TestAFileThatOthersCanChangeIsRefusedUnlessItIsNamed has what somebody else
// left in a shared folder, and what GitLab's runners do to every file. Only root
// can give files away.
func TestAFileThatOthersCanChangeIsRefusedUnlessItIsNamed(t *testing.T) {
	t.Parallel()
	for problem, spoil := range map[string]func(t *testing.T, path string){
		"sentryidp.yaml is writable by every user (mode 0666)": func(t *testing.T, path string) {
			t.Helper()
			if err := os.Chmod(path, 0o666); err != nil {
				t.Fatal(err)
			}
		},
		"sentryidp.yaml belongs to another user, who is not root": func(t *testing.T, path string) { t.Helper(); peers.GiveAway(t, path) },
	} {
		t.Run(problem, func(t *testing.T) {
			t.Parallel()
			l := newListener(t)
			f := newFolder(t, l, map[string]string{"sentryidp.yaml": "sentry: {org: acme}"}, "SENTRYIDP_SENTRY_URL=LISTENER")
			spoil(t, filepath.Join(f.dir, "sentryidp.yaml"))
			push := []string{"scim", "push", "--file", "people.yaml"}
			code, out, messages := f.run(push...)
			if code != int(fault.Usage) || out != "" || !strings.Contains(messages, "error: "+problem) || !strings.Contains(messages, "add --config ./sentryidp.yaml") {
				t.Errorf("exit code %d: %s%s", code, out, messages)
			}
			if seen := l.requests(); len(seen) > 0 {
				t.Errorf("the server saw %q", seen)
			}
			_, _, messages = f.run(append(push, "--config", "sentryidp.yaml")...)
			if seen := l.requests(); len(seen) == 0 || !strings.Contains(messages, "warning: "+problem) {
				t.Errorf("named: the server saw %q: %s", seen, messages)
			}
		})
	}
}
