package provision

import (
	"context"
	"fmt"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Restoring bounds a restore.
type Restoring struct {
	// FromOtherOrg accepts a snapshot of another organization or another Sentry.
	FromOtherOrg bool
	// Confirm is shown the report of a plan that is not empty, before anything is
	// written; an error of it ends the run.
	Confirm func(*Report) error
}

// Restore puts back what a snapshot has and Sentry lacks: members with their
// roles, teams and memberships. Nothing else is touched. Whoever was an owner
// cannot come back by SCIM, and is left out. The report and errors are as those
// of Run.
func (p *Push) Restore(ctx context.Context, s *Snapshot, bounds Restoring) (*Report, error) {
	return p.run(ctx, errand{
		kind: KindRestore,
		aim:  fmt.Sprintf("the snapshot %s and %s", count(len(s.Members), "member", "members"), count(len(s.Teams), "team", "teams")),
		plan: s.missing,
		notes: func(plan *Plan) []string {
			if len(plan.UsersCreate) == 0 {
				return []string{}
			}
			return []string{"restored members come back as invitations, without the identity they had: each logs in by SSO once more " +
				"(a Sentry of before the middle of September 2026 sends each an invitation by mail)"}
		},
		check: func(_ *Actual, r *Report) error {
			if err := s.belongs(p.SentryURL, p.Org, bounds.FromOtherOrg); err != nil {
				return err
			}
			if p.DryRun || r.Plan.Empty() || bounds.Confirm == nil {
				return nil
			}
			return bounds.Confirm(r)
		},
		remember: func(*Actual, *applier, *Report, bool) {}, // nothing of it concerns the next push
	})
}

func (s *Snapshot) belongs(sentryURL, org string, elsewhere bool) error {
	if elsewhere || s.SentryURL == sentryURL && s.Org == org {
		return nil
	}
	err := fault.New(fault.Refused, "the snapshot is of %s on %s, want one of %s on %s, so nothing was written", s.Org, s.SentryURL, org, sentryURL)
	return fault.Hint(err, "if its people and teams are meant for this organization, pass --from-other-org")
}

// missing plans what the snapshot has and Sentry lacks, and returns who is left
// out of that.
func (s *Snapshot) missing(actual *Actual) (*Plan, []Skipped) {
	r := &restoring{plan: emptyPlan(), members: map[string]bool{}, keys: map[string]string{}, skipped: []Skipped{}}
	for _, u := range actual.Users {
		key := mapping.Key(u.UserName)
		r.members[key], r.keys[u.ID] = true, key
	}
	for _, m := range s.Members {
		r.member(m)
	}
	r.match(s.Teams, actual.Groups)
	for _, t := range s.Teams {
		r.team(t)
	}
	c := comparison{plan: r.plan}
	c.sort()
	return r.plan, slices.Compact(sortSkipped(r.skipped))
}

type restoring struct {
	plan    *Plan
	members map[string]bool       // by key: who is a member, or will be
	keys    map[string]string     // member id → key
	teams   map[string]scim.Group // by the snapshot's name: those there are, or will be
	slugs   map[string]bool       // that are taken
	added   map[Membership]bool   // by key of the person
	skipped []Skipped
}

// match finds the teams of the snapshot: by name; else by slug, where that team
// is no other of the snapshot.
func (r *restoring) match(teams []SnapshotTeam, groups []scim.Group) {
	r.teams, r.slugs, r.added = map[string]scim.Group{}, map[string]bool{}, map[Membership]bool{}
	names, bySlug := map[string]bool{}, map[string]scim.Group{}
	for _, t := range teams {
		names[t.Name] = true
	}
	for _, g := range groups {
		r.teams[g.DisplayName] = g
		slug := sentry.TeamSlug(g.DisplayName)
		r.slugs[slug] = true
		if !names[g.DisplayName] {
			bySlug[slug] = g
		}
	}
	for _, t := range teams {
		slug := sentry.TeamSlug(t.Name)
		group, alike := bySlug[slug]
		if _, named := r.teams[t.Name]; !named && alike && slug != "" {
			r.teams[t.Name] = group
			delete(bySlug, slug)
		}
	}
}

func (r *restoring) skip(who, reason string) {
	r.skipped = append(r.skipped, Skipped{Who: who, Reason: reason})
}

func (r *restoring) member(m SnapshotMember) {
	key := mapping.Key(m.Email)
	switch {
	case r.members[key]:
		return
	case m.Role == ownerRole:
		r.skip(m.Email, "was an owner: Sentry takes no owners by SCIM, invite them in Settings > Members")
		return
	case m.Role != "" && sentry.CheckRole(m.Role) != nil:
		r.skip(m.Email, fmt.Sprintf("had the role %q, which Sentry does not take by SCIM", m.Role))
		return
	}
	r.members[key] = true
	r.plan.UsersCreate = append(r.plan.UsersCreate, UserCreate{Email: m.Email, Role: m.Role})
}

func (r *restoring) team(t SnapshotTeam) {
	group, found := r.teams[t.Name]
	if !found {
		slug, err := sentry.TeamSlugOf(t.Name)
		switch {
		case err != nil:
			r.skip("team "+t.Name, err.Error())
			return
		case r.slugs[slug]:
			r.skip("team "+t.Name, "another team has the slug that Sentry would make of its name")
			return
		}
		r.plan.TeamsCreate = append(r.plan.TeamsCreate, TeamCreate{Name: t.Name, Slug: slug})
		group.DisplayName, r.slugs[slug] = t.Name, true
		r.teams[t.Name] = group
	}
	r.memberships(t, group)
}

// memberships adds who is not in the team, which keeps the name it has now.
func (r *restoring) memberships(t SnapshotTeam, group scim.Group) {
	has := make(map[string]bool, len(group.Members))
	for _, m := range group.Members {
		has[r.keys[m.ID]], has[mapping.Key(m.Display)] = true, true
	}
	for _, email := range t.Members {
		key := mapping.Key(email)
		once := Membership{Team: group.DisplayName, Email: key}
		switch {
		case has[key] || r.added[once]:
		case !r.members[key]:
			r.skip(email, "was in a team, and is no member that can be restored")
		default:
			r.added[once] = true
			r.plan.MembersAdd = append(r.plan.MembersAdd, Membership{Team: group.DisplayName, Email: email})
		}
	}
}
