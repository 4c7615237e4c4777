package cmd

import (
	"context"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
)

// people reads the directory that the settings name, and says which part of it
// is meant.
func (a *app) people(ctx context.Context, loaded *config.Loaded) (*directory.Directory, desired.Selection, error) {
	settings := loaded.Config.SCIM
	if err := a.demand(loaded, sourceSettings(loaded)...); err != nil {
		return nil, desired.Selection{}, err
	}
	selection, err := selectionOf(settings)
	if err != nil {
		return nil, selection, err
	}
	if settings.Source == config.SourceAuthentik {
		found, err := a.authentikPeople(ctx, loaded)
		if err != nil {
			return nil, selection, err
		}
		selection.Groups = a.teamGroups(settings, found)
		return found.Directory, selection, nil
	}
	people, err := a.peopleOfFile(ctx, loaded)
	return people, selection, err
}

func (a *app) peopleOfFile(ctx context.Context, loaded *config.Loaded) (*directory.Directory, error) {
	file := loaded.Config.SCIM.File
	if file == "" {
		return nil, noPeopleFile()
	}
	return a.shared.file(file, func() (*directory.Directory, error) { return a.parsePeople(ctx, file) })
}

func (a *app) parsePeople(ctx context.Context, file string) (*directory.Directory, error) {
	from := source{file, filekind.Directory, directory.MaxBytes}
	data, err := a.readInput(ctx, from)
	if err != nil {
		return nil, fault.Hint(err, "scim.file (--file) names a file of users and groups, as YAML, JSON, JSON Lines or CSV")
	}
	people, err := directory.Parse(data, from.name(), directory.FormatOf(file, data))
	return people, wrongInput(err)
}

// authentikPeople reads the people in scope from authentik.
func (a *app) authentikPeople(ctx context.Context, loaded *config.Loaded) (*authentik.People, error) {
	settings := loaded.Config
	client, err := a.shared.authentik(loaded, func() (*authentik.Client, error) { return a.connectAuthentik(ctx, loaded) })
	if err != nil {
		return nil, err
	}
	found, err := client.People(ctx, authentik.Selection{
		Scope: authentik.Scope(settings.SCIM.Scope), Application: settings.Authentik.Application,
		Groups: settings.SCIM.Groups, Flatten: settings.SCIM.Flatten, Now: a.now(),
		Attributes:  mapping.Expressions(settings.SCIM.Mapping).UseAttributes(),
		Projects:    settings.SCIM.ProjectAttribute,
		AllowHidden: settings.SCIM.Guard.AllowHiddenUsers,
	})
	if err != nil {
		return nil, err
	}
	for _, note := range found.Notes {
		a.term.Note("%s", note)
	}
	return found, nil
}

// teamGroups are the groups that become teams: those of the settings, or else
// those that the application binds, or else all, which is told.
func (a *app) teamGroups(settings config.SCIM, found *authentik.People) []string {
	if len(settings.Groups) > 0 {
		return settings.Groups
	}
	if len(found.Bound) == 0 {
		a.term.Note("no group of authentik is named or bound, so each of the %d becomes a team: name some with --group or scim.groups", len(found.Directory.Groups))
		return nil
	}
	quoted := make([]string, 0, len(found.Bound))
	for _, name := range found.Bound {
		quoted = append(quoted, directory.Quote(name))
	}
	return quoted
}
