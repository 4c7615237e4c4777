package provision

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
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
	r := &restoring{
		plan: emptyPlan(), members: map[string]bool{}, keys: map[string]string{}, roles: s.roles(),
		match: newRestoreMatch(s.Teams, actual.Groups), added: map[Membership]bool{}, skipped: []Skipped{},
	}
	for _, u := range actual.Users {
		key := mapping.Key(u.UserName)
		r.members[key], r.keys[u.ID] = true, key
	}
	for _, m := range s.Members {
		r.member(m)
	}
	for _, t := range s.Teams {
		r.team(t)
	}
	c := comparison{plan: r.plan}
	c.sort()
	return r.plan, slices.Compact(sortSkipped(r.skipped))
}

// roles are those that each person has in the snapshot, by key, sorted. Sentry
// tells invitations apart by case, so that a person can have several.
func (s *Snapshot) roles() map[string][]string {
	roles := make(map[string][]string, len(s.Members))
	for _, m := range s.Members {
		key := mapping.Key(m.Email)
		if at, found := slices.BinarySearch(roles[key], m.Role); m.Role != "" && !found {
			roles[key] = slices.Insert(roles[key], at, m.Role)
		}
	}
	return roles
}

type restoring struct {
	plan    *Plan
	members map[string]bool     // by key: who is a member, or will be
	keys    map[string]string   // member id → key
	roles   map[string][]string // by key: those of the snapshot
	match   *restoreMatch
	added   map[Membership]bool // by key of the person
	skipped []Skipped
}

func (r *restoring) skip(who, reason string) {
	r.skipped = append(r.skipped, Skipped{Who: who, Reason: reason})
}

func (r *restoring) member(m SnapshotMember) {
	key := mapping.Key(m.Email)
	if m.Email == "" {
		r.skip("member "+m.ID, "has no e-mail in the snapshot")
		return
	}
	if r.members[key] {
		return
	}
	role, reason := roleOf(r.roles[key])
	if problem := mapping.EmailProblem(m.Email); problem != "" {
		reason = problem
	}
	if reason != "" {
		r.skip(m.Email, reason)
		return
	}
	r.members[key] = true
	r.plan.UsersCreate = append(r.plan.UsersCreate, UserCreate{Email: m.Email, Role: role})
}

// roleOf is the role to come back with, or the reason why there is none. No role
// is the organization's default.
func roleOf(roles []string) (role, reason string) {
	switch {
	case len(roles) == 0:
		return "", ""
	case len(roles) > 1:
		return "", fmt.Sprintf("has several roles in the snapshot (%s): keep the one that is meant", strings.Join(roles, ", "))
	case roles[0] == ownerRole:
		return "", "was an owner: Sentry takes no owners by SCIM, invite them in Settings > Members"
	case sentry.CheckRole(roles[0]) != nil:
		return "", fmt.Sprintf("had the role %q, which Sentry does not take by SCIM", roles[0])
	}
	return roles[0], ""
}

func (r *restoring) team(t SnapshotTeam) {
	group, found, reason := r.match.find(t.Name)
	if reason == "" && !found {
		var slug string
		if slug, reason = r.match.claim(t.Name); reason == "" {
			r.plan.TeamsCreate = append(r.plan.TeamsCreate, TeamCreate{Name: t.Name, Slug: slug})
			group.DisplayName = t.Name
		}
	}
	if reason != "" {
		r.skip("team "+t.Name, reason)
		return
	}
	has := make(map[string]bool, len(group.Members))
	for _, m := range group.Members {
		has[r.keys[m.ID]], has[mapping.Key(m.Display)] = true, true
	}
	r.memberships(t, group.DisplayName, has)
}

// memberships adds who is not in the team, which keeps the name it has now.
func (r *restoring) memberships(t SnapshotTeam, name string, has map[string]bool) {
	for _, email := range t.Members {
		key := mapping.Key(email)
		once := Membership{Team: name, Email: key}
		switch {
		case key == "":
			r.skip("team "+t.Name, "had a member without an e-mail, who cannot be put back")
		case has[key] || r.added[once]:
		case !r.members[key]:
			r.skip(email, "was in a team, and is no member that can be restored")
		default:
			r.added[once] = true
			r.plan.MembersAdd = append(r.plan.MembersAdd, Membership{Team: name, Email: email})
		}
	}
}
