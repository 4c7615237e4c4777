package memory

import (
	"cmp"
	"slices"
	"strings"
)

// Compare orders teams by id.
func (t Team) Compare(u Team) int { return strings.Compare(t.ID, u.ID) }

// Compare orders admins by team.
func (a Admin) Compare(b Admin) int {
	return cmp.Or(strings.Compare(a.Team, b.Team), strings.Compare(a.Member, b.Member))
}

// Compare orders links by team.
func (l Link) Compare(m Link) int {
	return cmp.Or(strings.Compare(l.Team, m.Team), strings.Compare(l.Project, m.Project))
}

// Made returns the entries of one list and of more, sorted, each once.
func Made[T comparable](compare func(a, b T) int, lists ...[]T) []T {
	all := slices.Concat(lists...)
	slices.SortFunc(all, compare)
	return slices.Compact(all)
}

// AdminsOf are the ids of the members whom pushes made admins of a team.
func (r *Record) AdminsOf(team string) []string {
	if r == nil {
		return nil
	}
	var members []string
	for _, a := range r.Admins {
		if a.Team == team {
			members = append(members, a.Member)
		}
	}
	return members
}

// LinksOf are the ids of the projects that pushes linked a team to.
func (r *Record) LinksOf(team string) []string {
	if r == nil {
		return nil
	}
	var projects []string
	for _, l := range r.Links {
		if l.Team == team {
			projects = append(projects, l.Project)
		}
	}
	return projects
}

// CreatedTeam reports whether a push created the team.
func (r *Record) CreatedTeam(team string) bool {
	return r != nil && slices.ContainsFunc(r.Created, func(t Team) bool { return t.ID == team })
}
