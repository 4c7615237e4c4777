package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func newConfig(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "config", Short: "Show and check the configuration"},
		newConfigView(a),
		newConfigValidate(a),
		newConfigSchema(a),
	)
}

func newConfigView(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "view",
		Short: "Print every setting and where it came from",
		Long: `Print the merged configuration: every setting, its value and its origin. What
is secret is shown by where it is, never by what it is. The flags of settings
show what another command would do with them.`,
		Example: "  sentryidp config view\n  sentryidp config view --profile staging -o json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return a.show(viewOf(loaded))
		},
	}
	for _, s := range config.Settings() {
		if s.Flag != "" {
			settingFlags(cmd, s.Path)
		}
	}
	return cmd
}

// configDocument is the document of `config view`.
type configDocument struct {
	Files    []string        `json:"files"`
	Profile  string          `json:"profile"`
	Settings []configSetting `json:"settings"`
}

type configSetting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Origin string `json:"origin"`
}

func viewOf(loaded *config.Loaded) *configDocument {
	doc := &configDocument{Files: append([]string{}, loaded.Files...), Profile: loaded.Profile, Settings: []configSetting{}}
	for _, s := range config.Settings() {
		value := loaded.Value(s.Path)
		switch v := value.(type) {
		case secret.Reference:
			value = v.String()
		case nil:
			value = ""
		}
		doc.Settings = append(doc.Settings, configSetting{Key: s.Path, Value: value, Origin: loaded.Origin(s.Path).String()})
	}
	return doc
}

// RenderText writes a table of the settings.
func (d *configDocument) RenderText(w io.Writer, s ui.Styles) error {
	var rows [][]string
	for _, setting := range d.Settings {
		rows = append(rows, []string{setting.Key, ui.Printable(textOf(setting.Value)), ui.Printable(setting.Origin)})
	}
	return s.Table(w, []string{"SETTING", "VALUE", "ORIGIN"}, rows)
}

func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(strings.TrimSpace(v), "\n", " ") // an expression may have lines
	case []string:
		return strings.Join(v, ", ")
	case []config.Role:
		var rules []string
		for _, rule := range v {
			rules = append(rules, rule.Group+"="+rule.Role)
		}
		return strings.Join(rules, ", ")
	case []config.TeamName:
		var rules []string
		for _, rule := range v {
			rules = append(rules, rule.Group+"="+rule.Team)
		}
		return strings.Join(rules, ", ")
	}
	return fmt.Sprint(value)
}
