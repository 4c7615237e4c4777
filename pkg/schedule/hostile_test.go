package schedule_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/schedule"
)

// nasty has what YAML, shells, GitHub, GitLab, Kubernetes and systemd give a
// meaning to.
const nasty = `it's "%n" $HOME $(id) ${X} ${{ secrets.X }} }} $[[ inputs.x ]] \n ` + "`id`" + ` #x: - & * ! | > @ %d [[ .Org ]] {{ x }} ü`

// hostile is a job whose configuration wants out of its place.
func hostile() schedule.Settings {
	s := acme()
	s.Config = map[string]any{"a": nasty, "b": []any{"- x", "---", "...", "key: value", "  x", "x\ny", "\ttab", "\u2028", "\u0085", "\x00", "- |\n  x\n"}}
	s.Authentik, s.MetadataURL = false, "https://id.example.com/"+nasty
	s.StateDir = "/srv/" + nasty
	s.Files = append(s.Files, schedule.Input{Setting: "scim.file", Env: "SENTRYIDP_SCIM_FILE", Path: nasty + "/people.yaml"})
	return s
}

// at follows keys and indexes through a document.
func at(t rapid.TB, document any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := document.(map[string]any)
			document = object[step]
		case int:
			list, _ := document.([]any)
			if step >= len(list) {
				t.Fatalf("no entry %d of %v", step, list)
			}
			document = list[step]
		}
	}
	return document
}

// evaluated is what GitHub makes of a text that has no expression but the one that
// stands for its own beginning.
func evaluated(t rapid.TB, text string) string {
	t.Helper()
	const disarmed = "${{ '${{' }}"
	if strings.Contains(strings.ReplaceAll(text, disarmed, ""), "${{") {
		t.Errorf("GitHub would evaluate an expression in %q", text)
	}
	return strings.ReplaceAll(text, disarmed, "${{")
}

// settingsIn are the settings that each platform gives the program.
func settingsIn(t rapid.TB, s schedule.Settings) map[schedule.Platform]string {
	t.Helper()
	read := func(platform schedule.Platform, suffix string) string {
		files, err := schedule.Files(platform, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f.Path, suffix) {
				return f.Content
			}
		}
		t.Fatalf("%s has no file %s", platform, suffix)
		return ""
	}
	parsed := func(text string) (all []any) {
		decoder := yaml.NewDecoder(strings.NewReader(text))
		for {
			var document any
			if decoder.Decode(&document) != nil {
				return all
			}
			all = append(all, document)
		}
	}
	text := func(value any) string { found, _ := value.(string); return found }
	github := parsed(read(schedule.GitHub, ".yml"))
	gitlab := parsed(read(schedule.GitLab, ".yml"))
	kubernetes := parsed(read(schedule.Kubernetes, ".yaml"))
	steps, _ := at(t, github, 0, "jobs", "push", "steps").([]any)
	found := map[schedule.Platform]string{
		schedule.GitLab:     text(at(t, gitlab, 0, "."+s.Name(), "variables", "SETTINGS", "value")),
		schedule.Kubernetes: text(at(t, kubernetes, 1, "data", "settings.yaml")),
		schedule.Systemd:    read(schedule.Systemd, "settings.yaml"),
		schedule.Cron:       read(schedule.Cron, "settings.yaml"),
	}
	for _, step := range steps {
		if value := text(at(t, step, "env", "SETTINGS")); value != "" {
			found[schedule.GitHub] = evaluated(t, value)
		}
	}
	return found
}

// TestSettingsArriveWhateverIsInThem: what the program reads on each platform is
// what was written, for any text in the settings.
func TestSettingsArriveWhateverIsInThem(t *testing.T) {
	t.Parallel()
	check := func(t rapid.TB, config map[string]any) {
		s := plain()
		s.Config = config
		want, err := s.ConfigText()
		var read map[string]any
		if err := errors.Join(err, yaml.Unmarshal([]byte(want), &read)); err != nil {
			t.Fatalf("%v in %q", err, want)
		}
		if diff := cmp.Diff(config, read); diff != "" {
			t.Errorf("the file says something else: %s", diff)
		}
		for platform, got := range settingsIn(t, s) {
			if got != want {
				t.Errorf("%s: the settings are %q, want %q", platform, got, want)
			}
		}
	}
	check(t, hostile().Config)
	word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{nasty, "${{ x }}", "---", "- a", "|", "", "\u0085", "a\nb", " a\n"}))
	rapid.Check(t, func(t *rapid.T) {
		var groups []any
		for _, group := range rapid.SliceOfN(word, 1, 4).Draw(t, "groups") {
			groups = append(groups, group)
		}
		check(t, map[string]any{"scim": map[string]any{"groups": groups}, "x": word.Draw(t, "text")})
	})
}

