package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// post creates a resource. A POST whose answer was lost may have been carried
// out, so it is sent again only when find, which looks for the resource, finds
// nothing.
func post[W wire[T], T any](
	ctx context.Context, c *Client, kind string, body any, find func(context.Context) (T, bool, error),
) (T, error) {
	var none T
	for failed := 0; ; failed++ {
		created, err := exchange[W](ctx, c, request{method: http.MethodPost, path: []string{kind}, body: body})
		if err == nil || ctx.Err() != nil || !lost(err) || failed+1 == maxPosts {
			return created, err
		}
		there, found, lookErr := look(ctx, c, failed, find)
		if lookErr != nil {
			return none, fmt.Errorf("%w; whether it was carried out could not be looked up: %w", err, lookErr)
		}
		if found {
			return there, nil
		}
	}
}

// look waits and calls find. After a second or third loss it looks once or
// twice more, because a server in trouble may carry a request out late, and
// because no trouble that comes by number shall always meet the POST. Those
// looks are sent once only, and their failure says nothing.
func look[T any](ctx context.Context, c *Client, failed int, find func(context.Context) (T, bool, error)) (T, bool, error) {
	if err := c.backoff.Wait(ctx, failed); err != nil {
		var none T
		return none, false, err
	}
	there, found, err := find(ctx)
	for range failed % maxLooks {
		if err != nil || found {
			break
		}
		if err = c.backoff.Wait(ctx, failed); err != nil {
			break
		}
		if late, yes, lateErr := find(transport.Once(ctx)); lateErr == nil {
			there, found = late, yes
		}
	}
	return there, found, err
}

// lost reports whether err leaves open what became of a request.
func lost(err error) bool {
	if unavailable(err) {
		return true
	}
	if _, ok := errors.AsType[*answer.UnreadableError](err); ok {
		return true
	}
	_, ok := errors.AsType[*answer.UnreachableError](err)
	return ok
}

// unavailable reports whether a proxy, or Sentry on its behalf, answered that
// there is no answer.
func unavailable(err error) bool {
	if e, ok := errors.AsType[*APIError](err); ok {
		switch e.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
	}
	return false
}
