package cmd_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tokenFiles writes the tokens into a folder, each under the name of its setting.
func (m *machine) tokenFiles(folder string) {
	m.ts.Check(os.MkdirAll(folder, 0o700))
	for variable, token := range m.tokens {
		name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, "SENTRYIDP_")), "_", "-")
		for _, path := range []string{name, "acme." + name} { // of a job for acme, and of one for all profiles
			m.ts.Check(os.WriteFile(filepath.Join(folder, path), []byte(token+"\n"), 0o600))
		}
	}
}

// kubernetes runs the containers of each pod of a CronJob one after the other, with the volumes
// as folders of this machine, and returns the highest exit code.
func (m *machine) kubernetes(path, task string) int {
	data, err := os.ReadFile(path)
	m.ts.Check(err)
	tokens, settings, state := filepath.Join(m.folder, "tokens"), filepath.Join(m.folder, "settings"), filepath.Join(m.folder, "state")
	m.tokenFiles(tokens)
	m.ts.Check(os.MkdirAll(settings, 0o700))
	m.ts.Check(os.MkdirAll(state, 0o700))
	text := strings.NewReplacer("/run/secrets/sentryidp", tokens, "/etc/sentryidp", settings, "/var/lib/sentryidp", state).Replace(string(data))
	type container struct {
		Args []string
		Env  []struct{ Name, Value string }
	}
	worst := 0
	for decoder := yaml.NewDecoder(strings.NewReader(text)); ; {
		var object struct {
			Kind     string
			Metadata struct{ Name string }
			Data     map[string]string
			Spec     struct {
				JobTemplate struct {
					Spec struct {
						Completions int
						Template    struct {
							Spec struct{ Containers []container }
						}
					}
				} `yaml:"jobTemplate"` //nolint:tagliatelle // Kubernetes' own name
			}
		}
		if decoder.Decode(&object) != nil {
			return worst
		}
		for name, content := range object.Data {
			m.ts.Check(os.WriteFile(filepath.Join(settings, name), []byte(content), 0o600))
		}
		if object.Kind != "CronJob" || !strings.HasSuffix(object.Metadata.Name, "-"+task) {
			continue
		}
		for _, c := range object.Spec.JobTemplate.Spec.Template.Spec.Containers {
			env := map[string]string{}
			for _, variable := range c.Env {
				env[variable.Name] = variable.Value
			}
			for index := range max(1, object.Spec.JobTemplate.Spec.Completions) {
				env["JOB_COMPLETION_INDEX"] = strconv.Itoa(index)
				worst = max(worst, m.sentryidp(env, c.Args))
			}
		}
	}
}

// systemd runs the command of each service of a task, with its variables, and
// returns the highest exit code. path is the folder that the files are below.
func (m *machine) systemd(path, task string) int {
	credentials, state := filepath.Join(m.folder, "credentials"), filepath.Join(m.folder, "lib")
	m.tokenFiles(credentials)
	m.ts.Check(os.MkdirAll(filepath.Join(state, "sentryidp", "acme"), 0o700))
	specifiers := strings.NewReplacer("%%", "%", "%d", credentials, "%S", state, "/etc/sentryidp", filepath.Join(path, "etc/sentryidp"))
	units, err := filepath.Glob(filepath.Join(path, "etc/systemd/system/*.service"))
	m.ts.Check(err)
	worst, found := 0, 0
	for _, unit := range units {
		if strings.Contains(unit, "@") || strings.HasSuffix(unit, "-push.service") != (task == "push") {
			continue
		}
		found++
		data, err := os.ReadFile(unit)
		m.ts.Check(err)
		env, args := map[string]string{}, []string(nil)
		for line := range strings.Lines(string(data)) {
			line = specifiers.Replace(strings.TrimSpace(line))
			if command, is := strings.CutPrefix(line, "ExecStart=/usr/bin/sentryidp "); is {
				args = strings.Fields(command)
			}
			if variable, is := strings.CutPrefix(line, "Environment="); is {
				name, value, _ := strings.Cut(variable, "=")
				env[name] = value
			}
		}
		worst = max(worst, m.sentryidp(env, args))
	}
	if found == 0 {
		m.ts.Fatalf("%s has no service of the task %s", path, task)
	}
	return worst
}

func (m *machine) sentryidp(env map[string]string, args []string) int {
	path := filepath.Join(m.folder, "sentryidp")
	m.ts.Check(os.WriteFile(path, m.program(), 0o700))
	return m.run(env, path, args...)
}

// cron runs the line of a crontab that is about the task, as cron does: what is
// behind the five fields, up to a % that is not escaped, by sh. path is the folder
// of the job, which is put where its line expects it.
func (m *machine) cron(path, task string) int {
	crontab, err := os.ReadFile(filepath.Join(path, "crontab"))
	m.ts.Check(err)
	home := filepath.Join(m.folder, ".config", "sentryidp", "acme")
	if _, err := os.Stat(home); err != nil {
		m.ts.Check(os.CopyFS(home, os.DirFS(path)))
		m.ts.Check(os.Chmod(filepath.Join(home, "job"), 0o700)) // which CopyFS leaves to the umask
		m.ts.Check(os.Chmod(filepath.Join(home, "settings.yaml"), 0o600))
	}
	m.tokenFiles(home)
	m.ts.Check(os.MkdirAll(filepath.Join(m.folder, "go", "bin"), 0o700))
	m.ts.Check(os.WriteFile(filepath.Join(m.folder, "go", "bin", "sentryidp"), m.program(), 0o700))
	for line := range strings.Lines(string(crontab)) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 6)
		if len(fields) < 6 || strings.HasPrefix(line, "#") || !strings.HasSuffix(fields[5], " "+task) {
			continue
		}
		if strings.Contains(strings.ReplaceAll(fields[5], `\%`, ""), "%") {
			m.ts.Fatalf("cron takes what is behind the first %% for standard input: %s", line)
		}
		m.path = "/usr/bin:/bin"
		return m.run(nil, "/bin/sh", "-c", strings.ReplaceAll(fields[5], `\%`, "%"))
	}
	m.ts.Fatalf("the crontab has no line for %s", task)
	return 0
}
