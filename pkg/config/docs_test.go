package config_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/config"
)

func TestTheDocumentsNameEverySetting(t *testing.T) {
	t.Parallel()
	table, help := config.SettingsTable(), config.EnvironmentHelp()
	for line := range strings.Lines(table) {
		if strings.Count(line, "|") != 6 {
			t.Errorf("not five columns: %s", line)
		}
	}
	for _, s := range config.Settings() {
		if !strings.Contains(table, "| `"+s.Path+"` |") {
			t.Errorf("the table does not have %s", s.Path)
		}
		if !strings.Contains(table, "`"+s.Env()+"`") || !strings.Contains(help, s.Env()) {
			t.Errorf("%s is not named", s.Env())
		}
		if s.Flag != "" && !strings.Contains(table, "`--"+s.Flag+"`") {
			t.Errorf("--%s is not named", s.Flag)
		}
		if !strings.Contains(help, s.Conventional) {
			t.Errorf("%s is not named", s.Conventional)
		}
	}
	if !strings.Contains(help, "empty\nvariable counts as unset") {
		t.Errorf("the help does not say what an empty variable means:\n%s", help)
	}
}
