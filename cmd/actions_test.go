//go:build !windows

package cmd_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/peers"
)

// action is what the tests read of a composite action.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Steps []struct {
			ID, If, Run, Shell string
			Env                map[string]string
		}
	}
}

func readAction(t *testing.T, name string) action {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", ".github", "actions", name, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var read action
	if err := yaml.Unmarshal(data, &read); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return read
}

// runner is what stands in for GitHub's: the values of expressions, such as
// inputs.version, and the variables of every step.
type runner struct {
	dir    string
	values map[string]string
	env    map[string]string
}

// newRunner returns a runner with a workspace of its own. It ends tests where the
// programs that runners of GitHub have are missing.
func newRunner(t *testing.T, values map[string]string) *runner {
	t.Helper()
	for _, program := range []string{"bash", "curl", "jq", "tar"} {
		if _, err := exec.LookPath(program); err != nil {
			peers.Missing(t, program)
		}
	}
	dir := t.TempDir()
	temp := t.TempDir()
	r := &runner{dir: dir, values: map[string]string{"runner.temp": temp, "github.token": canaryToken, mayWrite: "false"}}
	maps.Copy(r.values, values)
	r.env = map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": dir, "GITHUB_ACTIONS": "true", "CI": "true", "GORACE": "atexit_sleep_ms=0",
		"RUNNER_TEMP": temp, "RUNNER_OS": map[string]string{"darwin": "macOS"}[runtime.GOOS], "RUNNER_ARCH": "X64",
		"GITHUB_STEP_SUMMARY": filepath.Join(dir, "summary.md"), "GITHUB_OUTPUT": filepath.Join(dir, "output"), "GITHUB_PATH": filepath.Join(dir, "path"),
	}
	if r.env["RUNNER_OS"] == "" {
		r.env["RUNNER_OS"] = "Linux"
	}
	return r
}

// mayWrite is the expression for a dry run where the workflow does not say: only of
// these events is it sure that nobody outside started them.
const mayWrite = `!contains(fromJSON('["schedule", "workflow_dispatch", "repository_dispatch", "push"]'), github.event_name)`

var expression = regexp.MustCompile(`\$\{\{ *(.*?) *\}\}`)

// evaluate replaces the expressions of a text by their values: those of inputs
// that the test does not give are the action's defaults.
func (r *runner) evaluate(t *testing.T, a action, text string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		if value, given := r.values[name]; given {
			return value
		}
		input, isInput := strings.CutPrefix(name, "inputs.")
		declared, known := a.Inputs[input]
		if !isInput || !known {
			t.Fatalf("no value for the expression %q", name)
		}
		return r.evaluate(t, a, declared.Default)
	})
}

// run executes the shell step with the id as the runner does, and returns its exit
// code with all that it wrote.
func (r *runner) run(t *testing.T, name, id string) (code int, output string) {
	t.Helper()
	a := readAction(t, name)
	for _, step := range a.Runs.Steps {
		if step.ID != id {
			continue
		}
		script := filepath.Join(t.TempDir(), "step.sh")
		if err := os.WriteFile(script, []byte(step.Run), 0o600); err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		command.Dir = r.dir
		env := maps.Clone(r.env)
		for key, value := range step.Env {
			env[key] = r.evaluate(t, a, value)
		}
		for key, value := range env {
			command.Env = append(command.Env, key+"="+value)
		}
		var out bytes.Buffer
		command.Stdout, command.Stderr = &out, &out
		if err := command.Run(); command.ProcessState == nil {
			t.Fatal(err)
		}
		return command.ProcessState.ExitCode(), out.String()
	}
	t.Fatalf("%s has no step %q", name, id)
	return 0, ""
}

// read returns a file below the workspace or RUNNER_TEMP, "" where there is none.
func (r *runner) read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

// TestStepsOfActionsTakeValuesAsVariables: a value in the text of a script could be
// a command.
func TestStepsOfActionsTakeValuesAsVariables(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"setup", "push", "check"} {
		scripts := 0
		for _, step := range readAction(t, name).Runs.Steps {
			if step.Run == "" {
				continue
			}
			scripts++
			if step.ID == "" || step.Shell != "bash" || strings.Contains(step.Run, "${{") {
				t.Errorf("%s: expected an id, bash and no expression in the script but found:\n%+v", name, step)
			}
		}
		if scripts == 0 {
			t.Errorf("%s has no script", name)
		}
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
