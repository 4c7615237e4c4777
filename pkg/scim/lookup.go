package scim

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Lookup returns every member that Sentry finds for an e-mail: invitations for
// it in any case, and members whose account has it among its addresses, verified
// or not (users/services/user/impl.py, get_many_by_email). Several can be
// found. First come those whose UserName is email to the letter, then those
// who are Named it in another case, then those found by another address, each by
// id. Placeholders are left out. An e-mail that the filter cannot carry is an
// error, because an empty one would find everybody
// (core/endpoints/scim/utils.py).
func (c *Client) Lookup(ctx context.Context, email string) ([]User, error) {
	filter, err := emailFilter(email)
	if err != nil {
		return nil, err
	}
	found, err := c.filtered(ctx, filter)
	if err != nil {
		return nil, err
	}
	if len(found.items) != found.total {
		return nil, fault.Hint(fault.New(fault.Failed, "look up %s: Sentry finds %d members and lists %d of them",
			answer.Printable(email), found.total, len(found.items)),
			hintFilter)
	}
	members := slices.DeleteFunc(found.items, func(u User) bool { return u.UserName == "" })
	slices.SortFunc(members, func(a, b User) int {
		return cmp.Or(a.distance(email)-b.distance(email), compareIDs(a.ID, b.ID))
	})
	return members, nil
}

const hintFilter = "something between here and Sentry may drop the filter from the request or cut the answer"

// filtered reads the one page that a filter for one address can fill. A page
// that cannot be right is asked for again, as those of a list are.
func (c *Client) filtered(ctx context.Context, filter string) (found page[User], err error) {
	for range maxOdd {
		found, err = fetch[userWire](ctx, c, users, span{start: 1, count: DefaultPageSize, filter: filter})
		if err != nil || len(found.items) == found.total || found.total > DefaultPageSize {
			break
		}
	}
	return found, err
}

// distance is 0 for a user whose UserName is email to the letter, 1 for one who
// is Named it, and 2 for another.
func (u User) distance(email string) int {
	switch {
	case u.UserName == email:
		return 0
	case u.Named(email):
		return 1
	}
	return 2
}

// emailFilter writes the filter that finds an e-mail. Sentry's parser cuts the
// value's first and last characters off, refuses commas anywhere, and takes an
// empty value for no filter at all (core/endpoints/scim/utils.py).
func emailFilter(email string) (string, error) {
	switch {
	case strings.TrimSpace(email) == "":
		return "", fault.New(fault.Failed, "the e-mail is empty: looked up, it would find everybody")
	case strings.ContainsFunc(email, breaksFilter):
		return "", fault.New(fault.Failed,
			"the e-mail %q has a comma, quote, backslash, space or control character, which Sentry's filter cannot carry", answer.Printable(email))
	}
	return `userName eq "` + email + `"`, nil
}

func breaksFilter(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`,"\`, r) }

// Glance is what one request tells of the members.
type Glance struct {
	Total        int // invitations and placeholders included
	Seen         int // on the first page
	Placeholders int // of those seen: rows without an address
}

// Glance reads the first page of members. It is the cheapest request that tells
// whether the token opens the SCIM API.
func (c *Client) Glance(ctx context.Context) (Glance, error) {
	found, err := fetch[userWire](ctx, c, users, span{start: 1, count: DefaultPageSize})
	g := Glance{Total: found.total, Seen: len(found.items)}
	for _, u := range found.items {
		if u.UserName == "" {
			g.Placeholders++
		}
	}
	return g, err
}
