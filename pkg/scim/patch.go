package scim

import (
	"context"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// operation is one change of a PATCH (RFC 7644 section 3.5.2).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value,omitempty"`
}

// reference is a member as the value of an operation.
type reference struct {
	Value string `json:"value"`
}

type patchBody struct {
	Schemas    []string    `json:"schemas"`
	Operations []operation `json:"Operations"`
}

// patch sends operations that have the same effect when they are sent twice.
func (c *Client) patch(ctx context.Context, kind, id string, operations ...operation) (status int, err error) {
	if !isID(id) {
		return 0, badID(id)
	}
	return c.call(ctx, patchRequest(kind, id, operations), nil)
}

func patchRequest(kind, id string, operations []operation) request {
	return request{
		method:     http.MethodPatch,
		path:       []string{kind, id},
		body:       patchBody{Schemas: []string{schemaPatch}, Operations: operations},
		idempotent: true,
	}
}

func badID(id string) error {
	return fault.New(fault.Failed, "an id of Sentry's SCIM must be digits, found %q", answer.Printable(id))
}
