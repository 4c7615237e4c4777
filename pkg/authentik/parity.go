package authentik

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/mapping"
)

// Difference is a person whom authentik's mapping and the one here map
// differently. Ours and Theirs are JSON, or why there is no user.
type Difference struct {
	Username string `json:"username"`
	Ours     string `json:"ours"`
	Theirs   string `json:"theirs"`
}

// Ours maps a user as a push would: the SCIM user, or why there is none.
type Ours func(User) (user mapping.User, reason string)

// DefaultMapping is Ours where no setting changes the mapping.
func DefaultMapping(u User) (user mapping.User, reason string) {
	return mapping.Person(directory.Person{Username: u.Username, Name: u.Name, Email: u.Email, Active: u.IsActive, Type: u.Type})
}

// CheckMapping runs the SCIM mapping with that UUID on the server for each user,
// several at once, and returns those whom it maps differently from ours, by
// username; never nil. Whom both skip they map alike, whatever the reasons are.
func CheckMapping(ctx context.Context, c *Client, uuid string, users []User, ours Ours) ([]Difference, error) {
	found := make([]*Difference, len(users))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.readers)
	for i, u := range users {
		group.Go(func() error {
			theirs, err := c.TestMapping(ctx, uuid, u.PK)
			if err != nil {
				return fmt.Errorf("map %s at authentik: %w", answer.Printable(u.Username), err)
			}
			found[i] = compare(u, theirs, ours)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	differences := []Difference{}
	for _, d := range found {
		if d != nil {
			differences = append(differences, *d)
		}
	}
	slices.SortFunc(differences, func(a, b Difference) int { return strings.Compare(a.Username, b.Username) })
	return differences, nil
}

// compare returns nil where both map u alike. The schemas are no part of what an
// expression returns: authentik adds them.
func compare(u User, theirs MappingResult, ours Ours) *Difference {
	user, reason := ours(u)
	d := &Difference{Username: u.Username, Ours: "skipped: " + reason, Theirs: "skipped: " + answer.Printable(theirs.Result)}
	if theirs.Successful {
		d.Theirs = answer.Printable(theirs.Result)
	}
	if reason != "" {
		if !theirs.Successful {
			return nil
		}
		return d
	}
	text, err := json.Marshal(user)
	if err != nil {
		return d
	}
	d.Ours = string(text)
	if theirs.Successful && reflect.DeepEqual(attributes(text), attributes([]byte(theirs.Result))) {
		return nil
	}
	return d
}

// attributes reads a SCIM user without what authentik adds to it.
func attributes(data []byte) map[string]any {
	var fields map[string]any
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	delete(fields, "schemas")
	return fields
}
