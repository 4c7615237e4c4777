package cmd_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// runJob runs a task of a job as its platform would, with the tokens of the script
// as its secrets and nothing else of the script's variables, and asserts the exit
// code. What it printed is there for stdout:
//
//	job CODE github|gitlab|kubernetes|systemd|cron FILE push|check
func runJob(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: job CODE PLATFORM FILE TASK")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	m := newMachine(ts)
	run := map[string]func(path, task string) int{
		"github": m.github, "gitlab": m.gitlab, "kubernetes": m.kubernetes, "systemd": m.systemd, "cron": m.cron,
	}[args[1]]
	if got := run(ts.MkAbs(args[2]), args[3]); got != want {
		ts.Fatalf("exit code %d, want %d, of\n%s", got, want, m.out.String())
	}
	_, err = io.Copy(ts.Stdout(), &m.out)
	ts.Check(err)
}

// machine is where a job runs: a folder for it, one for programs, and the tokens.
type machine struct {
	ts     *testscript.TestScript
	folder string
	path   string
	tokens map[string]string
	out    bytes.Buffer
}

func newMachine(ts *testscript.TestScript) *machine {
	m := &machine{ts: ts, folder: ts.MkAbs("machine"), tokens: map[string]string{}}
	ts.Check(os.MkdirAll(m.folder, 0o700))
	for _, name := range []string{"SENTRYIDP_SENTRY_SCIM_TOKEN", "SENTRYIDP_AUTHENTIK_TOKEN", "SENTRYIDP_SENTRY_API_TOKEN"} {
		if token := ts.Getenv(name); token != "" {
			m.tokens[name] = token
		}
	}
	tools := ts.MkAbs("tools")
	ts.Check(os.MkdirAll(tools, 0o700))
	m.release(tools)
	m.path = tools + string(os.PathListSeparator) + "/usr/bin" + string(os.PathListSeparator) + "/bin"
	return m
}

// program is the program that is tested, as a script that has its name.
func (m *machine) program() []byte {
	for _, dir := range filepath.SplitList(m.ts.Getenv("PATH")) {
		path := filepath.Join(dir, "sentryidp")
		if _, err := os.Stat(path); err == nil {
			return []byte("#!/bin/sh\nexec '" + path + "' \"$@\"\n")
		}
	}
	m.ts.Fatalf("sentryidp is not on PATH")
	return nil
}

// release makes a release of the program, and a curl and wget that get it from there.
func (m *machine) release(tools string) {
	const name = "sentryidp_1.2.3-test_linux_amd64.tar.gz"
	const from = "https://github.com/sentryidp/sentryidp/releases/download/v1.2.3-test"
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	files := tar.NewWriter(zipped)
	program := m.program()
	m.ts.Check(files.WriteHeader(&tar.Header{Name: "sentryidp", Mode: 0o755, Size: int64(len(program))}))
	_, err := files.Write(program)
	m.ts.Check(errors.Join(err, files.Close(), zipped.Close()))
	sums := fmt.Sprintf("%x  %s\n%x  other.tar.gz\n", sha256.Sum256(archive.Bytes()), name, sha256.Sum256(nil))
	if m.ts.Getenv("TAMPERED") != "" {
		archive.WriteByte(0)
	}
	fetch := `#!/bin/sh
for word; do
  case $word in
    ` + from + `/` + name + ` | ` + from + `/checksums.txt) cp "` + tools + `/$(basename "$word")" . ;;
    http*) echo "$word is not there" >&2; exit 22 ;;
  esac
done
`
	for path, content := range map[string]string{name: archive.String(), "checksums.txt": sums, "curl": fetch, "wget": fetch} {
		m.ts.Check(os.WriteFile(filepath.Join(tools, path), []byte(content), 0o700))
	}
}

// run runs a program with these variables alone, and returns its exit code.
func (m *machine) run(env map[string]string, name string, args ...string) int {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = m.folder, &m.out, &m.out
	cmd.Env = []string{"PATH=" + m.path, "HOME=" + m.folder, "GORACE=atexit_sleep_ms=0", "TMPDIR=" + m.folder}
	for variable, value := range env {
		cmd.Env = append(cmd.Env, variable+"="+value)
	}
	err := cmd.Run()
	if failed, is := errors.AsType[*exec.ExitError](err); is {
		return failed.ExitCode()
	}
	m.ts.Check(err)
	return 0
}

func (m *machine) read(path string, into any) {
	data, err := os.ReadFile(path)
	m.ts.Check(err)
	m.ts.Check(yaml.Unmarshal(data, into))
}

// github runs the steps of a job that are scripts, as GitHub's runner does with bash in
// a private repository, until one fails. Actions are left out.
func (m *machine) github(path, task string) int {
	var workflow struct {
		Env  map[string]string
		Jobs map[string]struct {
			Steps []struct {
				Env map[string]string
				If  string
				Run string
			}
		}
	}
	m.read(path, &workflow)
	paths := filepath.Join(m.folder, "github-path")
	for _, step := range workflow.Jobs[task].Steps {
		if step.Run == "" || step.If == "github.event.repository.visibility == 'public'" {
			continue
		}
		env := map[string]string{"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_PATH": paths}
		for _, given := range []map[string]string{workflow.Env, step.Env} {
			for name, value := range given {
				env[name] = m.evaluated(name, value)
			}
		}
		if code := m.run(env, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", m.evaluated("", step.Run)); code != 0 {
			return code
		}
		if added, err := os.ReadFile(paths); err == nil {
			m.path = strings.TrimSpace(string(added)) + ":" + m.path
			m.ts.Check(os.Remove(paths))
		}
	}
	return 0
}

// evaluated is a value of a workflow: a secret stands for the token of the variable
// that it is given to.
func (m *machine) evaluated(variable, value string) string {
	if strings.HasPrefix(value, "${{ secrets.") {
		return m.tokens[variable]
	}
	return strings.ReplaceAll(value, "${{ '${{' }}", "${{")
}

// gitlab runs the script of a job behind its before_script, in one shell. Tokens
// are variables of the project.
func (m *machine) gitlab(path, task string) int {
	var pipeline map[string]struct {
		Extends      string
		Variables    map[string]any
		BeforeScript []string `yaml:"before_script"`
		Script       []string
	}
	m.read(path, &pipeline)
	for name, job := range pipeline {
		if !strings.HasSuffix(name, "-"+task) {
			continue
		}
		base := pipeline[job.Extends]
		env := map[string]string{"CI": "true"}
		maps.Copy(env, m.tokens)
		for variable, value := range base.Variables {
			if object, is := value.(map[string]any); is {
				value = object["value"]
			}
			env[variable] = fmt.Sprint(value)
		}
		return m.run(env, "sh", "-ec", strings.Join(append(base.BeforeScript, job.Script...), "\n"))
	}
	m.ts.Fatalf("%s has no job %s", path, task)
	return 0
}
