package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

// compare lets authentik map the people too and shows the differences.
func (o *scimMapOptions) compare(ctx context.Context, loaded *config.Loaded) error {
	switch {
	case loaded.Config.SCIM.Source != config.SourceAuthentik:
		return fault.Hint(fault.Usagef("--check-authentik compares with authentik, and people come from a file"), "pass --authentik-url URL and no --file")
	case o.sample < 0:
		return fault.Usagef("--sample must be a number of people, found %d", o.sample)
	}
	found, err := o.authentikPeople(ctx, loaded)
	if err != nil {
		return err
	}
	ours, err := oursOf(loaded.Config.SCIM, found.Directory)
	if err != nil {
		return err
	}
	client, err := o.connectAuthentik(ctx, loaded)
	if err != nil {
		return err
	}
	expression, err := integrationMapping(ctx, client, loaded.Config.Authentik)
	if err != nil {
		return err
	}
	users := slices.DeleteFunc(found.Users, func(u authentik.User) bool { return slices.Contains(loaded.Config.SCIM.ExcludeTypes, u.Type) })
	doc := &mappingComparison{Source: found.Directory.Source, Mapping: expression.Name, People: len(users)}
	users = spread(users, o.sample)
	doc.Compared = len(users)
	if doc.Differences, err = authentik.CheckMapping(ctx, client, expression.Key(), users, ours); err != nil {
		return err
	}
	if err := o.show(doc); err != nil {
		return err
	}
	if len(doc.Differences) > 0 {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

// oursOf maps by the settings.
func oursOf(settings config.SCIM, d *directory.Directory) (authentik.Ours, error) {
	selection, err := selectionOf(settings)
	if err != nil || selection.Mapping == nil {
		return authentik.DefaultMapping, err
	}
	applied, err := selection.Mapping.Apply(d, nil)
	if err != nil {
		return nil, err
	}
	people := make(map[string]directory.Person, len(applied.Everybody))
	for _, p := range applied.Everybody {
		people[p.Username] = p
	}
	return func(u authentik.User) (mapping.User, string) {
		if reason := applied.Reasons[u.Username]; reason != "" {
			return mapping.User{}, reason
		}
		return mapping.Person(people[u.Username])
	}, nil
}

// integrationMapping is the SCIM mapping that the integration has.
func integrationMapping(ctx context.Context, client *authentik.Client, settings config.Authentik) (authentik.PropertyMapping, error) {
	found, ok, err := integration.FindMapping(ctx, client, settings.Application, settings.SCIMMapping)
	if err == nil && !ok {
		err = fault.Hint(fault.New(fault.Failed, "authentik has no SCIM mapping called %q", cmp.Or(settings.SCIMMapping, integration.MappingName)),
			"'sentryidp authentik apply --with-scim' makes it; authentik.scim_mapping names another")
	}
	return found, err
}

// spread picks n of the users evenly; all where n is 0.
func spread(users []authentik.User, n int) []authentik.User {
	if n == 0 || n >= len(users) {
		return users
	}
	picked := make([]authentik.User, 0, n)
	for i := range n {
		picked = append(picked, users[i*len(users)/n])
	}
	return picked
}

// mappingComparison is the people that authentik maps differently.
type mappingComparison struct {
	Source      string                 `json:"source"`
	Mapping     string                 `json:"mapping"`
	People      int                    `json:"people"`
	Compared    int                    `json:"compared"`
	Differences []authentik.Difference `json:"differences"`
}

// RenderText writes each difference with both sides, and a closing line.
func (d *mappingComparison) RenderText(w io.Writer, s ui.Styles) error {
	for _, difference := range d.Differences {
		err := s.Pairs(w, [][2]string{
			{"person", ui.Printable(difference.Username)}, {"here", ui.Printable(difference.Ours)}, {"authentik", ui.Printable(difference.Theirs)},
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	closing := s.Good("alike") + fmt.Sprintf(": authentik's mapping %s makes the same of %d people", d.Mapping, d.Compared)
	if len(d.Differences) > 0 {
		closing = s.Bad("different") + fmt.Sprintf(": authentik's mapping %s differs for %d of %d people", d.Mapping, len(d.Differences), d.Compared)
	}
	_, err := fmt.Fprintln(w, closing)
	return err
}
