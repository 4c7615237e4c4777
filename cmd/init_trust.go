package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

// foreign says what a file sets that nobody trusts. What is written is trusted as a
// whole, so all that stays of the file that is there counts: in its profiles, and
// behind flags and variables, too.
func (o *initOptions) foreign(ctx context.Context, loaded *config.Loaded) error {
	if err := loaded.Vouch(integrationAddresses()...); err != nil || o.standing.Believed() {
		return err
	}
	replaced := slices.DeleteFunc(setup.Asked(), func(path string) bool {
		kind := loaded.Origin(path).Kind
		return kind != config.FromFlag && kind != config.FromEnvironment
	})
	in := config.Input{
		Env: o.unset(), Within: within(ctx), Draft: &config.Draft{Path: o.target, Content: o.before, Standing: o.standing},
	}
	if o.named() != "" {
		in.File = o.target
	}
	for _, name := range append([]string{""}, config.ProfileNames(in)...) {
		in.Profile = name
		alone, err := loadConfig(in)
		if err == nil {
			err = alone.VouchBeside(replaced, integrationAddresses()...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unset is the environment without settings.
func (o *initOptions) unset() []string {
	return slices.DeleteFunc(slices.Clone(o.env), func(entry string) bool { return strings.HasPrefix(entry, "SENTRYIDP_") })
}
