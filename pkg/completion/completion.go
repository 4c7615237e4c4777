// Package completion knows where shells look for the completion scripts of a user.
package completion

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Shell is a shell that has completion.
type Shell string

// The shells.
const (
	Bash       Shell = "bash"
	Zsh        Shell = "zsh"
	Fish       Shell = "fish"
	PowerShell Shell = "powershell"
)

// Shells are all shells.
func Shells() []Shell { return []Shell{Bash, Zsh, Fish, PowerShell} }

const windows = "windows"

// User is whose shell is meant: Getenv returns a variable of the environment, GOOS
// is the operating system as package runtime names it.
type User struct {
	Getenv func(name string) string
	GOOS   string
}

// Place is where a script goes. Line is what has to stand in the file Startup, once,
// for the shell to find it, and empty where the shell looks there by itself. Needs
// says what else has to be there.
type Place struct {
	Path    string
	Line    string
	Startup string
	Needs   string
}

// Shell is the shell of the user: the one of SHELL, or PowerShell on Windows.
func (u User) Shell() (Shell, error) {
	login := u.Getenv("SHELL")
	name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(login)), ".exe")
	switch {
	case name == "pwsh" || login == "" && u.GOOS == windows:
		return PowerShell, nil
	case login == "":
		return "", fault.Hint(fault.Usagef("the shell is not known: SHELL is not set"), "name it: bash, zsh, fish or powershell")
	}
	for _, shell := range Shells() {
		if string(shell) == name {
			return shell, nil
		}
	}
	return "", fault.Hint(fault.Usagef("expected a shell that has completion but found %q in SHELL", login), "name another: bash, zsh, fish or powershell")
}

// Place is where the user's shell looks for the script of a program.
func (u User) Place(shell Shell, program string) (Place, error) {
	home := u.Getenv("HOME")
	if home == "" && u.GOOS == windows {
		home = u.Getenv("USERPROFILE")
	}
	if !filepath.IsAbs(home) {
		return Place{}, fault.Hint(fault.Usagef("expected the absolute path of your home folder but HOME is %q", home), "set HOME")
	}
	switch shell {
	case Zsh:
		return u.zsh(home, program), nil
	case Fish:
		// https://fishshell.com/docs/current/completions.html#where-to-put-completions
		return Place{Path: filepath.Join(u.folder("XDG_CONFIG_HOME", home, ".config"), "fish", "completions", program+".fish")}, nil
	case PowerShell:
		return u.powerShell(home, program), nil
	case Bash:
	}
	// bash-completion, README.md: BASH_COMPLETION_USER_DIR goes before XDG_DATA_HOME.
	folder := u.Getenv("BASH_COMPLETION_USER_DIR")
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(u.folder("XDG_DATA_HOME", home, ".local", "share"), "bash-completion")
	}
	return Place{Path: filepath.Join(folder, "completions", program), Needs: "the package bash-completion, version 2 or newer"}, nil
}

// zsh is the first folder of the home that FPATH names and that is there, or else a
// folder of which zsh has to be told.
func (u User) zsh(home, program string) Place {
	for _, folder := range filepath.SplitList(u.Getenv("FPATH")) {
		within, err := filepath.Rel(home, folder)
		if err != nil || !filepath.IsLocal(within) {
			continue
		}
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return Place{Path: filepath.Join(folder, "_"+program)}
		}
	}
	root := u.Getenv("ZDOTDIR")
	if !filepath.IsAbs(root) {
		root = home
	}
	folder := filepath.Join(root, ".zfunc")
	return Place{
		Path: filepath.Join(folder, "_"+program), Startup: filepath.Join(root, ".zshrc"),
		Line: "fpath=(" + posixQuote(folder) + " $fpath); autoload -Uz compinit && compinit",
	}
}

// powerShell looks in no folder: its profile has to load the script.
func (u User) powerShell(home, program string) Place {
	folder := filepath.Join(u.folder("XDG_CONFIG_HOME", home, ".config"), "powershell")
	if u.GOOS == windows {
		folder = filepath.Join(u.folder("LOCALAPPDATA", home, "AppData", "Local"), program)
	}
	path := filepath.Join(folder, program+".completion.ps1")
	return Place{Path: path, Startup: "$PROFILE", Line: ". '" + strings.ReplaceAll(path, "'", "''") + "'"}
}

// folder is that of a variable, which counts if it is absolute (XDG Base Directory
// Specification), or else one in the home.
func (u User) folder(variable, home string, standard ...string) string {
	if named := u.Getenv(variable); filepath.IsAbs(named) {
		return named
	}
	return filepath.Join(append([]string{home}, standard...)...)
}

func posixQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// IsOurs reports whether a file is a completion script of the program, of any
// version, by the first line that cobra gives it.
func IsOurs(content []byte, program string) bool {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	line := strings.TrimSpace(string(first))
	for _, begin := range []string{"#compdef ", "# bash completion V2 for ", "# fish completion for ", "# powershell completion for "} {
		if rest, is := strings.CutPrefix(line, begin); is {
			name, _, _ := strings.Cut(rest, " ")
			return name == program
		}
	}
	return false
}
