package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// claim is a person whose address Sentry finds as a further address of members.
type claim struct {
	change plan.UserCreate
	users  []scim.User
}

// invite invites a person. Somebody who turns out to be a member of that address
// already is given the role that was meant. Members of other addresses are not
// touched here: who else claims them is known when all are invited.
func (a *applier) invite(ctx context.Context, c plan.UserCreate) {
	key, change := mapping.Key(c.Email), "invite "+c.Email
	counted := func(n *plan.Counts) { n.UsersCreate++ }
	user, err := a.Client.Invite(ctx, c.Email, c.Role)
	taken, isTaken := errors.AsType[*scim.TakenError](err)
	if isTaken && len(taken.Users) > 0 {
		at := slices.IndexFunc(taken.Users, func(u scim.User) bool { return u.Named(c.Email) })
		if at < 0 {
			a.claim(c, taken.Users)
			return
		}
		user = taken.Users[at]
		err = a.giveRole(ctx, user, c.Role)
	}
	if !a.record(err, change, counted) {
		a.learn(err, c)
	}
	if user.ID != "" { // also of a member who does not take the role
		a.locked(func() { a.members[key], a.out.Invited[key] = user.ID, user.ID })
	}
}

// giveRole gives a role to a member whom no list had, unless that could be an
// owner.
func (a *applier) giveRole(ctx context.Context, user scim.User, role string) error {
	if role == "" || user.Role == "" || strings.EqualFold(role, user.Role) || strings.EqualFold(user.Role, plan.OwnerRole) {
		return nil
	}
	return a.Client.SetRole(ctx, user.ID, role)
}

// learn keeps what a refusal says of an address or a role, so that it is not
// asked for each night.
func (a *applier) learn(err error, c plan.UserCreate) {
	fact := memory.Fact{Why: err.Error(), At: a.Now().UTC()}
	a.locked(func() {
		switch {
		case errors.Is(err, scim.ErrRole):
			a.out.Known.Roles[c.Role] = fact
		case errors.Is(err, scim.ErrAddress), errors.Is(err, scim.ErrConflict):
			a.out.Known.Refused[mapping.Key(c.Email)] = fact
		}
	})
}

func (a *applier) claim(c plan.UserCreate, users []scim.User) {
	a.locked(func() {
		var ids []string
		for _, u := range users {
			ids = append(ids, u.ID)
			a.claims[u.ID] = append(a.claims[u.ID], claim{change: c, users: users})
		}
		a.out.Known.Held[mapping.Key(c.Email)] = memory.Fact{IDs: ids, At: a.Now().UTC()}
	})
}

// settle decides on the members whom Sentry found by further addresses. One who
// is nobody's in the directory and whom one person alone claims is that person,
// where this is accepted; else the member is kept from harm in this run.
func (a *applier) settle(taking, ctx context.Context) {
	var accepted []claim
	for _, id := range sorted(a.claims) {
		made := a.claims[id]
		owned := a.Owned(id)
		if a.AcceptSecond && !owned && len(made) == 1 && len(made[0].users) == 1 {
			accepted = append(accepted, made[0])
			continue
		}
		a.kept[id] = !owned
		for _, c := range made {
			a.skip(c.change.Email, plan.HeldReason(userNames(c.users)))
		}
	}
	each(taking, a.Workers, accepted, func(c claim) {
		user := c.users[0]
		err := a.giveRole(ctx, user, c.change.Role)
		a.locked(func() { a.accepted[user.ID], a.members[mapping.Key(c.change.Email)] = true, user.ID })
		a.record(err, "accept "+user.UserName+" as "+c.change.Email, func(n *plan.Counts) { n.UsersCreate++ })
	})
}

func userNames(users []scim.User) []string {
	names := make([]string, 0, len(users))
	for _, u := range users {
		names = append(names, u.UserName)
	}
	return names
}

func (a *applier) skip(who, reason string) {
	a.locked(func() { a.out.Skipped = append(a.out.Skipped, desired.Skipped{Who: who, Reason: reason}) })
}

const keptReason = "is left alone in this run: Sentry knows the member by the address of somebody who was to be invited"

// setRole gives a role, or takes one back that a rule gave. Sentry resets a role
// only where SCIM gave it; one that was given by hand stays, which is no failure.
func (a *applier) setRole(ctx context.Context, c plan.UserRole) {
	if a.kept[c.ID] {
		a.skip(c.Email, keptReason)
		return
	}
	counted := func(n *plan.Counts) { n.UsersRole++ }
	took := func(p *plan.Plan) { p.UsersRole = append(p.UsersRole, c) }
	if c.To != "" {
		err := a.Client.SetRole(ctx, c.ID, c.To)
		a.took(err, took)
		if !a.record(err, fmt.Sprintf("change the role of %s to %s", c.Email, c.To), counted) {
			a.learn(err, plan.UserCreate{Email: c.Email, Role: c.To})
		}
		return
	}
	user, err := a.Client.ResetRole(ctx, c.ID)
	if err == nil && strings.EqualFold(user.Role, c.From) {
		a.locked(func() { a.out.Known.ByHand[c.ID] = memory.Fact{Why: c.From, At: a.Now().UTC()} })
		a.skip(c.Email, "keeps the role "+c.From+": it was given by hand in Sentry")
		return
	}
	if err == nil && c.Default != "" && !strings.EqualFold(user.Role, c.Default) {
		err = a.Client.SetRole(ctx, c.ID, c.Default)
	}
	a.record(err, "take back the role "+c.From+" of "+c.Email, counted)
	a.took(err, took)
}

// removeUser deletes a membership, unless the member is kept from harm or has
// turned out to be somebody of the directory.
func (a *applier) removeUser(ctx context.Context, c plan.UserRemove) {
	if a.kept[c.ID] || a.accepted[c.ID] {
		a.skip(c.Email, keptReason)
		return
	}
	err := a.Client.RemoveUser(ctx, c.ID)
	if err != nil && fault.CodeOf(err) != fault.Credential {
		err = fault.Hint(err, "the member is still there; the next run removes them")
	}
	a.record(err, "remove "+c.Email, func(n *plan.Counts) { n.UsersRemove++ })
	a.took(err, func(p *plan.Plan) { p.UsersRemove = append(p.UsersRemove, c) })
}
