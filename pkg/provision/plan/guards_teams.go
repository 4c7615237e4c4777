package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

// teamsGone objects to more deleted teams than the limit allows: a deleted team
// leaves its projects without it, and SCIM does not show projects.
func (j judge) teamsGone() Verdict {
	seen, of := j.losses.Deleted+j.recent.Deleted, j.before(j.recent.AllTeams, len(j.c.Actual.Groups))
	return j.amount(Verdict{
		Guard: "team_removals", Setting: "scim.guard.max_team_removals", Seen: seen, Of: of, Override: "--max-team-removals",
		Says:   fmt.Sprintf("the plan deletes %s of %d%s", phrase.Count(seen, "team", "teams"), of, j.since(j.recent.Deleted)),
		forget: func(l *memory.Losses) { l.Deleted = 0 },
	}, j.guards.TeamsGone, j.standard.TeamsGone)
}

// emptyTeams objects to removing everybody from a team because its group has
// nobody: a group whose members could not be read looks the same. A team whose
// people all leave Sentry is a matter of the removals.
func (j judge) emptyTeams() Verdict {
	leaving := map[string]int{}
	for _, m := range j.c.Plan.MembersRemove {
		leaving[m.Team]++
	}
	var emptied []string
	for _, t := range j.c.Want.Teams {
		if len(t.Members) == 0 && leaving[t.Name] > 0 {
			emptied = append(emptied, fmt.Sprintf("%q (%s)", t.Name, phrase.Count(leaving[t.Name], "member", "members")))
		}
	}
	v := Verdict{
		Guard: "emptied_teams", Setting: "scim.guard.allow_empty_teams", Seen: len(emptied), Of: len(j.c.Want.Teams),
		On: !j.guards.AllowEmptyTeams, Looser: j.guards.AllowEmptyTeams, Override: "--allow-empty-teams", Refused: len(emptied) > 0 && !j.guards.AllowEmptyTeams,
		Says: "no team is emptied", hint: "a group that could not be read looks like this; if it is meant, pass --allow-empty-teams",
	}
	if len(emptied) > 0 {
		v.Says = fmt.Sprintf("the plan removes everybody from %s, because there is nobody in the directory's %s",
			phrase.List(emptied), phrase.Noun(len(emptied), "group", "groups"))
	}
	return v
}

// blank objects to a column that was lost: people who had a good address, or whose
// file said that they are active, and now have a blank. Who had what is known by
// the memory of the last push alone.
func (j judge) blank() Verdict {
	v := Verdict{Guard: "blank_cells", Setting: "scim.guard.max_blank", Override: "--max-blank", Limit: j.guards.Blank.String(), Says: offWithoutMemory}
	if j.c.Record.Fresh() {
		return v
	}
	addresses := 0
	for _, id := range j.c.Want.NoAddress {
		if was, known := j.c.Record.Person(id); known && !was.NoAddress {
			addresses++
		}
	}
	activity := max(0, j.c.Want.ActivityBlank-j.c.Record.ActivityBlank)
	v.Seen, v.Of = max(addresses, activity), max(j.c.Record.People, len(j.c.Want.People))
	v.Says = fmt.Sprintf("%s no address that Sentry takes any more, and of %d it is not told any more whether they are active",
		phrase.Count(addresses, "person has", "people have"), activity)
	return j.amount(v, j.guards.Blank, j.standard.Blank)
}

// verdict objects to two teams in Sentry that a wanted one could be. Names are
// not unique in Sentry, slugs are, and SCIM does not show slugs.
func (a ambiguity) verdict() Verdict {
	which := make([]string, 0, len(a.groups))
	for _, g := range a.groups {
		which = append(which, fmt.Sprintf("%q (id %s)", g.DisplayName, g.ID))
	}
	return Verdict{
		Guard: "ambiguous_team", Seen: len(a.groups), Allowed: 1, On: true, Refused: true,
		Says: fmt.Sprintf("Sentry has %d teams that could be the team %q: %s", len(a.groups), a.team, strings.Join(which, ", ")),
		hint: "rename all but one of them in Sentry, or leave the group out with --group or scim.groups",
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
