package sentryapi

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// noRight is Sentry's answer to a token that may call for a role in a team, but not
// give it (core/endpoints/organization_member_team_details.py ERR_INSUFFICIENT_ROLE).
const noRight = "do not have permission to edit"

// NotPermitted reports whether Sentry refused a call for what the token may do, in
// either of its ways: 403, and 400 where a role in a team is to be set.
func NotPermitted(err error) bool {
	refused, is := errors.AsType[*APIError](err)
	return is && (errors.Is(err, ErrForbidden) || refused.Status == http.StatusBadRequest && strings.Contains(refused.Detail, noRight))
}

// SetTeamRole gives a member, by id, a role in a team, by number or slug, and returns
// the role that Sentry then tells: "" where the member has none of their own. It
// differs from the one that was asked for where the organization role of the member
// includes it, and where the feature team-roles is off: both are a success for
// Sentry (core/endpoints/organization_member_team_details.py PUT). Somebody who is
// not on the team is an ErrNotFound.
//
// PUT organizations/{org}/members/{id}/ must not be used for this: without a list of
// teams it takes the member out of all of them (organization_member_utils.py
// save_team_assignments).
func (c *Client) SetTeamRole(ctx context.Context, member, team, role string) (string, error) {
	var got struct {
		TeamRole string `json:"teamRole"` //nolint:tagliatelle // the name that Sentry gives it
	}
	err := c.read(ctx, request{
		method: http.MethodPut, path: c.organization("members", member, "teams", team), need: "team:write",
		body: map[string]string{"teamRole": role},
	}, &got)
	return got.TeamRole, err
}

// LinkProject links a project, by slug or number, to a team, which gives the team's
// members the project's issues. To link it again changes nothing, but is written to
// the audit log (core/endpoints/project_team_details.py POST).
func (c *Client) LinkProject(ctx context.Context, project, team string) error {
	_, err := c.call(ctx, c.link(http.MethodPost, project, team))
	return err
}

// UnlinkProject takes a team's link to a project away, which may leave alert rules
// and ownership without the team. A link that is gone is no error.
func (c *Client) UnlinkProject(ctx context.Context, project, team string) error {
	_, err := c.call(ctx, c.link(http.MethodDelete, project, team))
	return err
}

func (c *Client) link(method, project, team string) request {
	return request{method: method, path: []string{"projects", c.org, project, "teams", team}, need: "project:write", again: true}
}
