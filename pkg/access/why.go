package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sentry"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// entry is what the directory says of a member; p is the person who that is, or nil.
func (b *builder) entry(m sentryapi.Member, p *desired.Person) Entry {
	if p == nil {
		return b.stranger(m)
	}
	e := Entry{State: Active, Username: p.Name, Groups: []string{}}
	for _, own := range b.entries[p.Key()] {
		if own.mapped.Skipped == "" && mapping.Key(own.mapped.Email) == p.Key() {
			e.Groups = append(e.Groups, own.Groups...)
		}
	}
	slices.Sort(e.Groups)
	e.Groups = slices.Compact(e.Groups)
	switch {
	case !p.Active:
		e.State, e.Why = Inactive, "none: inactive in the directory"
	case len(e.Groups) == 0:
		e.Why = "active in the directory, in no group"
	default:
		e.Why = "active in the directory, in " + listed("the group", "the groups", e.Groups)
	}
	if found := b.compared.People[p].Found; found != plan.FoundAddress {
		e.Why += "; recognised by " + recognised(found)
	}
	return e
}

// stranger is a member who is nobody that a push would provision.
func (b *builder) stranger(m sentryapi.Member) Entry {
	key := mapping.Key(m.Email)
	if entries := b.entries[key]; len(entries) > 0 {
		first := entries[max(0, slices.IndexFunc(entries, func(e entry) bool { return e.mapped.Skipped != "" && mapping.Key(e.mapped.Email) == key }))]
		if b.want.Untouched[key] || first.mapped.Skipped != "" {
			e := Entry{State: LeftOut, Username: first.Username, Groups: append([]string{}, first.Groups...)}
			e.Why = "by hand: in the directory, and not provisioned: " + cmp.Or(first.mapped.Skipped, "another entry has the address")
			return e
		}
	}
	if lost := b.nowhere[m.ID]; lost != nil {
		why := "in the directory, which has no address of the person now; recognised by an earlier push"
		return Entry{State: LeftOut, Username: lost.Username, Groups: append([]string{}, lost.Groups...), Why: why}
	}
	why := "by hand: not in the directory"
	switch {
	case len(b.entries[key]) > 0:
		why = "by hand: " + b.entries[key][0].Username + " in the directory has the address, and is not known to be this member"
	case m.Flags[sentryapi.FlagProvisioned]:
		why = "none: added or changed by SCIM, and not in the directory"
	}
	if m.Inviter != "" {
		why += "; invited by " + m.Inviter
	}
	return Entry{State: Absent, Groups: []string{}, Why: why}
}

func recognised(found plan.Found) string {
	switch found {
	case plan.FoundFurther:
		return "a further address"
	case plan.FoundRemember:
		return "an earlier push, under another address"
	default:
		return "an address that Sentry knows and has not verified"
	}
}

func listed(one, many string, names []string) string {
	if len(names) == 1 {
		return one + " " + names[0]
	}
	return many + " " + strings.Join(names, ", ")
}

// roleWhy says what gave the role in the organization.
func (b *builder) roleWhy(m sentryapi.Member, p *desired.Person) string {
	rule := b.rule(p)
	switch {
	case m.Role == ownerRole:
		return "by hand: SCIM gives nobody the role owner"
	case p != nil && p.Active && p.Role != "" && strings.EqualFold(p.Role, m.Role):
		return rule
	case p != nil && p.Active && p.Role != "":
		return "by hand: " + rule + " gives " + p.Role
	case m.Flags[sentryapi.FlagRoleRestricted]:
		return "by SCIM, and no rule gives it now"
	}
	standard, from := cmp.Or(b.Sentry.Provider.DefaultRole, b.DefaultRole), "the default role"
	if standard == "" {
		standard, from = "member", "the default role of a new organization (this one's is not read)"
	}
	if m.Role == standard {
		return from
	}
	return "by hand"
}

// rule is the setting that gave a person's role.
func (b *builder) rule(p *desired.Person) string {
	if p == nil {
		return ""
	}
	for _, own := range b.entries[p.Key()] {
		if own.mapped.RoleRule != "" {
			return own.mapped.RoleRule
		}
	}
	return "a rule"
}

// memberships are the teams of a member, by name; nil: not read.
func (b *builder) memberships(m sentryapi.Member, p *desired.Person) []Membership {
	if !b.read(SourceTeams).Read {
		return nil
	}
	list := []Membership{}
	for _, t := range b.teams[m.ID] {
		membership := Membership{Team: cmp.Or(t.Slug, t.Name), Why: b.teamWhy(t, p)}
		if b.read(SourceTeamRoles).Read {
			role, why := b.teamRole(m, t, p)
			membership.Role, membership.RoleWhy = &role, why
		}
		list = append(list, membership)
	}
	slices.SortFunc(list, func(a, b Membership) int { return strings.Compare(a.Team, b.Team) })
	return list
}

// The words for what gave a role in a team.
const (
	byOrganization = "the role in the organization"
	byTeamRule     = "a rule (scim.team_roles, scim.mapping.team_role)"
	byEarlierPush  = "an earlier push, and no rule gives it now"
	byHand         = "by hand"
	byDefault      = "the default"
)

// teamRole is the role in a team, and what gave it. Who has none of their own is a
// contributor, unless the role in the organization includes team admin.
func (b *builder) teamRole(m sentryapi.Member, t Team, p *desired.Person) (role, why string) {
	own, ruled := t.Roles[m.ID], ""
	if group := b.groups[t.ID]; group != nil && p != nil {
		ruled = group.Roles[p]
	}
	switch {
	case sentry.IncludesTeamAdmin(m.Role):
		return sentry.TeamAdmin, byOrganization
	case own == "", own == sentry.TeamContributor && ruled == "":
		return sentry.TeamContributor, byDefault
	case own == ruled:
		return own, byTeamRule
	case own == sentry.TeamAdmin && slices.Contains(b.Record.AdminsOf(t.ID), m.ID):
		return own, byEarlierPush
	}
	return own, byHand
}

func (b *builder) teamWhy(t Team, p *desired.Person) string {
	group := b.groups[t.ID]
	switch {
	case group == nil:
		return "by hand: no group makes this team"
	case p != nil && b.inGroup[group][p]:
		return "group " + cmp.Or(group.Group, group.Name)
	default:
		return "by hand: not in the group " + cmp.Or(group.Group, group.Name)
	}
}

// projects are the slugs of the projects of a member's teams; nil: not read.
func (b *builder) projects(member string) []string {
	if !b.read(SourceProjects).Read {
		return nil
	}
	projects := []string{}
	for _, t := range b.teams[member] {
		projects = append(projects, t.Projects...)
	}
	slices.Sort(projects)
	return slices.Compact(projects)
}
