package authentik

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// memberGroup is a group with the primary keys of the users who are directly in
// it. authentik tells them whatever the token may view, and also with
// include_users=false (authentik/core/api/groups.py get_queryset); nil is a group
// that does not tell them.
type memberGroup struct {
	Group

	Users []int `json:"users"`

	Attributes map[string]any `json:"attributes"`
}

// membership is of a user, by primary key, in a group, by name.
type membership struct {
	user  int
	group string
}

// disagreement is how the list of users and the list of groups contradict each
// other. A token with permissions on single users is given these alone, with 200
// and a count of them (authentik/rbac/filters.py ObjectFilter), while groups count
// all. It is an error that says so.
type disagreement struct {
	listed   int          // users that the list of users has
	hidden   []membership // of users that groups count and the list of users lacks
	onesided []membership // of listed users, which one of the lists has and the other lacks
	silent   []string     // names of groups that do not tell their users
}

// compareMembers compares the users, sorted by primary key, with the members of the
// groups. It returns nil where they agree. Users who are in no group are not
// counted by any, so that hidden ones among them stay unnoticed.
func compareMembers(users []User, groups []memberGroup) *disagreement {
	d := &disagreement{listed: len(users)}
	listed := make([]int, len(users))
	for i, u := range users {
		listed[i] = u.PK
	}
	members := make(map[string]memberGroup, len(groups))
	for _, g := range groups {
		slices.Sort(g.Users)
		members[g.PK] = g
		if g.Users == nil {
			d.silent = append(d.silent, g.Name)
		}
		for _, user := range g.Users {
			i, found := slices.BinarySearch(listed, user)
			switch {
			case !found:
				d.hidden = append(d.hidden, membership{user, g.Name})
			case !slices.Contains(users[i].Groups, g.PK):
				d.onesided = append(d.onesided, membership{user, g.Name})
			}
		}
	}
	for _, u := range users {
		for _, pk := range u.Groups {
			g := members[pk]
			if _, found := slices.BinarySearch(g.Users, u.PK); !found && g.Users != nil {
				d.onesided = append(d.onesided, membership{u.PK, g.Name})
			}
		}
	}
	return d.orNil()
}

func (d *disagreement) orNil() *disagreement {
	if len(d.hidden)+len(d.onesided)+len(d.silent) == 0 {
		return nil
	}
	return d
}

// users are the primary keys of the hidden users, sorted.
func (d *disagreement) users() []int {
	users := make([]int, 0, len(d.hidden))
	for _, m := range d.hidden {
		users = append(users, m.user)
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// lasting leaves out the memberships on which an earlier reading agreed: where
// users change groups all the time, each reading finds some that just changed.
func (d *disagreement) lasting(earlier *disagreement) *disagreement {
	before := make(map[membership]bool, len(earlier.onesided))
	for _, m := range earlier.onesided {
		before[m] = true
	}
	d.onesided = slices.DeleteFunc(d.onesided, func(m membership) bool { return !before[m] })
	return d.orNil()
}

// Error says with numbers what differs, and in which groups.
func (d *disagreement) Error() string {
	var parts, groups []string
	if len(d.hidden) > 0 {
		parts = append(parts, fmt.Sprintf("authentik's groups count %s that its list of %s lacks", plural(len(d.users()), "user"), plural(d.listed, "user")))
	}
	if n := len(d.onesided); n > 0 {
		parts = append(parts, "authentik's lists of users and groups disagree on "+plural(n, "membership"))
	}
	if n := len(d.silent); n > 0 {
		parts = append(parts, "authentik does not tell the users of "+plural(n, "group"))
	}
	for _, m := range slices.Concat(d.hidden, d.onesided) {
		groups = append(groups, m.group)
	}
	groups = append(groups, d.silent...)
	slices.Sort(groups)
	return fmt.Sprintf("%s (groups: %s; read twice)", strings.Join(parts, ", and "), describe(printable(slices.Compact(groups))))
}

func printable(words []string) []string {
	for i, word := range words {
		words[i] = answer.Printable(word)
	}
	return words
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// settle returns what remains of d after the problem of an earlier reading, nil
// for nothing. The one user who is never listed is no disagreement.
func (c *Client) settle(ctx context.Context, d *disagreement, earlier error) error {
	if before, ok := errors.AsType[*disagreement](earlier); ok && d != nil {
		d = d.lasting(before)
	}
	if d == nil {
		return nil
	}
	if users := d.users(); len(users) == 1 && len(d.onesided)+len(d.silent) == 0 {
		if unlisted, err := c.isAnonymous(ctx, users[0]); unlisted || err != nil {
			return err
		}
	}
	return d
}

// isAnonymous reports whether the user is AnonymousUser, who stands for everybody
// without a login. The API never lists it (authentik/core/api/users.py
// get_queryset, which excludes no other user: service accounts and those of
// outposts are listed), but it may have been put into groups.
func (c *Client) isAnonymous(ctx context.Context, user int) (bool, error) {
	query := url.Values{"include_users": {"false"}, "members_by_username": {"AnonymousUser"}}
	groups, err := c.memberGroups().List(ctx, query)
	if errors.Is(err, ErrInvalid) { // there is no such user
		return false, nil
	}
	others := slices.ContainsFunc(groups, func(g memberGroup) bool { return !slices.Contains(g.Users, user) })
	return len(groups) > 0 && !others, err
}

func (c *Client) memberGroups() Resource[memberGroup] {
	return Resource[memberGroup]{client: c, path: c.Groups().path, model: c.Groups().model}
}

// refuse is the refusal of lists that disagree, and what to do about it.
func (c *Client) refuse(ctx context.Context, d *disagreement) error {
	err := fault.Hint(&fault.Error{Code: fault.Refused, Err: d}, "to go on with the users that are listed, pass --allow-hidden-users")
	if len(d.hidden) == 0 {
		return fault.Hint(err, "authentik may be changing: run again when that is done")
	}
	who := "the token's user"
	if self, unknown := c.Self(ctx); unknown == nil {
		who = fmt.Sprintf("the token's user %q", answer.Printable(self.Username))
		if self.IsSuperuser {
			return fault.Hint(err, "%s is a superuser, who sees all users, so authentik may be changing: run again when that is done", who)
		}
	}
	return fault.Hint(err, "%s must be a superuser or have a role with the global permissions %s and %s: permissions on single objects hide the others",
		who, c.Users().permission("view"), c.Groups().permission("view"))
}
