package schedule_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/schedule"
)

// TestServicesShareAUser: systemd gives the state directory to the user of the service
// that starts, so that one with another would take it from a push.
func TestServicesShareAUser(t *testing.T) {
	t.Parallel()
	user := regexp.MustCompile(`(?m)^User=([a-z_][a-z0-9_-]{0,30})$`)
	seen := map[string]string{}
	for _, org := range []string{"acme", "a_b", strings.Repeat("x", 21), strings.Repeat("x", 22), strings.Repeat("x", 49) + "y"} {
		s, services := acme(), 0
		s.Org = org
		for _, f := range written(t, schedule.Systemd, s) {
			if !strings.HasSuffix(f.Path, ".service") || strings.Contains(f.Path, "@") {
				continue
			}
			services++
			found := user.FindStringSubmatch(f.Content)
			if found == nil {
				t.Fatalf("%s has no user:\n%s", f.Path, f.Content)
			}
			if other, taken := seen[found[1]]; taken && other != org {
				t.Errorf("%s and %s share the user %s", org, other, found[1])
			}
			seen[found[1]] = org
		}
		if services != 3 {
			t.Errorf("%d services, expected 3", services)
		}
	}
	if len(seen) != 5 {
		t.Errorf("%d users of 5 organizations: %v", len(seen), seen)
	}
}

// TestAChecksCacheIsReadAlone: a check whose cache could not be fetched would replace
// what pushes remember by nothing.
func TestAChecksCacheIsReadAlone(t *testing.T) {
	t.Parallel()
	var jobs map[string]struct{ Cache struct{ Policy string } }
	if err := yaml.Unmarshal([]byte(written(t, schedule.GitLab, acme())[0].Content), &jobs); err != nil {
		t.Fatal(err)
	}
	if push, check := jobs["sentryidp-acme-push"].Cache.Policy, jobs["sentryidp-acme-check"].Cache.Policy; push != "" || check != "pull" {
		t.Errorf("the policies are %q for the push and %q for the check", push, check)
	}
	_, check, _ := strings.Cut(written(t, schedule.GitHub, acme())[0].Content, "\n  check:\n")
	if check == "" || strings.Contains(check, "actions/cache/save") {
		t.Errorf("the check saves a cache:\n%s", check)
	}
}

// TestJobsOfCronAtOnceTellTheirOwn has a check run while a push fails.
func TestJobsOfCronAtOnceTellTheirOwn(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("there is no shell of POSIX")
	}
	folder := put(t, written(t, schedule.Cron, acme()))
	job, bin := filepath.Join(folder, "job"), filepath.Join(folder, "go", "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	program := "#!/bin/sh\ncase $1 in scim) echo 'why it failed'; '" + job + "' check; exit 1 ;; esac\necho fine\n"
	if err := os.WriteFile(filepath.Join(bin, "sentryidp"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), sh, job, "push")
	command.Env = []string{"HOME=" + folder, "PATH=/usr/bin:/bin"}
	out, err := command.CombinedOutput()
	if want := "why it failed\nsentryidp: exit code 1: failed\n"; err == nil || string(out) != want {
		t.Errorf("%v, %q, expected %q", err, out, want)
	}
}

// TestSettingsThatDoNotFitAreRefused: a job that Linux cannot start would be found in
// the night.
func TestSettingsThatDoNotFitAreRefused(t *testing.T) {
	t.Parallel()
	for platform, limit := range map[schedule.Platform]int{schedule.GitHub: 128 << 10, schedule.GitLab: 128 << 10, schedule.Kubernetes: 1 << 20, schedule.Systemd: 0, schedule.Cron: 0} {
		s := acme()
		s.Config = map[string]any{"a": strings.Repeat("x", 2<<20)}
		if _, err := schedule.Files(platform, s); (err != nil) != (limit > 0) || err != nil && (fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0) {
			t.Errorf("%s: %v", platform, err)
		}
		s.Config = map[string]any{"a": strings.Repeat("x", max(limit, 64)-64)}
		if _, err := schedule.Files(platform, s); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
	}
}

// TestAPublicRepositoryIsRefused before anything is there for everybody, and a push
// without the state of earlier ones says so.
func TestAPublicRepositoryIsRefused(t *testing.T) {
	t.Parallel()
	var workflow struct {
		Defaults struct{ Run struct{ Shell string } }
		Jobs     map[string]struct {
			Steps []struct{ If, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(written(t, schedule.GitHub, acme())[0].Content), &workflow); err != nil {
		t.Fatal(err)
	}
	if shell := workflow.Defaults.Run.Shell; shell != "bash" {
		t.Errorf("the shell is %q, which does not end where a part of a pipe fails", shell)
	}
	for _, name := range []string{"push", "check"} {
		if first := workflow.Jobs[name].Steps[0]; first.If != "github.event.repository.visibility == 'public'" || !strings.HasSuffix(first.Run, "exit 64\n") {
			t.Errorf("%s begins with %+v", name, first)
		}
	}
	for _, platform := range []schedule.Platform{schedule.GitHub, schedule.GitLab} {
		if n := strings.Count(together(written(t, platform, acme())), "what earlier pushes remembered was not found"); n != 1 {
			t.Errorf("%s: the loss of the state is told %d times, expected 1", platform, n)
		}
	}
}
