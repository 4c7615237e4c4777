package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/input"
)

// settingAnnotation marks a flag as the setting whose path it holds.
const settingAnnotation = "sentryidp_setting"

// settingFlags gives cmd the flags of the named settings, as the table of
// settings has them.
func settingFlags(cmd *cobra.Command, paths ...string) {
	for _, path := range paths {
		s := config.SettingOf(path)
		flags := cmd.Flags()
		switch {
		case len(s.Enum) > 0:
			flags.Var(enum(new(string), "", s.Enum), s.Flag, s.Description)
		case s.Type == config.List:
			flags.StringArray(s.Flag, nil, s.Description+"; repeatable")
		case s.Type == config.Bool:
			flags.Bool(s.Flag, s.Default == true, s.Description)
		default:
			flags.String(s.Flag, "", s.Description)
		}
		flags.Lookup(s.Flag).DefValue = s.DefaultText()
		must(flags.SetAnnotation(s.Flag, settingAnnotation, []string{path}))
		if len(s.Enum) > 0 {
			completeValues(cmd, s.Flag, s.Enum)
		}
	}
}

// load merges the configuration of this run. Only commands that need it call it,
// so that a broken file cannot stop `version` or `help`. With --sandbox, the
// emulated Sentry and authentik stand in for the real ones. What a file sets that
// nobody trusts is in it: commands that act take settings or addresses instead.
func (a *app) load(cmd *cobra.Command) (*config.Loaded, error) {
	in := a.configInput(cmd)
	given := maps.Clone(in.Flags)
	if a.sandbox != noSandbox {
		if err := a.useSandbox(cmd.Context(), &in); err != nil {
			return nil, err
		}
	}
	loaded, err := loadConfig(in)
	if err != nil {
		return nil, err
	}
	for _, warning := range loaded.Warnings {
		a.term.Warn("%s", warning)
	}
	if a.sandbox != noSandbox {
		a.tellReplaced(loaded, given)
	}
	return loaded, nil
}

// settings is the configuration of a command that acts on it: everything that
// needs trust comes from a trusted place. So do the named settings, which are the
// addresses that the command sends secrets to.
func (a *app) settings(cmd *cobra.Command, addresses ...string) (*config.Loaded, error) {
	loaded, err := a.load(cmd)
	if err != nil {
		return nil, err
	}
	return loaded, a.vouch(cmd.Context(), loaded, addresses...)
}

// addresses is the part of the configuration that every file may set, for
// commands that send no secret.
func (a *app) addresses(cmd *cobra.Command) (config.Addresses, error) {
	loaded, err := a.load(cmd)
	if err != nil {
		return config.Addresses{}, err
	}
	return loaded.Addresses(), nil
}

func (a *app) configInput(cmd *cobra.Command) config.Input {
	return config.Input{
		File: a.configFile, Profile: a.profile, Env: a.env, Flags: changedSettings(cmd.Flags()), Within: within(cmd.Context()), Draft: a.draft,
	}
}

// within waits for the files of settings no longer than for ctx.
func within(ctx context.Context) func(path string, read func()) error {
	return func(path string, read func()) error {
		_, err := input.Within(ctx, func() (struct{}, error) { read(); return struct{}{}, nil })
		if err != nil {
			return input.Ended(ctx, path)
		}
		return nil
	}
}

// loadConfig merges the configuration. That its files could not be read in time
// is no mistake in them.
func loadConfig(in config.Input) (*config.Loaded, error) {
	loaded, err := config.Load(in)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fault.WithCode(err, fault.Failed)
	}
	return loaded, err
}

// getenv returns a variable of the environment, the last one of that name.
func (a *app) getenv(name string) string {
	for _, entry := range slices.Backward(a.env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// changedSettings returns the settings given as flags, by path. Lists are JSON
// arrays: a name may have a comma.
func changedSettings(flags *pflag.FlagSet) map[string]string {
	changed := map[string]string{}
	flags.Visit(func(f *pflag.Flag) {
		path, ok := f.Annotations[settingAnnotation]
		if !ok {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			array, err := json.Marshal(list.GetSlice())
			must(err)
			changed[path[0]] = string(array)
			return
		}
		changed[path[0]] = f.Value.String()
	})
	return changed
}
