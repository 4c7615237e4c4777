package provision

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// teamRemovals objects to more deleted teams than the limit allows: a deleted
// team leaves its projects without it, and SCIM does not show projects.
func (g Guard) teamRemovals(actual *Actual, plan *Plan) error {
	removals, allowed := len(plan.TeamsDelete), g.MaxTeamRemovals.of(len(actual.Groups), g.Floor)
	if removals <= allowed {
		return nil
	}
	err := fault.New(fault.Refused, "the plan deletes %d of %d teams of Sentry, more than the %d that scim.guard.max_team_removals (%s) allows, so nothing was written",
		removals, len(actual.Groups), allowed, g.MaxTeamRemovals)
	return fault.Hint(err, "see them with --dry-run; if they are meant, pass --max-team-removals %d", removals)
}

// emptyTeams objects to taking everybody out of a team because its group has
// nobody: a group whose members could not be read looks the same. A team whose
// people all leave Sentry is a matter of the removals.
func (g Guard) emptyTeams(want *Desired, plan *Plan) error {
	if g.AllowEmptyTeams {
		return nil
	}
	leaving := map[string]int{}
	for _, m := range plan.MembersRemove {
		leaving[m.Team]++
	}
	var emptied []string
	for _, t := range want.Teams {
		if len(t.Members) == 0 && leaving[t.Name] > 0 {
			emptied = append(emptied, fmt.Sprintf("%q (%s)", t.Name, count(leaving[t.Name], "member", "members")))
		}
	}
	if len(emptied) == 0 {
		return nil
	}
	err := fault.New(fault.Refused, "the plan takes everybody out of %s, because there is nobody in the directory's %s, so nothing was written",
		list(emptied), noun(len(emptied), "group", "groups"))
	return fault.Hint(err, "if it is meant, pass --allow-empty-teams")
}

// ambiguous objects to two teams in Sentry that a wanted one could be. Names are
// not unique in Sentry, slugs are, and SCIM does not show slugs.
func ambiguous(want *Desired, actual *Actual) error {
	match := newTeamMatch(actual.Groups, want.Teams)
	var objections []error
	for _, t := range want.Teams {
		found := match.candidates(t)
		match.take(t)
		if len(found) < 2 {
			continue
		}
		var which []string
		for _, g := range found {
			which = append(which, fmt.Sprintf("%q (id %s)", g.DisplayName, g.ID))
		}
		err := fault.New(fault.Refused, "Sentry has %d teams that could be the team %q: %s, so nothing was written", len(found), t.Name, strings.Join(which, ", "))
		objections = append(objections, fault.Hint(err, "rename all but one of them in Sentry, or leave the group out with --group or scim.groups"))
	}
	return errors.Join(objections...)
}
