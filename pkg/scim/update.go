package scim

import (
	"context"
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// MaxOperations is how many operations Sentry takes in one PATCH
// (core/endpoints/scim/constants.py).
const MaxOperations = maxOperations

// UpdateMembers adds members to a team and takes others out of it, in one
// request that Sentry carries out as a whole or not at all. It fails without a
// request when that would need more than MaxOperations operations: one for all
// who are added and one for each who is taken out. Errors are those of
// AddMembers.
func (c *Client) UpdateMembers(ctx context.Context, groupID string, add, remove []string) error {
	operations := make([]operation, 0, len(remove)+1)
	if len(add) > 0 {
		value, err := references(add)
		if err != nil {
			return err
		}
		operations = append(operations, operation{Op: "add", Path: members, Value: value})
	}
	for _, id := range remove {
		if !isID(id) {
			return badID(id)
		}
		operations = append(operations, operation{Op: "remove", Path: fmt.Sprintf("members[value eq %q]", id)})
	}
	switch {
	case len(operations) == 0:
		return nil
	case len(operations) > MaxOperations:
		return fault.New(fault.Failed, "%d changes of members in one request, Sentry takes %d", len(operations), MaxOperations)
	}
	_, err := c.patch(ctx, groups, groupID, operations...)
	return err
}

func references(ids []string) ([]reference, error) {
	list := make([]reference, 0, len(ids))
	for _, id := range ids {
		if !isID(id) {
			return nil, badID(id)
		}
		list = append(list, reference{Value: id})
	}
	return list, nil
}
