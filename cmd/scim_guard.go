package cmd

import (
	"path/filepath"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision"
)

// selectionOf is the part of the directory that the settings mean, and the
// mapping, whose expressions are compiled here.
func selectionOf(settings config.SCIM) (provision.Selection, error) {
	selection := provision.Selection{ExcludeTypes: settings.ExcludeTypes, Groups: settings.Groups}
	for _, rule := range settings.Roles {
		selection.Roles = append(selection.Roles, provision.RoleRule{Group: rule.Group, Role: rule.Role})
	}
	for _, rule := range settings.TeamNames {
		selection.TeamNames = append(selection.TeamNames, provision.TeamName{Group: rule.Group, Team: rule.Team})
	}
	var err error
	selection.Mapping, err = mapping.Compile(mapping.Expressions(settings.Mapping))
	return selection, fault.WithCode(err, fault.Usage)
}

// tellRoles shows the order in which roles are given.
func (a *app) tellRoles(rules []provision.RoleRule) {
	if len(rules) == 0 {
		return
	}
	var order []string
	for _, rule := range rules {
		order = append(order, rule.Group+" -> "+rule.Role)
	}
	a.term.Note("roles by group, the first that matches wins: %s", strings.Join(order, ", "))
}

// guardOf is the guard of the settings, which knows of no earlier push.
func guardOf(settings config.Guard) (provision.Guard, error) {
	people, err := provision.ParseLimit(settings.MaxRemovals)
	if err != nil {
		return provision.Guard{}, err
	}
	teams, err := provision.ParseLimit(settings.MaxTeamRemovals)
	return provision.Guard{
		MaxRemovals: people, MaxTeamRemovals: teams, Floor: settings.MaxRemovalsFloor,
		AllowEmpty: settings.AllowEmpty, AllowShrink: settings.AllowShrink, AllowEmptyTeams: settings.AllowEmptyTeams,
	}, err
}

// remind gives push what earlier pushes left behind. What cannot be read is told
// and left out: a push is right without it. A rehearsal remembers nothing.
func (a *app) remind(push *provision.Push, loaded *config.Loaded) {
	if a.rehearsal != nil {
		return
	}
	state, err := a.stateDir()
	if err != nil {
		a.term.Warn("this push is not compared with the last one: %v", err)
		return
	}
	address := scimAddress(push.SentryURL, loaded)
	path := filepath.Join(state, "pushes", provision.FileStem(address, push.Org)+".json")
	push.Record, err = provision.LoadRecord(path, address, push.Org)
	if err != nil {
		a.term.Warn("this push is not compared with the last one: %v", err)
	}
	push.Guard.LastPeople = push.Record.People
	push.SaveRecord = func(r *provision.Record) error { return r.Save(path) }
	if push.PruneTeams && len(push.Record.Teams) == 0 {
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
