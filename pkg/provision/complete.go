package provision

import (
	"cmp"
	"context"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/apply"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// whole is a plan with what SCIM does not know of teams: where the plan needs that,
// it is read into actual, and the plan made again.
func (p *Push) whole(ctx context.Context, actual *plan.Actual, compare func() *plan.Comparison) (*plan.Comparison, error) {
	if p.Record != nil && p.Teams != nil {
		if _, refused := p.Record.Known.Since(p.Now()).Tokens[memory.TokenTeamRoles]; refused {
			p.Teams.Forgo()
		}
	}
	compared := compare()
	need := compared.Reads()
	if need.Empty() {
		return compared, nil
	}
	step := func(list string, done, total int) { p.tell(stageRead+list, done, total) }
	if err := p.Teams.Read(ctx, actual, need, p.Workers, step); err != nil {
		return nil, err
	}
	return compare(), nil
}

// token says with which token roles in teams are set, the first time, and notes for
// the next pushes that the SCIM token is refused.
func (run *running) token() {
	if run.Teams == nil || run.outcome.Applied.TeamRoles == 0 {
		return
	}
	refused := run.Teams.Refused()
	switch {
	case refused != nil:
		run.report.Notes = append(run.report.Notes, "Sentry refuses the SCIM token for roles in teams ("+fault.Text(refused)+"): sentry.api.token is used, with its scope team:write")
	case run.Record != nil && len(run.Record.Admins) == 0 && run.Teams.SCIM != nil:
		run.report.Notes = append(run.report.Notes, "roles in teams are set with the SCIM token, which Sentry takes for it")
	}
}

// refusals are what is known of tokens by now.
func (p *Push) refusals() memory.Known {
	known := memory.Known{}.Clone()
	if p.Teams != nil && p.Teams.Refused() != nil {
		known.Tokens[memory.TokenTeamRoles] = memory.Fact{Why: fault.Text(p.Teams.Refused()), At: p.Now().UTC()}
	}
	return known
}

// given keeps what pushes gave to teams: admins who are still that as far as is known,
// and links that are still there.
func (run *running) given(next *memory.Record) {
	actual := run.actual
	if run.after != nil {
		actual = run.after
	}
	_, teams := held(actual)
	next.Admins = memory.Made(memory.Admin.Compare, next.Admins, run.outcome.Admins)
	next.Links = memory.Made(memory.Link.Compare, next.Links, run.outcome.Links)
	if run.after == nil && !run.compared.Empty() {
		return
	}
	next.Admins = keep(next.Admins, func(a memory.Admin) bool {
		roles, read := actual.TeamRoles[a.Team]
		return slices.Contains(teams[a.Team], a.Member) && (!read || roles[a.Member] == sentry.TeamAdmin)
	})
	linked := map[memory.Link]bool{}
	for _, project := range actual.Projects {
		for _, team := range project.Teams {
			linked[memory.Link{Team: team, Project: project.ID}] = true
		}
	}
	next.Links = keep(next.Links, func(l memory.Link) bool {
		_, there := teams[l.Team]
		return there && (actual.Projects == nil || linked[l])
	})
}

func keep[T any](list []T, stays func(T) bool) []T {
	var kept []T
	for _, entry := range list {
		if stays(entry) {
			kept = append(kept, entry)
		}
	}
	return kept
}

// giving remembers what the push gives to teams before it does: a run that is killed
// has given it all the same. What was not given is dropped once Sentry is read again.
func (j *pushing) giving(run *running, g apply.Giving) {
	if j.push.Record == nil {
		return
	}
	next := *cmp.Or(j.begun, j.push.Record)
	next.Created = append(slices.Clone(next.Created), teamsOf(g.Created, j.want)...)
	slices.SortFunc(next.Created, memory.Team.Compare)
	next.Admins = memory.Made(memory.Admin.Compare, next.Admins, g.Admins)
	next.Links = memory.Made(memory.Link.Compare, next.Links, g.Links)
	j.keep(run, &next, "gives to teams")
}
