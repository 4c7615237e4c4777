package cmd

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func newConfig(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "config", Short: "Show and check the configuration"},
		newConfigView(a),
		newConfigValidate(a),
		newConfigTrust(a),
		newConfigSchema(a),
	)
}

func newConfigView(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "view",
		Short: "Print every setting and where it came from",
		Long: `Print the merged configuration: every setting, its value and its origin. What
is secret is shown by where it is, never by what it is. The flags of settings
show what another command would do with them.

A file that was found in the working directory and that is not trusted may not
set everything: such values are marked, and so is the standing of each file. See
'sentryidp help security'.`,
		Example: "  sentryidp config view\n  sentryidp config view --profile staging -o json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, err := a.load(cmd)
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
	Standing []configFile    `json:"standing"` // of the files
	Profile  string          `json:"profile"`
	Settings []configSetting `json:"settings"`
}

type configFile struct {
	Path     string          `json:"path"`
	Standing config.Standing `json:"standing"`
}

type configSetting struct {
	Key    string `json:"key"`
	Value  any    `json:"value"`
	Origin string `json:"origin"`
	// Refused says which commands end with an error because of the value: those
	// that send a secret, all that use it, or none.
	Refused string `json:"refused,omitempty"`
}

// The values of Refused.
const (
	refusedWithSecrets = "by commands that send a secret"
	refusedUntilTrust  = "until the file is trusted"
)

func viewOf(loaded *config.Loaded) *configDocument {
	doc := &configDocument{Files: pathsOf(loaded.Files), Standing: []configFile{}, Profile: loaded.Profile, Settings: []configSetting{}}
	for _, file := range loaded.Files {
		doc.Standing = append(doc.Standing, configFile{Path: file.Path, Standing: file.Standing})
	}
	for _, s := range config.Settings() {
		value := loaded.Value(s.Path)
		switch v := value.(type) {
		case secret.Reference:
			value = v.String()
		case nil:
			value = ""
		}
		doc.Settings = append(doc.Settings, configSetting{Key: s.Path, Value: value, Origin: loaded.Origin(s.Path).String(), Refused: refusal(loaded, s)})
	}
	return doc
}

func refusal(loaded *config.Loaded, s config.Setting) string {
	switch {
	case !loaded.Refused(s.Path):
		return ""
	case s.Class == config.Address:
		return refusedWithSecrets
	}
	return refusedUntilTrust
}

func pathsOf(files []config.File) []string {
	paths := make([]string, 0, len(files))
	for _, file := range files {
		paths = append(paths, file.Path)
	}
	return paths
}

// RenderText writes a table of the settings, and one of the files.
func (d *configDocument) RenderText(w io.Writer, s ui.Styles) error {
	var rows [][]string
	for _, setting := range d.Settings {
		origin := ui.Printable(setting.Origin)
		if setting.Refused != "" {
			origin += ", refused " + setting.Refused
		}
		rows = append(rows, []string{setting.Key, ui.Printable(config.Text(setting.Value)), origin})
	}
	if err := s.Table(w, []string{"SETTING", "VALUE", "ORIGIN"}, rows); err != nil || len(d.Standing) == 0 {
		return err
	}
	rows = nil
	for _, file := range d.Standing {
		rows = append(rows, []string{ui.Printable(file.Path), string(file.Standing)})
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return s.Table(w, []string{"FILE", "STANDING"}, rows)
}
