package completion_test

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/completion"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

func user(goos string, env map[string]string) completion.User {
	return completion.User{GOOS: goos, Getenv: func(name string) string { return env[name] }}
}

func TestTheShellIsTheOneOfTheUser(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		goos, login string
		want        completion.Shell
	}{
		{"linux", "/bin/bash", completion.Bash},
		{"darwin", "/bin/zsh", completion.Zsh},
		{"linux", "/usr/local/bin/fish", completion.Fish},
		{"linux", "/usr/bin/pwsh", completion.PowerShell},
		{"windows", "", completion.PowerShell},
		{"windows", "/usr/bin/bash.exe", completion.Bash},
		{"linux", "", ""},
		{"linux", "/bin/dash", ""},
		{"linux", "/bin/bash -x", ""},
	} {
		got, err := user(test.goos, map[string]string{"SHELL": test.login}).Shell()
		if got != test.want || (err == nil) != (test.want != "") || err != nil && (fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0) {
			t.Errorf("%s with SHELL=%q: %q, %v", test.goos, test.login, got, err)
		}
	}
}

func TestScriptsGoWhereShellsLook(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the paths are those of other systems")
	}
	home := t.TempDir()
	present := filepath.Join(home, "site functions")
	if err := os.Mkdir(present, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		shell completion.Shell
		goos  string
		env   map[string]string
		want  string // below the home, unless it is absolute
		line  string
	}{
		"bash":                     {shell: completion.Bash, want: ".local/share/bash-completion/completions/tool"},
		"bash, data elsewhere":     {shell: completion.Bash, env: map[string]string{"XDG_DATA_HOME": "/data"}, want: "/data/bash-completion/completions/tool"},
		"bash, data relative":      {shell: completion.Bash, env: map[string]string{"XDG_DATA_HOME": "data"}, want: ".local/share/bash-completion/completions/tool"},
		"bash, its own folder":     {shell: completion.Bash, env: map[string]string{"BASH_COMPLETION_USER_DIR": "/mine", "XDG_DATA_HOME": "/data"}, want: "/mine/completions/tool"},
		"zsh":                      {shell: completion.Zsh, want: ".zfunc/_tool", line: "fpath=('HOME/.zfunc' $fpath); autoload -Uz compinit && compinit"},
		"zsh, a folder of FPATH":   {shell: completion.Zsh, env: map[string]string{"FPATH": "/usr/share/zsh/functions:" + home + "/gone:" + present}, want: "site functions/_tool"},
		"zsh, none of the home":    {shell: completion.Zsh, env: map[string]string{"FPATH": "/usr:" + home + "/../x:relative"}, want: ".zfunc/_tool", line: "fpath=('HOME/.zfunc' $fpath); autoload -Uz compinit && compinit"},
		"zsh, ZDOTDIR":             {shell: completion.Zsh, env: map[string]string{"ZDOTDIR": "/it's"}, want: "/it's/.zfunc/_tool", line: `fpath=('/it'\''s/.zfunc' $fpath); autoload -Uz compinit && compinit`},
		"fish":                     {shell: completion.Fish, want: ".config/fish/completions/tool.fish"},
		"fish, settings elsewhere": {shell: completion.Fish, env: map[string]string{"XDG_CONFIG_HOME": "/cfg"}, want: "/cfg/fish/completions/tool.fish"},
		"powershell":               {shell: completion.PowerShell, env: map[string]string{"XDG_CONFIG_HOME": "/it's"}, want: "/it's/powershell/tool.completion.ps1", line: ". '/it''s/powershell/tool.completion.ps1'"},
		"powershell on Windows":    {shell: completion.PowerShell, goos: "windows", env: map[string]string{"LOCALAPPDATA": "/local"}, want: "/local/tool/tool.completion.ps1", line: ". '/local/tool/tool.completion.ps1'"},
	} {
		env := map[string]string{"HOME": home}
		maps.Copy(env, test.env)
		want := test.want
		if !filepath.IsAbs(want) {
			want = filepath.Join(home, want)
		}
		place, err := user(test.goos, env).Place(test.shell, "tool")
		if err != nil || place.Path != want || place.Line != strings.ReplaceAll(test.line, "HOME", home) || (place.Line == "") != (place.Startup == "") {
			t.Errorf("%s: %+v, %v", name, place, err)
		}
	}
	for _, home := range []string{"", "relative"} {
		if _, err := user("linux", map[string]string{"HOME": home}).Place(completion.Bash, "tool"); fault.CodeOf(err) != fault.Usage {
			t.Errorf("HOME=%q gave %v", home, err)
		}
	}
}

func TestOnlyScriptsOfTheProgramAreOurs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"# bash completion V2 for tool                            -*- shell-script -*-\n": true,
		"#compdef tool\ncompdef _tool tool\n":                                             true,
		"# fish completion for tool -*- shell-script -*-":                                 true,
		"# powershell completion for tool\r\n":                                            true,
		"#compdef toolbox\n":                                                              false,
		"#compdef other tool\n":                                                           false,
		"# my completion for tool\n":                                                      false,
		"":                                                                                false,
		"\n#compdef tool\n":                                                               false,
	} {
		if got := completion.IsOurs([]byte(text), "tool"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
