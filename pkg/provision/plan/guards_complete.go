package plan

import (
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// countTeams counts the changes of roles in teams and the links that are taken away.
// Nobody is raised in a team of a first push.
func (c *Comparison) countTeams(done *Plan, l *memory.Losses) {
	for _, r := range done.TeamRoles {
		switch {
		case r.To != sentry.TeamAdmin:
			l.TeamDemoted++
		case !c.fresh[r.Team]:
			l.TeamPromoted++
		}
	}
	l.Unlinked = len(done.ProjectsRemove)
}

// Begun names the changes in teams that countTeams counts.
func (c *Comparison) Begun() memory.Begun {
	var b memory.Begun
	for _, r := range c.TeamRoles {
		name := r.Team + "/" + mapping.Key(r.Email)
		switch {
		case r.To != sentry.TeamAdmin:
			b.Demoted = append(b.Demoted, name)
		case !c.fresh[r.Team]:
			b.Promoted = append(b.Promoted, name)
		}
	}
	for _, l := range c.ProjectsRemove {
		b.Unlinked = append(b.Unlinked, l.Team+"/"+l.ProjectID)
	}
	return b
}

func (j judge) teamPromotions() Verdict {
	all, _ := j.managed()
	seen, of := j.losses.TeamPromoted+j.recent.TeamPromoted, j.before(j.recent.Memberships, all)
	return j.amount(Verdict{
		Guard: "team_promotions", Setting: "scim.guard.max_team_promotions", Seen: seen, Of: of, Override: "--max-team-promotions",
		Says:   fmt.Sprintf("%s, of %d memberships in managed teams%s", phrase.Count(seen, "member becomes admin of a team", "members become admin of a team"), of, j.since(j.recent.TeamPromoted)),
		forget: func(l *memory.Losses) { l.TeamPromoted = 0 },
	}, j.guards.TeamPromotions, j.standard.TeamPromotions)
}

func (j judge) teamDemotions() Verdict {
	admins := j.recent.TeamDemoted
	for _, roles := range j.c.Actual.TeamRoles {
		for _, role := range roles {
			if role == sentry.TeamAdmin {
				admins++
			}
		}
	}
	seen := j.losses.TeamDemoted + j.recent.TeamDemoted
	return j.amount(Verdict{
		Guard: "team_demotions", Setting: "scim.guard.max_team_demotions", Seen: seen, Of: admins, Override: "--max-team-demotions",
		Says:   fmt.Sprintf("%s, of %d who are%s", phrase.Count(seen, "member is no longer admin of a team", "members are no longer admin of a team"), admins, j.since(j.recent.TeamDemoted)),
		forget: func(l *memory.Losses) { l.TeamDemoted = 0 },
	}, j.guards.TeamDemotions, j.standard.TeamDemotions)
}

func (j judge) unlinked() Verdict {
	of := j.recent.Unlinked
	if j.c.Record != nil {
		of += len(j.c.Record.Links)
	}
	seen := j.losses.Unlinked + j.recent.Unlinked
	return j.amount(Verdict{
		Guard: "project_removals", Setting: "scim.guard.max_project_removals", Seen: seen, Of: of, Override: "--max-project-removals",
		Says:   fmt.Sprintf("%s, of %d that pushes made%s", phrase.Count(seen, "team loses a link to a project", "links of teams to projects are removed"), of, j.since(j.recent.Unlinked)),
		forget: func(l *memory.Losses) { l.Unlinked = 0 },
	}, j.guards.Unlinked, j.standard.Unlinked)
}
