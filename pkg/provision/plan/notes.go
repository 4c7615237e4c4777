package plan

import (
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/phrase"
)

// tell collects the notes: what whoever reads the plan should know beside it.
func (c *comparison) tell() {
	if len(c.out.moved) > 0 {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf("%s another address than in Sentry, which SCIM cannot change: each changes it in Sentry "+
			"(User Settings > Emails), or an owner removes the member: %s", phrase.Count(len(c.out.moved), "person has", "people have"), phrase.List(c.out.moved)))
	}
	if c.nameless > 0 {
		c.out.Notes = append(c.out.Notes, phrase.Count(c.nameless, "row of Sentry has no address and is", "rows of Sentry have no address and are")+
			" left alone: an invitation of another kind, whose address SCIM does not show")
	}
	c.comeBack()
	if removed := c.absentRemoved(); removed > 0 && len(c.plan.UsersCreate) > 0 && c.record.Fresh() {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf("%s removed as absent and %s invited: somebody whose address changed cannot be recognised "+
			"without the memory of an earlier push (--state-dir)", phrase.Count(removed, "member is", "members are"),
			phrase.Count(len(c.plan.UsersCreate), "person is", "people are")))
	}
}

func (c *comparison) absentRemoved() int {
	n := 0
	for _, r := range c.plan.UsersRemove {
		if r.Reason == reasonAbsent {
			n++
		}
	}
	return n
}

// comeBack says which removed people may come back. Sentry makes a membership
// with the default role for anybody whom the identity provider lets in (Sentry,
// auth/helper.py, handle_existing_identity). Nobody is removed who is active in
// the directory under the same address, be it as a service account or with an
// address that Sentry does not take; what is left is who has another address
// there, and who is not in the part of the directory that was read.
func (c *comparison) comeBack() {
	var moved []string
	unknown := 0
	for _, r := range c.plan.UsersRemove {
		switch now := c.want.Aliases[mapping.Key(r.Email)]; {
		case now != "":
			moved = append(moved, r.Email+" (now "+now+")")
		case r.Reason == reasonAbsent:
			unknown++
		}
	}
	const back = "log in by SSO comes back with the default role"
	if len(moved) > 0 {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf("%s removed, but still active in the directory under another e-mail: who can still %s: %s",
			phrase.Count(len(moved), "person is", "people are"), back, phrase.List(moved)))
	}
	if unknown > 0 {
		c.out.Notes = append(c.out.Notes, fmt.Sprintf("%s removed for not being in the directory as it was read: who can still %s",
			phrase.Count(unknown, "person is", "people are"), back))
	}
}
