package scim

import (
	"context"
	"errors"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

const (
	groups  = "Groups"
	members = "members"
)

// Groups returns every active team with its members.
func (c *Client) Groups(ctx context.Context) ([]Group, error) {
	return listing[Group]{
		name:  "teams",
		fetch: func(ctx context.Context, s span) (page[Group], error) { return fetch[groupWire](ctx, c, groups, s) },
		id:    func(g Group) string { return g.ID },
		size:  c.pageSize, readers: c.readers, watch: c.watch,
	}.read(ctx)
}

// GroupByName looks up the team that CreateGroup of the same name would collide
// with: the one whose slug is the slug that Sentry makes of name. Sentry compares
// slugs alone (core/endpoints/scim/teams.py). So a name, another spelling of it
// and the slug itself find the same team; one whose slug was edited is found by
// its slug and not by its name. DisplayName of the team found can be a quite
// different name. A slug that Sentry would not make, which only an edit gives
// ("a--b", "_a"), cannot be looked up. found is false, without a request, for a
// name that has no slug.
func (c *Client) GroupByName(ctx context.Context, name string) (group Group, found bool, err error) {
	slug := sentry.TeamSlug(name)
	if slug == "" {
		return Group{}, false, nil
	}
	p, err := fetch[groupWire](ctx, c, groups, span{start: 1, count: DefaultPageSize, filter: `displayName eq "` + slug + `"`})
	switch {
	case err != nil:
		return Group{}, false, err
	case p.total == 0:
		return Group{}, false, nil
	case p.total > 1 || len(p.items) != 1:
		return Group{}, false, fault.Hint(fault.New(fault.Failed, "the team name %q finds %d teams, expected one", answer.Printable(name), p.total),
			hintFilter)
	}
	return p.items[0], true, nil
}

// CreateGroup creates an empty team with a name and the slug Sentry makes of
// it. A slug that is taken is ErrConflict: whether that team is meant is for the
// caller to say.
func (c *Client) CreateGroup(ctx context.Context, name string) (Group, error) {
	lost := false
	ours := func(ctx context.Context) (Group, bool, error) {
		lost = true
		group, found, err := c.GroupByName(ctx, name)
		return group, found && group.DisplayName == name, err
	}
	body := map[string]any{"schemas": []string{schemaGroup}, "displayName": name, members: []Member{}}
	group, err := post[groupWire](ctx, c, groups, body, ours)
	if lost && errors.Is(err, ErrConflict) { // the lost attempt may have come through late
		late, found, lookErr := ours(ctx)
		if lookErr == nil && found {
			return late, nil
		}
	}
	return group, err
}

// RenameGroup changes a team's name and, with it, its slug. A slug that is taken
// is ErrConflict.
func (c *Client) RenameGroup(ctx context.Context, id, name string) error {
	_, err := c.patch(ctx, groups, id, operation{Op: "replace", Value: map[string]string{"id": id, "displayName": name}})
	return err
}

// DeleteGroup deletes a team. One that is gone already is no error.
func (c *Client) DeleteGroup(ctx context.Context, id string) error {
	if !isID(id) {
		return badID(id)
	}
	_, err := c.call(ctx, request{method: http.MethodDelete, path: []string{groups, id}}, nil)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
