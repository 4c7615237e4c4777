package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// actual is an object as authentik has it. Key is what its address ends in, and
// fields are by the names of the API.
type actual struct {
	key    string
	fields map[string]any
	token  secret.String // of a SCIM provider
	untold bool          // the token was not told
	ref    bool          // the token is an object of its own
}

// pk is the primary key, which other objects refer to.
func (a *actual) pk() any { return a.fields["pk"] }

// text returns a field that is a string, or "".
func (a *actual) text(name string) string {
	text, _ := a.fields[name].(string)
	return text
}

// store reaches the objects of one kind.
type store struct {
	get    func(ctx context.Context, key string) (*actual, error)
	list   func(ctx context.Context, query url.Values) ([]*actual, error)
	create func(ctx context.Context, fields authentik.Fields) (*actual, error)
	patch  func(ctx context.Context, key string, fields authentik.Fields) (*actual, error)
}

func of[T interface{ Key() string }](r authentik.Resource[T]) store {
	return store{
		get: func(ctx context.Context, key string) (*actual, error) {
			object, err := r.Get(ctx, key)
			return told(object, err)
		},
		list: func(ctx context.Context, query url.Values) ([]*actual, error) {
			objects, err := r.List(ctx, query)
			found := make([]*actual, 0, len(objects))
			for _, object := range objects {
				one, err := told(object, nil)
				if err != nil {
					return nil, err
				}
				found = append(found, one)
			}
			return found, err
		},
		create: func(ctx context.Context, fields authentik.Fields) (*actual, error) {
			object, err := r.Create(ctx, fields)
			return told(object, err)
		},
		patch: func(ctx context.Context, key string, fields authentik.Fields) (*actual, error) {
			object, err := r.Patch(ctx, key, fields)
			return told(object, err)
		},
	}
}

// told turns an object of the client into its fields: the client's types have the
// API's names.
func told[T interface{ Key() string }](object T, err error) (*actual, error) {
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("read an object of authentik: %w", err)
	}
	a := &actual{key: object.Key()}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // primary keys are integers
	if err := decoder.Decode(&a.fields); err != nil {
		return nil, fmt.Errorf("read an object of authentik: %w", err)
	}
	if provider, ok := any(object).(authentik.SCIMProvider); ok {
		a.token, a.untold, a.ref = provider.Token, !provider.TokenTold, provider.TokenRef
	}
	return a, nil
}

// store returns where objects of the kind are.
func (e *engine) store(kind Kind) store {
	c := e.client
	switch kind {
	case KeyPair:
		return of(c.KeyPairs())
	case SCIMMapping:
		return of(c.SCIMMappings())
	case SAMLMapping:
		return of(c.SAMLMappings())
	case SAMLProvider:
		return of(c.SAMLProviders())
	case SCIMProvider:
		return of(c.SCIMProviders())
	case Application, Backchannel:
		return of(c.Applications())
	case Binding:
		return of(c.Bindings())
	case Flow:
		return of(c.Flows())
	case Group:
		return of(c.Groups())
	default:
		return of(c.Users())
	}
}

// find returns the object of the kind whose field is value, nil for none.
func (e *engine) find(ctx context.Context, kind Kind, field, value string) (*actual, error) {
	if kind == Application || kind == Backchannel { // their list is not to be trusted
		found, err := e.store(kind).get(ctx, value)
		if errors.Is(err, authentik.ErrNotFound) {
			return nil, nil //nolint:nilnil // nothing was found, and nothing failed
		}
		return found, err
	}
	query := url.Values{field: {value}}
	if kind == Group {
		query.Set("include_users", "false")
	}
	all, err := e.store(kind).list(ctx, query)
	// A filter that a release does not know is ignored without a word.
	all = slices.DeleteFunc(all, func(a *actual) bool { return a.text(field) != value })
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if len(all) > 1 {
		return nil, fault.Hint(fault.New(fault.Failed, "authentik has %d of the %s %s, want one", len(all), kind.Words(), value),
			"rename or delete the others in authentik")
	}
	return all[0], nil
}
