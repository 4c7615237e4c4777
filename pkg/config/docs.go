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
		fmt.Fprintf(&t, "| `%s` | %s | %s | %s | %s |\n", s.Path, s.variables(), flag, s.defaultCell(), s.meaning())
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

// meaning is the description without the marks of flags' value names.
func (s Setting) meaning() string { return strings.ReplaceAll(s.Description, "`", "") }

// DefaultText is the default for people to read, "" where there is none.
func (s Setting) DefaultText() string {
	switch v := s.Default.(type) {
	case nil, []Role, []TeamName:
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
variable counts as unset, lists are separated by commas, and a variable that
begins with SENTRYIDP_ and is none of these is an error.
`)
	for _, s := range Settings() {
		fmt.Fprintf(&t, "\n  %s  (%s)\n      %s\n", s.Env(), s.Path, s.meaning())
		if s.Type == Secret {
			fmt.Fprintf(&t, "      %s%s names a file that holds it\n", s.Env(), fileSuffix)
		}
		if s.Conventional != "" {
			fmt.Fprintf(&t, "      %s stands in for it, as the last resort\n", s.Conventional)
		}
	}
	t.WriteString(`
  SENTRYIDP_CONFIG
      stands in for --config
  SENTRYIDP_PROFILE
      stands in for --profile
  NO_COLOR, CLICOLOR_FORCE
      switch colours off or on`)
	return t.String()
}
