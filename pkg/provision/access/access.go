// Package access reads and changes what SCIM does not know of teams, by Sentry's own
// API: the roles of their members, and their projects. It decides which token asks.
package access

import (
	"context"
	"errors"
	"sync"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// Teams is Sentry's own API about teams. It may be used from several goroutines.
//
// Roles in teams are asked for with the SCIM token, which has the scopes that they
// take (member:write, team:write). Where Sentry refuses it, the token of
// sentry.api.token takes its place, from then on. Projects are its matter alone.
type Teams struct {
	// SCIM is the client with the SCIM token; nil: it is not to be used.
	SCIM *sentryapi.Client
	// API makes the client with the token of sentry.api.token. It is called when it is
	// first needed. An error of it says that there is none.
	API func(context.Context) (*sentryapi.Client, error)

	mu      sync.Mutex
	later   bool  // the SCIM token is asked last
	refused error // what Sentry answered to the SCIM token
	client  *sentryapi.Client
}

// Refused is the error with which Sentry refused the SCIM token for roles in teams,
// or nil.
func (t *Teams) Refused() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.refused
}

// Forgo asks with the token of sentry.api.token first, if there is one: Sentry is known
// to refuse the other. It must be called before anything is asked.
func (t *Teams) Forgo() { t.later = true }

// Roles are the roles of the members of a team, by id, without those who have none
// of their own.
func (t *Teams) Roles(ctx context.Context, team string) (map[string]string, error) {
	var members []sentryapi.Member
	err := t.either(ctx, func(c *sentryapi.Client) (err error) {
		members, err = c.TeamMembers(ctx, team)
		return err
	})
	roles := map[string]string{}
	for _, m := range members {
		if m.TeamRole != "" {
			roles[m.ID] = m.TeamRole
		}
	}
	return roles, err
}

// SetRole gives a member a role in a team, and returns the one that the member then
// has there: "" is none of their own.
func (t *Teams) SetRole(ctx context.Context, member, team, role string) (string, error) {
	has := ""
	err := t.either(ctx, func(c *sentryapi.Client) (err error) {
		has, err = c.SetTeamRole(ctx, member, team, role)
		return err
	})
	return has, err
}

// Projects are all projects, by slug.
func (t *Teams) Projects(ctx context.Context) ([]plan.Project, error) {
	c, err := t.api(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.Projects(ctx)
	if err != nil {
		return nil, err
	}
	projects := make([]plan.Project, 0, len(list))
	for _, p := range list {
		one := plan.Project{ID: p.ID, Slug: p.Slug}
		for _, team := range p.Teams {
			one.Teams = append(one.Teams, team.ID)
		}
		projects = append(projects, one)
	}
	return projects, nil
}

// Link links a team to a project.
func (t *Teams) Link(ctx context.Context, project, team string) error {
	c, err := t.api(ctx)
	if err != nil {
		return err
	}
	return c.LinkProject(ctx, project, team)
}

// Unlink takes a link away.
func (t *Teams) Unlink(ctx context.Context, project, team string) error {
	c, err := t.api(ctx)
	if err != nil {
		return err
	}
	return c.UnlinkProject(ctx, project, team)
}

// either asks with the SCIM token, and with the other where that is refused.
func (t *Teams) either(ctx context.Context, ask func(*sentryapi.Client) error) error {
	if t.later {
		if c, err := t.api(ctx); err == nil {
			return ask(c)
		}
	}
	refused := t.Refused()
	if t.SCIM != nil && refused == nil {
		err := ask(t.SCIM)
		if !sentryapi.NotPermitted(err) {
			return err
		}
		t.mu.Lock()
		t.refused = err
		t.mu.Unlock()
		refused = err
	}
	c, err := t.api(ctx)
	if err == nil {
		return ask(c)
	}
	if refused == nil {
		return err
	}
	return fault.Hint(fault.New(fault.Credential, "Sentry refuses the SCIM token for roles in teams (%w), and %w", bare(refused), bare(err)),
		"make an internal integration with the scope team:write, and set sentry.api.token")
}

// bare is err without its hints, which are about the token alone.
func bare(err error) error { return errors.New(fault.Text(err)) }

// api is the client with the token of sentry.api.token.
func (t *Teams) api(ctx context.Context) (*sentryapi.Client, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.client == nil {
		c, err := t.API(ctx)
		if err != nil {
			return nil, err
		}
		t.client = c
	}
	return t.client, nil
}
