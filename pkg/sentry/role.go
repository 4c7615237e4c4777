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
