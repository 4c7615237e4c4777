package cmd

import (
	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/report"
)

func newConfigSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration file",
		Long: `Print the JSON Schema (draft 2020-12) of the configuration file, for editors. In
YAML and TOML, point to it in the first line, in JSON by a key:

  # yaml-language-server: $schema=sentryidp.schema.json

  #:schema ./sentryidp.schema.json

  "$schema": "./sentryidp.schema.json"

The key $schema sets nothing, and is accepted in all three.`,
		Example:     "  sentryidp config schema > sentryidp.schema.json",
		Annotations: writes(report.Text, report.JSON),
		Args:        noArgs,
		RunE: func(*cobra.Command, []string) error {
			schema, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = a.term.Out.Write(schema)
			return err
		},
	}
}
