package sentry

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Roles are those that SCIM can give: every one that cannot administer the
// organization (Sentry, core/endpoints/scim/members.py). billing exists on SaaS
// alone.
func Roles() []string { return []string{"member", "admin", "manager", "billing"} }

// CheckRole refuses (fault.Usage) a role that Sentry would refuse.
func CheckRole(role string) error {
	if slices.Contains(Roles(), role) {
		return nil
	}
	err := fault.Usagef("SCIM cannot give the role %q", role)
	return fault.Hint(err, "want one of %s; owners are made in Sentry", strings.Join(Roles(), ", "))
}

// The roles in a team (Sentry, conf/server.py SENTRY_TEAM_ROLES).
const (
	TeamContributor = "contributor"
	TeamAdmin       = "admin"
)

// TeamRoles are the roles in a team, the lowest first.
func TeamRoles() []string { return []string{TeamContributor, TeamAdmin} }

// CheckTeamRole refuses (fault.Usage) a role that no member of a team can have.
func CheckTeamRole(role string) error {
	if slices.Contains(TeamRoles(), role) {
		return nil
	}
	err := fault.Usagef("a team has no role %q", role)
	return fault.Hint(err, "expected one of %s", strings.Join(TeamRoles(), ", "))
}

// IncludesTeamAdmin reports whether members of an organization role are admins of
// all their teams, whatever their role there (is_minimum_role_for). Of a role of
// one's own that is not known.
func IncludesTeamAdmin(role string) bool {
	return slices.Contains([]string{"owner", "manager", "admin"}, strings.ToLower(role))
}
