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
}

// disagreement is how the list of users and the list of groups contradict each
// other. A token with permissions on single users is given these alone, with 200
// and a count of them (authentik/rbac/filters.py ObjectFilter), while groups count
// all. It is an error that says so.
type disagreement struct {
	listed      int      // users that the list of users has
	hidden      []int    // primary keys of users that groups count and the list of users lacks, sorted
	memberships int      // of listed users, that one of the lists has and the other lacks
	silent      int      // groups that do not tell their users
	groups      []string // names of the groups where this was found, sorted
}

// disagree compares the users, sorted by primary key, with the members of the
// groups. It returns nil where they agree. Users who are in no group are not
// counted by any, so that hidden ones among them stay unnoticed.
func disagree(users []User, groups []memberGroup) *disagreement {
	listed := make([]int, len(users))
	told := make(map[string]int, len(groups)) // by users, of each group
	for i, u := range users {
		listed[i] = u.PK
		for _, pk := range u.Groups {
			told[pk]++
		}
	}
	d := &disagreement{listed: len(users)}
	for _, g := range groups {
		before := len(d.hidden) + d.memberships + d.silent
		d.add(g, users, listed, told[g.PK])
		if len(d.hidden)+d.memberships+d.silent > before {
			d.groups = append(d.groups, answer.Printable(g.Name))
		}
	}
	if len(d.groups) == 0 {
		return nil
	}
	slices.Sort(d.hidden)
	d.hidden = slices.Compact(d.hidden)
	slices.Sort(d.groups)
	return d
}

// add compares one group, of which so many users tell that they are in it.
func (d *disagreement) add(g memberGroup, users []User, listed []int, told int) {
	if g.Users == nil {
		d.silent++
		return
	}
	slices.Sort(g.Users)
	both := 0
	for _, pk := range slices.Compact(g.Users) {
		i, found := slices.BinarySearch(listed, pk)
		switch {
		case !found:
			d.hidden = append(d.hidden, pk)
		case slices.Contains(users[i].Groups, g.PK):
			both++
		default:
			d.memberships++
		}
	}
	d.memberships += max(0, told-both)
}

// Error says with numbers what differs, and in which groups.
func (d *disagreement) Error() string {
	var parts []string
	if n := len(d.hidden); n > 0 {
		parts = append(parts, fmt.Sprintf("authentik's groups count %s that its list of %s lacks", plural(n, "user"), plural(d.listed, "user")))
	}
	if d.memberships > 0 {
		parts = append(parts, "authentik's lists of users and groups disagree on "+plural(d.memberships, "membership"))
	}
	if d.silent > 0 {
		parts = append(parts, "authentik does not tell the users of "+plural(d.silent, "group"))
	}
	return fmt.Sprintf("%s (groups: %s; read twice)", strings.Join(parts, ", and "), describe(d.groups))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// disagreement compares users and groups, and asks about the one user who is
// never listed before it takes a user for hidden.
func (c *Client) disagreement(ctx context.Context, users []User, groups []memberGroup) error {
	d := disagree(users, groups)
	switch {
	case d == nil:
		return nil
	case len(d.hidden) != 1 || d.memberships+d.silent > 0:
		return d
	}
	unlisted, err := c.isAnonymous(ctx, d.hidden[0])
	if unlisted || err != nil {
		return err
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
