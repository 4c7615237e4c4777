package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

const (
	// maxMembers is how many members one request changes. Sentry takes 100
	// operations in a PATCH (core/endpoints/scim/constants.py), takes time for each
	// member, and answers after the last (core/endpoints/scim/teams.py).
	maxMembers = 100
	// maxBusy is the number of failures in a row after which a team that another
	// client changes is left alone.
	maxBusy = 10
)

// ChangeMembers adds members to a team and then removes others, each identified
// by User.ID, in requests of at most 100 members, one at a time. A request that
// asked for more than could be done in time (no whole answer, 502, 503, 504) is
// halved, down to one member: the server may have carried it out all the same,
// and to add a present member and to remove an absent one do nothing. Requests
// that succeed make the next ones larger again.
//
// With an error, leftAdd and leftRemove are the ends of add and remove that were
// not carried out, in their order; what the last request asked for is among them,
// though it may have been done. ErrUnknownMember says that one of these members
// no longer exists, and that nothing of the last request was done; ErrNotFound
// that the team is gone.
func (c *Client) ChangeMembers(ctx context.Context, groupID string, add, remove []string) (leftAdd, leftRemove []string, err error) {
	for _, id := range slices.Concat([]string{groupID}, add, remove) {
		if !isID(id) {
			return add, remove, badID(id)
		}
	}
	m := &memberChange{client: c, group: groupID, size: maxMembers}
	if leftAdd, err = m.carryOut(ctx, add, additions); err != nil {
		return leftAdd, remove, err
	}
	leftRemove, err = m.carryOut(ctx, remove, removals)
	return nil, leftRemove, err
}

// memberChange is a change of one team that is under way.
type memberChange struct {
	client *Client
	group  string
	size   int // members of the next request
	failed int // requests since the last that succeeded
}

// carryOut sends operations for all ids and returns those it did not come to.
func (m *memberChange) carryOut(ctx context.Context, ids []string, operations func([]string) []operation) (left []string, err error) {
	for len(ids) > 0 {
		batch := ids[:min(m.size, len(ids))]
		err := m.send(ctx, operations(batch), len(batch) > 1)
		switch {
		case err == nil:
			ids = ids[len(batch):]
			m.size, m.failed = min(m.size+1, maxMembers), 0
		case ctx.Err() != nil || !m.mayPass(err, len(batch)):
			return ids, err
		default:
			m.size = max(1, len(batch)/2)
			if waitErr := m.client.backoff.Wait(ctx, m.failed); waitErr != nil {
				return ids, fmt.Errorf("%w; it was not sent again: %w", err, waitErr)
			}
			m.failed++
		}
	}
	return nil, nil
}

// send sends one request. While it can be halved, what took too long is not sent
// again as it was; one member is, as every PATCH.
func (m *memberChange) send(ctx context.Context, operations []operation, divisible bool) error {
	r := patchRequest(groups, m.group, operations)
	if divisible {
		ctx, r.idempotent = transport.Divisible(ctx), false
	}
	_, err := m.client.call(ctx, r, nil)
	return err
}

// mayPass reports whether a request of n members that failed with err is worth
// another, smaller one.
func (m *memberChange) mayPass(err error, n int) bool {
	if busy(err) {
		return m.failed < maxBusy
	}
	return n > 1 && tooSlow(err)
}

// tooSlow reports whether err can mean that a request asked for too much. An
// address that is wrong, or an answer of another kind, is no such error.
func tooSlow(err error) bool {
	e, ok := errors.AsType[*answer.UnreachableError](err)
	return ok && transport.Unanswered(e.Err) || unavailable(err)
}

// busy reports whether Sentry could not write because another request changed
// the same members meanwhile, such as one that it went on with after nobody
// waited for the answer (core/endpoints/scim/teams.py, patch).
func busy(err error) bool {
	e, ok := errors.AsType[*APIError](err)
	return ok && e.Status == http.StatusBadRequest && e.Detail == "Database Integrity Error."
}

// additions are one operation, whose value may hold many members.
func additions(ids []string) []operation {
	value := make([]reference, 0, len(ids))
	for _, id := range ids {
		value = append(value, reference{Value: id})
	}
	return []operation{{Op: "add", Path: members, Value: value}}
}

// removals are one operation for each member: of a list Sentry removes only the
// first.
func removals(ids []string) []operation {
	list := make([]operation, 0, len(ids))
	for _, id := range ids {
		list = append(list, operation{Op: "remove", Path: fmt.Sprintf("members[value eq %q]", id)})
	}
	return list
}
