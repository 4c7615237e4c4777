package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Missing plans what the snapshot has and Sentry lacks: people, teams, names of
// teams, memberships and projects, and with roles the roles of members too, in the
// organization and in teams. Nothing is
// taken away but a name or a role that is not the snapshot's. Who or what is left
// out is told beside the plan; known are facts that lists do not show: what Sentry
// refused, and slugs of teams that were edited.
func (s *Snapshot) Missing(actual *plan.Actual, roles bool, known memory.Known) *plan.Comparison {
	r := &restoring{
		plan: plan.New(), byID: make(map[string]scim.User, len(actual.Users)), byKey: make(map[string]string, len(actual.Users)),
		invited: map[string]bool{}, is: make(map[string]string, len(s.Members)), roles: s.roles(),
		match: newTeamMatch(s.Teams, actual.Groups), added: map[plan.Membership]bool{}, known: known, actual: actual,
	}
	for _, u := range actual.Users {
		r.byID[u.ID] = u
		if key := mapping.Key(u.UserName); key != "" && r.byKey[key] == "" {
			r.byKey[key] = u.ID
		}
	}
	for _, m := range s.Members {
		r.member(m, roles)
	}
	for _, t := range s.Teams {
		r.team(t, roles)
	}
	r.plan.SortAll()
	c := &plan.Comparison{Plan: r.plan, Skipped: desired.Sort(r.skipped), Notes: r.notes(roles, s.Teams)}
	c.NewReads(r.reads)
	return c
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
	plan    *plan.Plan
	byID    map[string]scim.User
	byKey   map[string]string // member ids by address
	invited map[string]bool   // by key
	is      map[string]string // key of the snapshot → id of the member now
	roles   map[string][]string
	differ  int      // members with another role than in the snapshot
	custom  []string // roles to give that not every Sentry has
	match   *teamMatch
	known   memory.Known             // what lists do not show
	slugs   []string                 // notes about slugs that were edited
	added   map[plan.Membership]bool // by key of the person
	skipped []desired.Skipped

	actual *plan.Actual
	reads  plan.Reads
}

func (r *restoring) skip(who, reason string) {
	r.skipped = append(r.skipped, desired.Skipped{Who: who, Reason: reason})
}

// member finds a member of the snapshot, by id and else by address, or plans to
// invite them.
func (r *restoring) member(m Member, roles bool) {
	key := mapping.Key(m.Email)
	if m.Email == "" {
		r.skip("member "+m.ID, "has no address in the snapshot")
		return
	}
	now, listed := r.byID[m.ID]
	if !listed {
		now, listed = r.byID[r.byKey[key]]
	}
	if listed {
		r.is[key] = now.ID
		r.role(m, now, roles)
		return
	}
	role, reason := r.roleOf(r.roles[key])
	if problem := mapping.EmailProblem(m.Email); problem != "" {
		reason = problem
	}
	if reason == "" {
		reason = unavailable(key, r.known)
	}
	switch {
	case r.invited[key]:
	case reason != "":
		r.skip(m.Email, reason)
	default:
		r.invited[key] = true
		r.giveRole(role)
		r.plan.UsersCreate = append(r.plan.UsersCreate, plan.UserCreate{Email: m.Email, Role: role})
	}
}

// unavailable is why an invitation is known to fail.
func unavailable(key string, known memory.Known) string {
	if fact, is := known.Refused[key]; is {
		return "Sentry does not take the address: " + fact.Why
	}
	if _, is := known.Held[key]; is {
		return "Sentry has the address as a further address of another member"
	}
	if _, is := known.Waiting[key]; is {
		return "an invite or join request of this address waits for approval: see Settings > Members in Sentry"
	}
	return ""
}

// role plans to give a member the role of the snapshot.
func (r *restoring) role(m Member, now scim.User, roles bool) {
	owner := strings.EqualFold(m.Role, plan.OwnerRole) || strings.EqualFold(now.Role, plan.OwnerRole)
	switch {
	case m.Role == "" || now.Role == "" || strings.EqualFold(m.Role, now.Role):
	case owner && roles:
		r.skip(now.UserName, fmt.Sprintf("has the role %s, and %s in the snapshot: SCIM changes no owner", now.Role, m.Role))
	case owner:
	case !roles:
		r.differ++
	case r.refusesRole(m.Role) != "":
		r.skip(now.UserName, r.refusesRole(m.Role))
	default:
		r.giveRole(m.Role)
		r.plan.UsersRole = append(r.plan.UsersRole, plan.UserRole{ID: now.ID, Email: now.UserName, From: now.Role, To: m.Role})
	}
}

