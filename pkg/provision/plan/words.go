package plan

import (
	"fmt"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/phrase"
)

// Lines returns the plan as sentences, one a change, what is taken away first.
func (p *Plan) Lines() []string {
	lines := []string{}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, c := range p.UsersRemove {
		add("remove %s (%s)", c.Email, c.Reason)
	}
	for _, c := range p.TeamsDelete {
		add("delete the team %s (%s)", c.Name, c.Reason)
	}
	for _, m := range p.MembersRemove {
		add("remove %s from %s", m.Email, m.Team)
	}
	for _, c := range p.ProjectsRemove {
		add("unlink the project %s from the team %s", c.Project, c.Team)
	}
	for _, c := range p.UsersRole {
		add("change the role of %s from %s to %s", c.Email, c.From, c.RoleAfter())
	}
	for _, c := range p.TeamsRename {
		add("rename the team %s to %s", c.From, c.To)
	}
	for _, c := range p.UsersCreate {
		add("invite %s%s", c.Email, AsRole(c.Role))
	}
	for _, c := range p.TeamsCreate {
		add("create the team %s", c.Name)
	}
	for _, m := range p.MembersAdd {
		add("add %s to %s", m.Email, m.Team)
	}
	for _, c := range p.TeamRoles {
		add("%s", c.Change())
	}
	for _, c := range p.ProjectsAdd {
		add("link the project %s to the team %s", c.Project, c.Team)
	}
	return lines
}

// AsRole is the role of an invitation behind the address, nothing for the
// organization's default.
func AsRole(role string) string {
	if role == "" {
		return ""
	}
	return " as " + role
}

// RoleAfter is the role that a change gives, for people to read.
func (c UserRole) RoleAfter() string {
	switch {
	case c.To != "":
		return c.To
	case c.Default != "":
		return c.Default
	}
	return "the default role"
}

// Consequence says what it means for a team to be managed from now on.
func (c TeamAdopt) Consequence() string {
	return fmt.Sprintf("no earlier push is known to have managed the team; it loses %d of %s", c.Loses, phrase.Count(c.Members, "member", "members"))
}

// Planned returns what is to be done in words, "2 people to invite, 1 role to
// change"; without any, "nothing changed".
func (c Counts) Planned() string { return c.words(planned) }

// Done returns what was done in words, "2 people invited, 1 role changed";
// without any, "nothing changed".
func (c Counts) Done() string { return c.words(done) }

// tense says whether changes are told as still to make or as made.
type tense bool

const (
	planned tense = false
	done    tense = true
)

// words returns the counts that are not zero, as a list, what is taken away
// first.
func (c Counts) words(t tense) string {
	var parts []string
	add := func(n int, one, many, infinitive, participle string) {
		verb := "to " + infinitive
		if t == done {
			verb = participle
		}
		if n > 0 {
			parts = append(parts, phrase.Count(n, one, many)+" "+verb)
		}
	}
	add(c.UsersRemove, "person", "people", "remove", "removed")
	add(c.TeamsDelete, "team", "teams", "delete", "deleted")
	add(c.MembersRemove, "membership", "memberships", "remove", "removed")
	add(c.ProjectsRemove, "project", "projects", "unlink", "unlinked")
	add(c.UsersRole, "role", "roles", "change", "changed")
	add(c.TeamsRename, "team", "teams", "rename", "renamed")
	add(c.UsersCreate, "person", "people", "invite", "invited")
	add(c.TeamsCreate, "team", "teams", "create", "created")
	add(c.MembersAdd, "membership", "memberships", "add", "added")
	add(c.TeamRoles, "role in a team", "roles in teams", "change", "changed")
	add(c.ProjectsAdd, "project", "projects", "link", "linked")
	if len(parts) == 0 {
		return "nothing changed"
	}
	return strings.Join(parts, ", ")
}
