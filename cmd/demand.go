package cmd

import (
	"errors"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
	"github.com/sentryidp/sentryidp/pkg/setup"
)

// The settings that say where people come from.
const (
	peopleFile   = "scim.file"
	peopleSource = "scim.source"
)

// demand names all of the settings that nobody gives, in one error, before anything
// is read or sent.
func (a *app) demand(loaded *config.Loaded, settings ...string) error {
	var errs []error
	for _, path := range settings {
		if err := a.lacking(loaded, path); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return errs[0] // which is no list
	}
	return errors.Join(errs...)
}

// lacking is what is said where a setting is not given, nil where it is.
func (a *app) lacking(loaded *config.Loaded, path string) error {
	switch value := loaded.Value(path).(type) {
	case string:
		if value != "" && path != peopleSource {
			return nil
		}
	case secret.Reference:
		if !value.IsZero() {
			return nil
		}
	}
	switch path {
	case setup.Org:
		return noOrganization()
	case authentikAddress:
		return noAuthentik()
	case peopleSource:
		return noSource()
	case peopleFile:
		return noPeopleFile()
	case setup.SCIMToken:
		if a.rehearsal == nil {
			return scimCredential(loaded).lacking()
		}
	case setup.AuthentikToken:
		if !a.rehearses(loaded) {
			return authentikCredential(loaded).lacking()
		}
	}
	return nil
}

// sourceSettings are those without which people cannot be read.
func sourceSettings(loaded *config.Loaded) []string {
	switch {
	case loaded.Config.SCIM.Source == config.SourceFile:
		return []string{peopleFile}
	case loaded.Config.Authentik.URL == "":
		return []string{peopleSource} // whose token, is known once it is
	}
	return []string{setup.AuthentikToken}
}

func noOrganization() error {
	return fault.Hint(fault.Usagef("no organization is set (sentry.org)"),
		"pass --org SLUG, set SENTRYIDP_SENTRY_ORG, or write sentry.org to a configuration file")
}

func noAuthentik() error {
	return fault.Hint(fault.Usagef("no authentik is set (authentik.url)"), "pass --authentik-url URL, or export SENTRYIDP_AUTHENTIK_URL")
}

func noSource() error {
	return fault.Hint(fault.Usagef("people come from authentik, and none is set (authentik.url)"),
		"pass --authentik-url URL, or name a file of people and groups with --file FILE (YAML, JSON, JSON Lines or CSV; - for standard input)")
}

func noPeopleFile() error {
	return fault.Hint(fault.Usagef("no file of people and groups is set (scim.file)"), "pass --file FILE, or - for standard input")
}

// lacking says that the secret is not set.
func (c credential) lacking() error {
	return fault.Hint(fault.New(fault.Credential, "%s is not set (%s)", c.name, c.setting), "%s", c.missing)
}
