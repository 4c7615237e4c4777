package plan

import (
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
)

// maxQuestions bounds the look-ups of one kind before a plan is final.
const maxQuestions = 200

// Questions are what a plan depends on and Sentry's lists do not show.
type Questions struct {
	// Addresses are those of people to invite whom a member could be under another
	// address.
	Addresses []string
	// Slugs are slugs of teams to create, which a team of another name could have.
	Slugs []string
	// Renames are teams to rename whose slug could have been edited: names by id.
	Renames map[string]string
	// Roles are ids of members who match no rule and have a role that rules give:
	// whether SCIM gave it.
	Roles []string
}

// Empty reports whether nothing is to be asked.
func (q Questions) Empty() bool {
	return len(q.Addresses)+len(q.Slugs)+len(q.Renames)+len(q.Roles) == 0
}

// Questions returns what is to be asked before anything is written, at most 200
// of a kind. Addresses are asked for while Sentry has members whom the directory
// does not name, and without a memory of earlier pushes only, or where a member
// can be accepted by them: else a refused invitation is remembered.
func (c *Comparison) Questions(record *memory.Record, known memory.Known) Questions {
	q := Questions{Renames: map[string]string{}, Roles: c.unexplained[:min(maxQuestions, len(c.unexplained))]}
	for _, u := range c.UsersCreate {
		_, asked := known.Held[mapping.Key(u.Email)]
		if (record.Fresh() || c.accepts) && c.strangers > 0 && !asked && len(q.Addresses) < maxQuestions {
			q.Addresses = append(q.Addresses, u.Email)
		}
	}
	for _, t := range c.TeamsCreate {
		_, asked := known.Slugs[t.Slug]
		if c.unmanaged > 0 && !asked && len(q.Slugs) < maxQuestions {
			q.Slugs = append(q.Slugs, t.Slug)
		}
	}
	for _, t := range c.uncertain {
		_, asked := known.Edited[t.id]
		if !t.sure && !asked && len(q.Renames) < maxQuestions {
			q.Renames[t.id] = t.name
		}
	}
	return q
}

// uncertainSlug is a team that is to be renamed. It is sure where a rename cannot
// lose an edited slug, or may.
type uncertainSlug struct {
	id, name string
	sure     bool
}