// TestWordsArriveWhateverIsInThem: the address of the metadata, the one text of a
// configuration that is an argument, reaches the program as it is.
func TestWordsArriveWhateverIsInThem(t *testing.T) {
	t.Parallel()
	s := hostile()
	want := s.MetadataURL
	cron := together(written(t, schedule.Cron, s))
	if got := argument(t, metadataLine(t, cron)); got != want {
		t.Errorf("cron: the argument is %q", got)
	}
	gitlab := written(t, schedule.GitLab, s)[0].Content
	script, _ := at(t, documents(t, gitlab)[0], s.Name()+"-check", "script", 0).(string)
	if got := argument(t, metadataLine(t, script)); got != want {
		t.Errorf("gitlab: the argument is %q", got)
	}
	github := documents(t, written(t, schedule.GitHub, s)[0].Content)[0]
	steps, _ := at(t, github, "jobs", "check", "steps").([]any)
	script, _ = at(t, steps[len(steps)-1], "run").(string)
	if got := argument(t, metadataLine(t, evaluated(t, script))); got != want {
		t.Errorf("github: the argument is %q", got)
	}
	object := documents(t, written(t, schedule.Kubernetes, s)[0].Content)[5]
	arg, _ := at(t, object, "spec", "jobTemplate", "spec", "template", "spec", "containers", 0, "args", 6).(string)
	if got := strings.ReplaceAll(arg, "$$(", "$("); got != want || strings.Contains(strings.ReplaceAll(arg, "$$(", ""), "$(") {
		t.Errorf("kubernetes: the argument is %q", arg)
	}
	unit := together(written(t, schedule.Systemd, s))
	line := metadataLine(t, unit)
	quoted := strings.TrimSuffix(line[strings.Index(line, `--metadata "`)+len(`--metadata "`):], `"`)
	if got := strings.NewReplacer("%%", "%", "$$", "$", `\\`, `\`, `\"`, `"`).Replace(quoted); got != want {
		t.Errorf("systemd: the argument is %q", quoted)
	}
}

// TestPathsArriveWhateverIsInThem: so do the folder of the state, which cron's script
// has, and the paths of files in a repository.
func TestPathsArriveWhateverIsInThem(t *testing.T) {
	t.Parallel()
	cron := written(t, schedule.Cron, hostile())[0].Content
	begin := strings.Index(cron, "SENTRYIDP_STATE_DIR=")
	line, _, _ := strings.Cut(cron[begin:], "\n")
	if got := argument(t, line+"; run \"$SENTRYIDP_STATE_DIR\""); got != hostile().StateDir {
		t.Errorf("cron: the folder is %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`[^/\x00][^\x00]*`).Draw(t, "path")
		s := plain()
		s.Files[0].Path = path
		if !filepath.IsLocal(path) {
			t.Skip("the file is not inside of the repository")
		}
		for platform, at := range map[schedule.Platform][]any{
			schedule.GitHub: {"env", "SENTRYIDP_SCIM_FILE"}, schedule.GitLab: {"." + s.Name(), "variables", "SENTRYIDP_SCIM_FILE", "value"},
		} {
			if got, want := valueAt(t, platform, s, at), filepath.ToSlash(filepath.Clean(path)); got != want {
				t.Errorf("%s: the path is %q, want %q", platform, got, want)
			}
		}
	})
}

// valueAt is a text in the first file of a job.
func valueAt(t *rapid.T, platform schedule.Platform, s schedule.Settings, path []any) string {
	files, err := schedule.Files(platform, s)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal([]byte(files[0].Content), &document); err != nil {
		t.Fatalf("%v in %s", err, files[0].Content)
	}
	value, _ := at(t, document, path...).(string)
	if platform == schedule.GitHub {
		value = evaluated(t, value)
	}
	return value
}

// TestAnAddressStaysOnItsLine: an address with a line break of YAML or of a shell ends
// no line.
func TestAnAddressStaysOnItsLine(t *testing.T) {
	t.Parallel()
	s := acme()
	s.Authentik, s.MetadataURL = false, "https://id.example.com/\u0085evil: 1\nrun: x\u2028\x07ü"
	for _, platform := range platforms() {
		job := together(written(t, platform, s))
		if !strings.Contains(job, "https://id.example.com/%C2%85evil: 1%0Arun: x%E2%80%A8%07ü") && platform != schedule.Systemd {
			t.Errorf("%s: the address is not as it should be: %s", platform, job)
		}
		if strings.Contains(job, "\u0085") || strings.Contains(job, "\nrun: x") {
			t.Errorf("%s: a line ends in the address: %s", platform, job)
		}
	}
}

func metadataLine(t *testing.T, text string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.Contains(line, "--metadata") {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no line has --metadata in %s", text)
	return ""
}

// argument is the last argument of a line of a shell.
func argument(t *testing.T, line string) string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	script := `run() { for word; do :; done; printf %s "$word"; }` + "\n" + line
	out, err := exec.CommandContext(t.Context(), shell, "-c", script).Output()
	if err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return string(out)
}

// TestPathsOfFilesAreNoWayOut: a file is called after its setting, and only a path
// inside of the repository is taken as it is.
func TestPathsOfFilesAreNoWayOut(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"people.yaml": "scim-file.yaml", "../x/people.csv": "scim-file.csv", "/a b/c": "scim-file",
		"x.yaml\nExecStart=/bin/sh": "scim-file", "x.$(id)": "scim-file", "x.YAML": "scim-file",
	} {
		if got := (schedule.Input{Setting: "scim.file", Path: path}).Name(); got != want {
			t.Errorf("%q is called %q, want %q", path, got, want)
		}
	}
}
