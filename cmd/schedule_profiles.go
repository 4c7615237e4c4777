package cmd

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/schedule"
)

// maxPods is the maximum number of pods that share the profiles.
const maxPods = 1000

// scheduledProfiles is what a job for all profiles is written from: the settings of
// each stand below its name, and name the files of its tokens.
func (o *scheduleOptions) scheduledProfiles(cmd *cobra.Command) (schedule.Settings, error) {
	names, err := o.profileNames(cmd)
	if err != nil {
		return schedule.Settings{}, err
	}
	var all schedule.Settings
	profiles, organizations := map[string]any{}, map[string]string{}
	for i, name := range names {
		one, err := o.scheduledProfile(cmd, name)
		if err != nil {
			return all, fmt.Errorf("profile %q: %w", name, err)
		}
		if other, twice := organizations[one.Org]; twice {
			return all, fault.Hint(fault.Usagef("the profiles %q and %q have the same organization: %s", other, name, one.Org), "give each its own sentry.org, or write a job for each Sentry")
		}
		organizations[one.Org] = name
		if i == 0 {
			all, all.Secrets = one, nil
		}
		if !reflect.DeepEqual(all.Files, one.Files) {
			return all, fault.Hint(fault.Usagef("the profiles %q and %q name different files, and the job has one for all", names[0], name), "let them name the same files, or write a job for each")
		}
		profiles[name] = one.Config
		all.Secrets = append(all.Secrets, profileSecrets(one)...)
		all.Ports = append(all.Ports, one.Ports...)
		all.Authentik = all.Authentik && one.Authentik
		all.Org = min(all.Org, one.Org) // of which the times follow
	}
	if !all.Authentik {
		o.term.Note("the job does not check certificates: not every profile has authentik.token")
	}
	slices.Sort(all.Ports)
	all.Ports, all.MetadataURL, all.Shards = slices.Compact(all.Ports), "", o.indexed
	all.Config = map[string]any{"profiles": profiles}
	return all, nil
}

// profileNames are the profiles that --indexed is about.
func (o *scheduleOptions) profileNames(cmd *cobra.Command) ([]string, error) {
	for _, other := range []string{"profile", "org"} {
		if err := exclusive(cmd, "indexed", other); err != nil {
			return nil, err
		}
	}
	if o.indexed < 1 || o.indexed > maxPods {
		return nil, fault.Usagef("--indexed must be from 1 to %d, found %d", maxPods, o.indexed)
	}
	names := config.ProfileNames(o.configInput(cmd))
	if len(names) == 0 {
		if _, err := loadConfig(o.configInput(cmd)); err != nil {
			return nil, err
		}
		return nil, fault.Hint(fault.Usagef("no file that was read has profiles, which --indexed is about"), "name the file with --config, or leave --indexed out")
	}
	return names, nil
}

func (o *scheduleOptions) scheduledProfile(cmd *cobra.Command, name string) (schedule.Settings, error) {
	in := o.configInput(cmd)
	in.Profile = name
	loaded, err := loadConfig(in)
	if err != nil {
		return schedule.Settings{}, err
	}
	for _, warning := range loaded.Warnings {
		o.tellOnce(o.term.Warn, warning)
	}
	if err := loaded.Vouch(integrationAddresses()...); err != nil {
		return schedule.Settings{}, err
	}
	return o.scheduled(loaded)
}

// profileSecrets are the secrets of a profile, whose settings are told of their
// files.
func profileSecrets(one schedule.Settings) []schedule.Secret {
	var secrets []schedule.Secret
	for _, secret := range one.Secrets {
		secret.Env, secret.Key = "", one.Folder()+"."+secret.File()
		section := one.Config
		words := strings.Split(secret.Setting, ".")
		for _, word := range words[:len(words)-1] {
			below, is := section[word].(map[string]any)
			if !is {
				below = map[string]any{}
				section[word] = below
			}
			section = below
		}
		section[words[len(words)-1]] = map[string]any{"file": schedule.TokenFolder + "/" + secret.Key}
		secrets = append(secrets, secret)
	}
	return secrets
}
