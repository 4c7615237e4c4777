package config

import (
	"fmt"
	"strings"
)

// SettingsTable returns the settings as a Markdown table.
func SettingsTable() string {
	var t strings.Builder
	t.WriteString("| setting | variable | flag | default | meaning |\n|---|---|---|---|---|\n")
	for _, s := range Settings() {
		flag := ""
		if s.Flag != "" {
			flag = "`--" + s.Flag + "`"
		}
		fmt.Fprintf(&t, "| `%s` | %s | %s | %s | %s |\n", s.Path, s.variables(), flag, s.defaultCell(), s.Meaning())
	}
	return t.String()
}

func (s Setting) variables() string {
	switch s.Type {
	case Secret:
		return "`" + s.Env() + "`, `" + s.Env() + fileSuffix + "`"
	default:
		return "`" + s.Env() + "`"
	}
}

// Meaning is the description without the marks of flags' value names.
func (s Setting) Meaning() string { return strings.ReplaceAll(s.Description, "`", "") }

// DefaultText is the default for people to read, "" where there is none.
func (s Setting) DefaultText() string {
	switch v := s.Default.(type) {
	case nil, []Role, []TeamName, []TeamRole, []TeamProjects:
		return ""
	case []string:
		return strings.Join(v, ",")
	default:
		return fmt.Sprint(v)
	}
}

func (s Setting) defaultCell() string {
	if s.DefaultText() == "" {
		return ""
	}
	return "`" + s.DefaultText() + "`"
}

// EnvironmentHelp returns the variables as text for a terminal.
func EnvironmentHelp() string {
	var t strings.Builder
	t.WriteString(`Every setting of the configuration files can be given as a variable. An empty
variable counts as unset. Lists are separated by commas, or are JSON arrays:
["Smith, Ada", "data"]. A variable that begins with SENTRYIDP_ and is none of
these is an error.
`)
	entry := func(name, meaning string) { fmt.Fprintf(&t, "\n  %s\n      %s\n", name, meaning) }
	for _, s := range Settings() {
		meaning := s.Path + ": " + s.Meaning()
		if s.Type == Secret {
			meaning += "; " + s.Env() + fileSuffix + " names a file that holds it"
		}
		if s.Conventional != "" {
			meaning += "; " + s.Conventional + " stands in for it, as the last resort"
		}
		entry(s.Env(), meaning)
	}
	for _, v := range Variables() {
		entry(v.Name, v.Meaning)
	}
	return strings.TrimSuffix(t.String(), "\n")
}

// Entry is a variable or a file, and what it is for.
type Entry struct{ Name, Meaning string }

// Variables returns the variables that are no settings.
func Variables() []Entry {
	return []Entry{
		{envPrefix + "CONFIG", "stands in for --config"},
		{envPrefix + "PROFILE", "stands in for --profile"},
		{"CI", "where it is set, nobody is asked anything"},
		{"NO_COLOR, CLICOLOR_FORCE", "switch colours off or on"},
		{"XDG_CONFIG_HOME, XDG_STATE_HOME", "folders of the configuration and of the state directory"},
	}
}

// Places returns the files and folders that are read and written unless a setting
// names others.
func Places() []Entry {
	return []Entry{
		{"/etc/sentryidp/config.yaml", "settings of the machine, the lowest; .yml, .toml and .json too"},
		{"$XDG_CONFIG_HOME/sentryidp/config.yaml", "settings of the user (default ~/.config)"},
		{"./sentryidp.yaml", "settings of the working directory, the highest"},
		{"$XDG_STATE_HOME/sentryidp", "the state directory (default ~/.local/state): see 'sentryidp help state'"},
	}
}
