package apply

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// errIgnored says that Sentry answered with success and changed no role in a team,
// as it does where its feature team-roles is off
// (core/endpoints/organization_member_team_details.py).
func errIgnored() error {
	return fault.Hint(errors.New("the answer was a success, but nothing changed: Sentry's feature team-roles is off"),
		"on SaaS the plan of the organization decides, on a self-hosted Sentry SENTRY_FEATURES; until it is on, leave scim.team_roles out")
}

const ignoredReason = "the role in a team was not set: Sentry did not take the first such change of this run"

// Giving is what a run gives to teams, with the teams that it has made.
type Giving struct {
	Created []scim.Group
	Admins  []memory.Admin
	Links   []memory.Link
}

// announce tells what comes next, with the ids that are known by now.
func (a *applier) announce(ctx context.Context) {
	if a.Giving == nil || ctx.Err() != nil || len(a.Plan.TeamRoles)+len(a.Plan.ProjectsAdd) == 0 {
		return
	}
	g := Giving{Created: a.out.Created}
	for _, c := range a.Plan.TeamRoles {
		member, _ := a.memberOf(c)
		if team := a.teams[c.Team]; team != "" && member != "" && c.To == sentry.TeamAdmin {
			g.Admins = append(g.Admins, memory.Admin{Team: team, Member: member})
		}
	}
	for _, c := range a.Plan.ProjectsAdd {
		if team := a.teams[c.Team]; team != "" {
			g.Links = append(g.Links, memory.Link{Team: team, Project: c.ProjectID})
		}
	}
	a.Giving(g)
}

// setTeamRoles changes roles in teams, the first one alone: where Sentry has no such
// roles, it answers each request with success, and one is enough to know.
func (a *applier) setTeamRoles(taking, work context.Context) {
	changes := a.Plan.TeamRoles
	probe := min(1, len(changes))
	set := func(c plan.TeamRole) { a.setTeamRole(work, c) }
	stage(taking, a, stageAdmins, changes[:probe], set)
	stage(taking, a, stageAdmins, changes[probe:], set)
}

func (a *applier) setTeamRole(ctx context.Context, c plan.TeamRole) {
	counted := func(n *plan.Counts) { n.TeamRoles++ }
	var team string
	var off bool
	a.locked(func() { team, off = a.teams[c.Team], a.noRoles })
	member, present := a.memberOf(c)
	switch {
	case off:
		a.skip(c.Email, ignoredReason)
		return
	case a.kept[member]:
		a.skip(c.Email, keptReason)
		return
	case team == "":
		a.record(errors.New("the team could not be created"), c.Change(), counted)
		return
	case !present:
		a.record(errNoMember, c.Change(), counted)
		return
	case member == "":
		return // the person is left alone, which has been told
	}
	has, err := a.Teams.SetRole(ctx, member, team, c.To)
	if errors.Is(err, sentryapi.ErrNotFound) {
		err = fault.Hint(err, "the member is not on the team: has the change of the membership failed?")
	}
	if err == nil && roleIn(has) != c.To {
		a.ignored(ctx, c, team, member)
		return
	}
	if sentryapi.NotPermitted(err) || fault.CodeOf(err) == fault.Credential {
		err = fault.WithCode(err, fault.Failed) // all else can be done
		a.locked(func() { a.noRoles = true })
	}
	a.record(err, c.Change(), counted)
	c.MemberID = member
	a.took(err, func(p *plan.Plan) {
		p.TeamRoles = append(p.TeamRoles, c)
		if c.To == sentry.TeamAdmin {
			a.out.Admins = append(a.out.Admins, memory.Admin{Team: team, Member: member})
		}
	})
}

// roleIn is the role that Sentry means when it tells one.
func roleIn(told string) string {
	if told == "" {
		return sentry.TeamContributor
	}
	return told
}

// memberOf is the id of the member that a change is about. It is empty for a person
// who was left alone; false says that there is no such member.
func (a *applier) memberOf(c plan.TeamRole) (id string, present bool) {
	if c.MemberID != "" {
		return c.MemberID, true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := mapping.Key(c.Email)
	if id, present = a.members[key]; present {
		return id, true
	}
	_, held := a.out.Known.Held[key]
	return "", held
}

// ignored notes that Sentry did not change a role although it said so. Where the
// member's organization role is known to leave room for one, its feature is off; a
// role that includes team admin needs none; of other roles that is not known.
func (a *applier) ignored(ctx context.Context, c plan.TeamRole, team, member string) {
	counted := func(n *plan.Counts) { n.TeamRoles++ }
	role, err := a.orgRole(ctx, c, member)
	now := a.Now().UTC()
	switch {
	case err != nil:
		a.record(err, c.Change(), counted)
	case sentry.IncludesTeamAdmin(role):
		a.skip(c.Email, "needs no role in the team "+c.Team+": the organization role "+role+" includes team admin")
	case slices.Contains([]string{"member", "billing"}, strings.ToLower(role)):
		a.record(errIgnored(), c.Change(), counted)
		a.locked(func() {
			a.noRoles = true
			a.out.Known.TeamRoles[memory.NoTeamRoles] = memory.Fact{At: now, Why: "Sentry's feature team-roles was off on " + now.Format(time.DateOnly) + ", and is asked again after a week"}
		})
	default:
		a.skip(c.Email, "keeps the role in the team "+c.Team+": Sentry changes none beside the organization role "+role)
		a.locked(func() { a.out.Known.TeamRoles[memory.TeamRoleKey(team, member)] = memory.Fact{At: now, Why: role} })
	}
}

// orgRole is the organization role that a member has now, by Sentry: the one that was
// read may have changed.
func (a *applier) orgRole(ctx context.Context, c plan.TeamRole, member string) (string, error) {
	users, err := a.Client.Lookup(ctx, c.Email)
	for _, u := range users {
		if u.ID == member {
			return u.Role, nil
		}
	}
	return c.OrgRole, err
}

func (a *applier) linkProject(ctx context.Context, c plan.ProjectLink) {
	err := a.changeLink(c, func(team string) error { return a.Teams.Link(ctx, c.Project, team) })
	a.record(err, "link the project "+c.Project+" to the team "+c.Team, func(n *plan.Counts) { n.ProjectsAdd++ })
	if err == nil || unanswered(err) {
		a.locked(func() {
			a.out.Links = append(a.out.Links, memory.Link{Team: a.teams[c.Team], Project: c.ProjectID})
		})
	}
}

func (a *applier) unlinkProject(ctx context.Context, c plan.ProjectLink) {
	err := a.changeLink(c, func(team string) error { return a.Teams.Unlink(ctx, c.Project, team) })
	a.record(err, "unlink the project "+c.Project+" from the team "+c.Team, func(n *plan.Counts) { n.ProjectsRemove++ })
	a.took(err, func(p *plan.Plan) { p.ProjectsRemove = append(p.ProjectsRemove, c) })
}

// changeLink calls change with the id of the team. A link that is refused says
// nothing of the token: it may lack the project or the team alone. So nothing else
// stops.
func (a *applier) changeLink(c plan.ProjectLink, change func(team string) error) error {
	var team string
	a.locked(func() { team = a.teams[c.Team] })
	if team == "" {
		return errors.New("the team could not be created")
	}
	err := change(team)
	if errors.Is(err, sentryapi.ErrNotFound) {
		return fault.Hint(err, "the project or the team has gone meanwhile: run again")
	}
	if fault.CodeOf(err) == fault.Credential {
		return fault.WithCode(err, fault.Failed)
	}
	return err
}
