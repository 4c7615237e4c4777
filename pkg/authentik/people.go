package authentik

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Scope says which people of authentik are meant.
type Scope string

// The scopes: whom the application's bindings let in, the members of named
// groups, or everybody.
const (
	ScopeApplication Scope = "application"
	ScopeGroups      Scope = "groups"
	ScopeAll         Scope = "all"
)

// Selection says which people to read, and how.
type Selection struct {
	Scope       Scope
	Application string   // slug, for ScopeApplication
	Groups      []string // names or patterns (directory.Matches), for ScopeGroups
	Flatten     bool     // members of a group are members of the groups above it
	Attributes  bool     // read the people's attributes too, which may be large
	Projects    string   // the attribute of a group that lists the projects of its team; empty: none
	AllowHidden bool     // go on where groups count users that the list of users lacks
	Now         time.Time
}

// People is who is in scope.
type People struct {
	// Directory holds the people in scope, and all groups with the members that
	// are in scope.
	Directory *directory.Directory
	// Users are the same people, by primary key.
	Users []User
	// Bound are the names of the groups that the application lets in, sorted.
	Bound []string
	// Notes are for people to read: how the scope came about.
	Notes []string
}

// People reads who is in scope: all users, all groups, and what decides about
// them. It either has everything or fails. A scope of groups that names none
// that exists is a usage error. Groups that count users that the list of users
// lacks, also when both are read again, are refused (fault.Refused): the token
// does not see all users. With AllowHidden that is a note.
func (c *Client) People(ctx context.Context, selection Selection) (*People, error) {
	scope, err := c.scope(ctx, selection)
	if err != nil {
		return nil, err
	}
	found, err := c.once.everybody(ctx, c, selection.Attributes)
	if err != nil {
		return nil, err
	}
	if found.problem != nil {
		differ, ok := errors.AsType[*disagreement](found.problem)
		switch {
		case !ok:
			return nil, found.problem
		case !selection.AllowHidden:
			return nil, c.refuse(ctx, differ)
		}
		scope.note("%v: accepted by --allow-hidden-users", differ)
	}
	inside, err := scope.judge(ctx, found.users, found.tree)
	if err != nil {
		return nil, err
	}
	people, err := found.tree.directory(fmt.Sprintf("authentik at %s, %s", c.URL(), scope), inside, selection.Flatten)
	if err == nil {
		err = found.tree.addProjects(people, selection.Projects)
	}
	if err != nil {
		return nil, err
	}
	return &People{
		Directory: people,
		Users:     inside,
		Bound:     scope.teams(found.tree),
		Notes:     scope.notes,
	}, nil
}

// reading is one look at all users and all groups.
type reading struct {
	users   []User // sorted by primary key
	tree    *tree  // nil where there are not all groups
	problem error  // why users and groups do not fit together, such as a *disagreement
}

// everybody reads all users and all groups. Where they do not fit together they
// are read once more, as they may have changed in between.
func (c *Client) everybody(ctx context.Context, attributes bool) (found reading, err error) {
	const readings = 2
	for range readings {
		found, err = c.reading(ctx, attributes, found.problem)
		if err != nil || found.problem == nil {
			break
		}
	}
	return found, err
}

// reading reads all users and all groups, at once. What they disagree on is a
// problem where they did so earlier too.
func (c *Client) reading(ctx context.Context, attributes bool, earlier error) (reading, error) {
	var users []User
	var groups []memberGroup
	group, lists := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		users, err = c.allUsers(lists, attributes)
		return err
	})
	group.Go(func() (err error) {
		groups, err = c.memberGroups().List(lists, url.Values{"include_users": {"false"}})
		return err
	})
	if err := group.Wait(); err != nil {
		return reading{}, fmt.Errorf("read the people of authentik: %w", err)
	}
	slices.SortFunc(users, func(a, b User) int { return cmp.Compare(a.PK, b.PK) })
	tree, err := newTree(groups)
	if err == nil {
		err = tree.check(users)
	}
	if err == nil {
		err = c.settle(ctx, compareMembers(users, groups), earlier)
	}
	return reading{users: users, tree: tree, problem: err}, nil
}

// allUsers reads all users. Their attributes are kept only where they are asked
// for: they can be many times as large as all the rest.
func (c *Client) allUsers(ctx context.Context, attributes bool) ([]User, error) {
	query := url.Values{"include_groups": {"false"}}
	if !attributes {
		return c.Users().List(ctx, query)
	}
	full := Resource[fullUser]{client: c, path: c.Users().path, model: c.Users().model}
	list, err := full.List(ctx, query)
	users := make([]User, 0, len(list))
	for _, u := range list {
		u.attributes = u.Attributes
		users = append(users, u.User)
	}
	return users, err
}

// fullUser is a user with attributes.
type fullUser struct {
	User

	Attributes map[string]any `json:"attributes"`
}

// Self is the user to whom the token belongs (authentik/core/api/users.py me).
type Self struct {
	Username    string `json:"username"`
	IsSuperuser bool   `json:"is_superuser"`
}

// Self asks whose token is used.
func (c *Client) Self(ctx context.Context) (Self, error) {
	var got struct {
		User *Self `json:"user"`
	}
	r := request{method: http.MethodGet, path: "core/users/me/", need: "to be a user of authentik"}
	if err := c.call(ctx, r, &got); err != nil {
		return Self{}, err
	}
	if got.User == nil {
		where := place{method: r.method, path: c.base.JoinPath(r.path).EscapedPath(), base: c.URL()}
		return Self{}, where.unreadable(http.StatusOK, "nobody: user is missing")
	}
	return *got.User, nil
}

// superuser is nil when the token belongs to a superuser. What only superusers may
// ask for others, authentik answers everybody else about themselves, without a
// word (authentik/core/api/applications.py check_access).
func (c *Client) superuser(ctx context.Context) error {
	self, err := c.Self(ctx)
	if err != nil || self.IsSuperuser {
		return err
	}
	err = fault.New(fault.Credential, "authentik's token belongs to %q, want a superuser's: only superusers may ask whom a policy lets in", self.Username)
	return fault.Hint(err, "use a superuser's token, bind groups to the application instead of policies, or choose people with scim.scope: groups")
}

// describe lists words for a note, the first ten of them.
func describe(words []string) string {
	const most = 10
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}
