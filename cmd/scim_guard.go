package cmd

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/input"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

// selectionOf is the part of the directory that the settings mean, and the
// mapping, whose expressions are compiled here.
func selectionOf(settings config.SCIM) (desired.Selection, error) {
	selection := desired.Selection{ExcludeTypes: settings.ExcludeTypes, Groups: settings.Groups}
	for _, rule := range settings.Roles {
		selection.Roles = append(selection.Roles, desired.RoleRule{Group: rule.Group, Role: rule.Role})
	}
	for _, rule := range settings.TeamNames {
		selection.TeamNames = append(selection.TeamNames, desired.TeamName{Group: rule.Group, Team: rule.Team})
	}
	for _, rule := range settings.TeamRoles {
		selection.TeamRoles = append(selection.TeamRoles, desired.TeamRoleRule(rule))
	}
	for _, rule := range settings.Projects {
		selection.Projects = append(selection.Projects, desired.TeamProjects(rule))
	}
	var err error
	selection.Mapping, err = mapping.Compile(mapping.Expressions(settings.Mapping))
	return selection, fault.WithCode(err, fault.Usage)
}

// tellRoles shows the order in which roles are given.
func (a *app) tellRoles(rules []desired.RoleRule) {
	if len(rules) == 0 {
		return
	}
	var order []string
	for _, rule := range rules {
		order = append(order, rule.Group+" -> "+rule.Role)
	}
	a.term.Note("roles by group, the first that matches wins: %s", strings.Join(order, ", "))
}

// guardsOf are the guards of the settings.
func guardsOf(settings config.Guard) (plan.Guards, error) {
	guards := plan.Guards{
		Floor: settings.MaxRemovalsFloor, AllowEmpty: settings.AllowEmpty, AllowShrink: settings.AllowShrink, AllowEmptyTeams: settings.AllowEmptyTeams,
	}
	var problems []error
	for _, part := range []struct {
		text string
		into *plan.Limit
	}{
		{settings.MaxRemovals, &guards.Removals},
		{settings.MaxMemberships, &guards.Memberships},
		{settings.MaxTeamLosses, &guards.Teams},
		{settings.MaxPromotions, &guards.Promotions},
		{settings.MaxDemotions, &guards.Demotions},
		{settings.MaxReplaced, &guards.Replaced},
		{settings.MaxBlank, &guards.Blank},
		{settings.MaxTeamRemovals, &guards.TeamsGone},
		{settings.MaxTeamPromotions, &guards.TeamPromotions},
		{settings.MaxTeamDemotions, &guards.TeamDemotions},
		{settings.MaxProjectRemovals, &guards.Unlinked},
	} {
		limit, err := plan.ParseLimit(part.text)
		*part.into, problems = limit, append(problems, err)
	}
	return guards, errors.Join(problems...)
}

// remind gives push what earlier pushes left behind. What cannot be read is left
// out, which the report says: a push is right without it. A rehearsal remembers
// nothing.
func (a *app) remind(ctx context.Context, push *provision.Push, loaded *config.Loaded) {
	if a.rehearsal != nil {
		return
	}
	state, err := a.stateDir(loaded)
	if err != nil {
		push.NoState = fault.Text(err)
		return
	}
	address := scimAddress(push.SentryURL, loaded)
	folder := filepath.Join(state, "pushes")
	push.Record, err = input.Within(ctx, func() (*memory.Record, error) { return memory.LoadFrom(folder, address, push.Org) })
	if push.Record == nil {
		push.Record = memory.New(address, push.Org) // ctx has ended, as the push will notice
	}
	if err != nil && ctx.Err() == nil {
		push.Unread = fault.Text(err)
	}
	push.Record = push.Record.Of(loaded.Config.SCIM.Source)
	push.SaveRecord = func(r *memory.Record) error {
		return r.Save(filepath.Join(folder, memory.FileStem(address, push.Org)+".json"))
	}
	if push.Policy.PruneTeams && len(push.Record.Created) == 0 {
		a.term.Note("--prune-teams: no team is known to have been created by a push from this machine")
	}
}

// scimAddress tells one Sentry from another: its SCIM base URL where that is
// set, else its own.
func scimAddress(sentryURL string, loaded *config.Loaded) string {
	if address := loaded.Config.Sentry.SCIM.URL; address != "" {
		return address
	}
	return sentryURL
}
