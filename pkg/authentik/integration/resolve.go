package integration

import (
	"context"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/phrase"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// future stands for the primary key of an object that is still to be made.
type future struct{ id string }

// resolve turns a value into what the API takes: references become primary keys,
// or futures.
func (e *engine) resolve(ctx context.Context, value Value) (any, error) {
	switch v := value.(type) {
	case Ref:
		if made := e.actual[string(v)]; made != nil {
			return made.pk(), nil
		}
		return future{string(v)}, nil
	case Lookup:
		found, err := e.lookup(ctx, v)
		if err != nil {
			return nil, err
		}
		return found.pk(), nil
	case Secret:
		return v.Value, nil
	case List:
		return e.resolveAll(ctx, v)
	case Includes:
		return e.resolveAll(ctx, v)
	case Own:
		return e.resolveAll(ctx, v)
	}
	return value, nil
}

func (e *engine) resolveAll(ctx context.Context, values []Value) (any, error) {
	items := make([]any, 0, len(values))
	for _, value := range values {
		item, err := e.resolve(ctx, value)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// lookup reads an object that authentik has to have.
func (e *engine) lookup(ctx context.Context, l Lookup) (*actual, error) {
	found, err := e.seek(ctx, l)
	if err == nil && found == nil {
		err = fault.Hint(fault.New(fault.Failed, "authentik has no %s with the %s %q", l.Kind.Words(), l.By, l.Value), "%s", missing(l))
	}
	return found, err
}

// seek reads the object that a lookup is for, nil for none.
func (e *engine) seek(ctx context.Context, l Lookup) (*actual, error) {
	if found := e.looked[l]; found != nil {
		return found, nil
	}
	found, err := e.find(ctx, l.Kind, l.By, l.Value)
	if found == nil || err != nil {
		return nil, err
	}
	e.looked[l] = found
	for _, pk := range canonical(found.pk()) {
		e.names[pk] = shorter(l.Value)
	}
	return found, nil
}

// missing says what to do about an object that is not there.
func missing(l Lookup) string {
	switch l.Kind {
	case Flow:
		return "name another of Flows and Stages > Flows: authentik.authorization_flow and authentik.invalidation_flow"
	case KeyPair:
		return "name another of System > Certificates with --signing-keypair, or upload one with --certificate-file and --key-file"
	case Group, User:
		return missingPrincipal(l)
	case SAMLMapping, SCIMMapping:
		return "authentik makes it itself, from its blueprints: see that they were applied (Customization > Blueprints)"
	default:
		return "the token's user may not be allowed to see it"
	}
}

func missingPrincipal(l Lookup) string {
	flag := "--bind-group"
	if l.Kind == User {
		flag = "--bind-user"
	}
	if strings.Contains(l.Value, ",") {
		return "a name is not split at its commas: for several, write a list, or repeat the flag: " + phrase.Repeated(flag, l.Value)
	}
	return "make it in authentik's Directory, or change --bind-group, --bind-user and scim.groups"
}

// shorter is the last part of a managed object's name.
func shorter(name string) string {
	if i := strings.LastIndex(name, "/"); strings.HasPrefix(name, "goauthentik.io/") {
		return name[i+1:]
	}
	return name
}

// union is a list with what it lacks.
func union(have, want any) any {
	items, _ := have.([]any)
	more, _ := want.([]any)
	known := canonical(have)
	items = slices.Clone(items)
	for _, item := range more {
		if !slices.ContainsFunc(canonical(item), func(pk string) bool { return slices.Contains(known, pk) }) {
			items = append(items, item)
		}
	}
	return items
}

// reveal unwraps a secret, right before it is sent.
func reveal(value any) any {
	if s, ok := value.(secret.String); ok {
		return s.Reveal()
	}
	return value
}

func equalFold(have []string, want string) bool {
	return len(have) == 1 && strings.EqualFold(have[0], want)
}