// roleOf is the role to come back with, or the reason why there is none. No role
// is the organization's default.
func (r *restoring) roleOf(roles []string) (role, reason string) {
	switch {
	case len(roles) == 0:
		return "", ""
	case len(roles) > 1:
		return "", fmt.Sprintf("has several roles in the snapshot (%s): keep the one that is meant", strings.Join(roles, ", "))
	case strings.EqualFold(roles[0], plan.OwnerRole):
		return "", "was an owner: Sentry takes no owners by SCIM, invite them in Settings > Members"
	}
	return roles[0], r.refusesRole(roles[0])
}

// refusesRole is why Sentry does not give a role, or empty where that is not
// known. A self-hosted Sentry has the roles of its setting SENTRY_ROLES.
func (r *restoring) refusesRole(role string) string {
	if fact, refused := r.known.Roles[role]; refused {
		return fmt.Sprintf("had the role %q, which Sentry does not give by SCIM: %s", role, fact.Why)
	}
	return ""
}

// giveRole notes a role of the plan that not every Sentry has.
func (r *restoring) giveRole(role string) {
	if role != "" && sentry.CheckRole(role) != nil && !slices.Contains(r.custom, role) {
		r.custom = append(r.custom, role)
	}
}

func (r *restoring) team(t Team, roles bool) {
	group, found, reason := r.match.find(t.ID, t.Name)
	if reason == "" && !found {
		var slug string
		if slug, reason = r.match.claim(t.Name); reason == "" {
			r.plan.TeamsCreate = append(r.plan.TeamsCreate, plan.TeamCreate{Name: t.Name, Slug: slug})
		}
	}
	if reason != "" {
		r.skip("team "+t.Name, reason)
		return
	}
	label := t.Name
	if found {
		label = r.match.label(t)
		r.plan.TeamIDs[label] = group.ID
		r.plan.Managed = append(r.plan.Managed, group.ID)
		r.rename(t, group)
	}
	has := make(map[string]bool, len(group.Members))
	for _, m := range group.Members {
		has[m.ID], has[mapping.Key(m.Display)] = true, true
	}
	r.memberships(t, label, has)
	r.complete(t, label, group, roles)
}

// rename plans to give a team back its name, unless another team has it now.
func (r *restoring) rename(t Team, group scim.Group) {
	switch {
	case group.DisplayName == t.Name || sentry.TeamSlug(group.DisplayName) == sentry.TeamSlug(t.Name) && group.ID != t.ID:
	case r.match.nameTaken(t.Name, group.ID):
		r.skip("team "+group.DisplayName, fmt.Sprintf("was called %q, which another team is called now", t.Name))
	default:
		r.plan.TeamsRename = append(r.plan.TeamsRename, plan.TeamRename{ID: group.ID, From: group.DisplayName, To: t.Name})
		if _, edited := r.known.Edited[group.ID]; edited {
			r.slugs = append(r.slugs, fmt.Sprintf("the slug of the team %q was edited in Sentry: renaming the team to %q resets the slug to %q",
				group.DisplayName, t.Name, sentry.TeamSlug(t.Name)))
		}
	}
}

// memberships adds who is not in the team, which the plan calls by the label.
func (r *restoring) memberships(t Team, label string, has map[string]bool) {
	for _, email := range t.Members {
		key := mapping.Key(email)
		once := plan.Membership{Team: label, Email: key}
		id := r.is[key]
		switch {
		case key == "":
			r.skip("team "+t.Name, "had a member without an address, who cannot be put back")
		case has[key] || id != "" && has[id] || r.added[once]:
		case id == "" && !r.invited[key]:
			r.skip(email, "was in a team, and is no member that can be restored")
		default:
			r.added[once] = true
			r.plan.MembersAdd = append(r.plan.MembersAdd, plan.Membership{Team: label, Email: email, MemberID: id})
		}
	}
}

// notes say what SCIM cannot give back.
func (r *restoring) notes(roles bool, teams []Team) []string {
	notes := []string{}
	if n := len(r.plan.UsersCreate); n > 0 {
		notes = append(notes, fmt.Sprintf("%s as an invitation, with a new id and without the SSO identity: each logs in by SSO once more "+
			"(a Sentry of before the middle of September 2026 sends each an invitation by mail)", phrase.Count(n, "member comes back", "members come back")))
	}
	if r.differ > 0 && !roles {
		notes = append(notes, phrase.Count(r.differ, "member has", "members have")+" another role than in the snapshot: --roles gives it back")
	}
	if len(r.custom) > 0 {
		slices.Sort(r.custom)
		notes = append(notes, "roles that not every Sentry has are restored as they were, and Sentry may refuse them: "+strings.Join(r.custom, ", "))
	}
	notes = append(notes, r.slugs...)
	if r.comesBare(teams) {
		notes = append(notes, "teams come back without their projects, which SCIM does not show")
	}
	return notes
}
