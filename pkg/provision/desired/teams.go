package desired

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/nearest"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// teamsOf makes teams of the groups that patterns choose; a group without a name
// for its team is skipped. All groups that Sentry cannot hold are told at once.
func (r *resolved) teamsOf(patterns []string) (result []Team, skipped []Skipped, err error) {
	chosen, err := choose(r.directory.Groups, patterns)
	if err != nil {
		return nil, nil, err
	}
	var problems []string
	owner := map[string]string{}
	for _, group := range chosen {
		name := r.teams[group]
		if name == "" {
			skipped = append(skipped, Skipped{Who: group, Reason: string(mapping.SettingTeam) + " makes no team of the group"})
			continue
		}
		slug, err := sentry.TeamSlugOf(name)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		if other, taken := owner[slug]; taken {
			problems = append(problems, fmt.Sprintf("the groups %q and %q would both be the team %q", other, group, slug))
			continue
		}
		owner[slug] = group
		result = append(result, Team{Name: name, Slug: slug, Group: group, Members: r.membersOf(group)})
	}
	if len(problems) > 0 {
		err := fault.New(fault.Refused, "Sentry cannot hold these teams, so nothing was written:\n  %s", strings.Join(problems, "\n  "))
		return nil, nil, fault.Hint(err, "rename the groups, give their teams other names with scim.team_names, or name the groups to push with --group or scim.groups")
	}
	slices.SortFunc(result, func(a, b Team) int { return strings.Compare(a.Name, b.Name) })
	return result, skipped, nil
}

// choose returns the names of the groups that a name or pattern names; without
// any, of all.
func choose(groups []directory.Group, patterns []string) ([]string, error) {
	all := make([]string, 0, len(groups))
	for _, g := range groups {
		all = append(all, g.Name)
	}
	if len(patterns) == 0 {
		return all, nil
	}
	chosen := map[string]bool{}
	for _, pattern := range patterns {
		found := false
		for _, name := range all {
			if directory.Matches(pattern, name) {
				chosen[name], found = true, true
			}
		}
		if !found {
			return nil, noGroup("scim.groups", pattern, all)
		}
	}
	return slices.DeleteFunc(all, func(name string) bool { return !chosen[name] }), nil
}

// noGroup says that a setting names no group of the directory, and which was
// probably meant.
func noGroup(setting, name string, known []string) error {
	err := fault.Usagef("%s names the group %q, which the directory does not have", setting, name)
	if _, wrong := path.Match(name, ""); wrong != nil {
		err = fault.Usagef("%s has %q, which is neither a group of the directory nor a pattern", setting, name)
	} else if strings.ContainsAny(name, "*?[") {
		err = fault.Usagef("%s has the pattern %q, which no group of the directory matches", setting, name)
	}
	if strings.Contains(name, ",") {
		err = fault.Hint(err, "a name is not split at its commas: for several, write a list, or repeat the flag: %s", phrase.Repeated("--group", name))
	}
	if near := nearest.Word(name, known); near != "" {
		return fault.Hint(err, "did you mean %q?", near)
	}
	return fault.Hint(err, "the directory has %s", phrase.List(known))
}

func checkGroup(d *directory.Directory, setting, name string) error {
	known := make([]string, 0, len(d.Groups))
	for _, g := range d.Groups {
		known = append(known, g.Name)
	}
	if slices.Contains(known, name) {
		return nil
	}
	return noGroup(setting, name, known)
}

// checkTeamNames refuses rules for groups that do not exist: their teams would
// silently keep the name that was not wanted.
func checkTeamNames(d *directory.Directory, rules []TeamName) error {
	seen := map[string]bool{}
	for _, rule := range rules {
		if err := checkGroup(d, "scim.team_names", rule.Group); err != nil {
			return err
		}
		if seen[rule.Group] {
			return fault.Hint(fault.Usagef("scim.team_names gives the group %q two names", rule.Group), "keep one of them")
		}
		seen[rule.Group] = true
	}
	return nil
}

// teamNames are the names of teams by group: those of the rules, and else those
// that the expression makes.
func teamNames(made map[string]string, rules []TeamName) map[string]string {
	names := maps.Clone(made)
	for _, rule := range rules {
		names[rule.Group] = rule.Team
	}
	return names
}

// reserved are the names and slugs of all groups and of their teams.
func reserved(d *directory.Directory, teams map[string]string) map[string]bool {
	taken := map[string]bool{}
	for _, g := range d.Groups {
		for _, name := range []string{g.Name, teams[g.Name]} {
			taken[name] = true
			taken[sentry.TeamSlug(name)] = true
		}
	}
	delete(taken, "")
	return taken
}
