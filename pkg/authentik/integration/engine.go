package integration

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// engine compares authentik with what is desired, object by object, and changes
// it. It remembers what it has seen, so that references can be resolved and told
// by name.
type engine struct {
	client  *authentik.Client
	now     time.Time
	keeping keeping
	desired *Desired
	actual  map[string]*actual // ours, by ID
	looked  map[Lookup]*actual
	names   map[string]string // of primary keys
	lacking []Secret          // that are needed and not set
}

func newEngine(client *authentik.Client, now time.Time, desired *Desired) *engine {
	return &engine{
		client: client, now: now, desired: desired,
		actual: map[string]*actual{}, looked: map[Lookup]*actual{}, names: map[string]string{},
	}
}

// plan reads everything and works out the steps. It writes nothing.
func (e *engine) plan(ctx context.Context) (*Plan, error) {
	p := &Plan{Steps: []Step{}}
	for _, o := range e.desired.Objects {
		step, _, err := e.inspect(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("the %s %s: %w", o.Kind.Words(), o.Name, err)
		}
		p.Steps = append(p.Steps, step)
	}
	return p, nil
}

// inspect reads the object and works out its step and the fields to send.
func (e *engine) inspect(ctx context.Context, o Object) (Step, authentik.Fields, error) {
	step := Step{Kind: o.Kind, Name: o.Name, Action: Create, Changes: []Change{}, Untold: []Untold{}, id: o.ID}
	found, err := e.locate(ctx, o)
	if err != nil {
		return step, nil, err
	}
	fields := slices.Concat(o.Match, o.Fields)
	if o.Kind == Backchannel {
		step.Action, fields = Update, o.Fields // the application is made before
	}
	if found != nil {
		e.remember(o.ID, found, o.Name)
		step.Action, fields = Update, o.Fields
	}
	send := authentik.Fields{}
	for _, f := range fields {
		if found != nil && f.First {
			continue
		}
		if err := e.compare(ctx, &step, send, f, found); err != nil {
			return step, nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if found == nil {
		return step, send, nil
	}
	if len(step.Changes) == 0 {
		step.Action = InSync
		return step, nil, nil
	}
	step.Foreign = e.foreign(o, found)
	return step, send, e.together(ctx, o, found, send)
}

// remember keeps an object that was read or made.
func (e *engine) remember(id string, found *actual, name string) {
	e.actual[id] = found
	for _, pk := range canonical(found.pk()) {
		e.names[pk] = name
	}
}

// locate reads the object, nil for none.
func (e *engine) locate(ctx context.Context, o Object) (*actual, error) {
	if o.Kind == Binding {
		return e.locateBinding(ctx, o)
	}
	name, _ := o.Match[0].Value.(string)
	return e.find(ctx, o.Kind, o.Match[0].Name, name)
}

// compare adds to step and send what has to become of a field.
func (e *engine) compare(ctx context.Context, step *Step, send authentik.Fields, f Field, found *actual) error {
	s, isSecret := f.Value.(Secret)
	if isSecret && found != nil && found.untold && f.Told == "" && e.hidden(step, f, s, found) {
		return nil
	}
	rotates := isSecret && f.Told == "" && e.keeping.rotate
	if isSecret && s.Value.IsZero() {
		if found == nil || rotates { // one that authentik has stays
			e.lacks(step, f, s)
		}
		return nil
	}
	value, err := e.resolve(ctx, f.Value)
	if err != nil {
		return err
	}
	if found != nil {
		if e.same(f, value, found) && !rotates {
			return nil
		}
		e.nameOld(ctx, f, found)
		if _, includes := f.Value.(Includes); includes {
			value = union(found.fields[f.Name], value)
		}
	}
	send[f.Name] = reveal(value)
	step.Changes = append(step.Changes, Change{Field: f.Name, From: e.was(f, found), To: e.becomes(f, value)})
	return nil
}

// same reports whether the field is as it should be.
func (e *engine) same(f Field, value any, found *actual) bool {
	if f.Told != "" {
		return equalFold(canonical(found.fields[f.Told]), f.Want)
	}
	if s, ok := f.Value.(Secret); ok {
		return !found.untold && found.token.Reveal() == s.Value.Reveal()
	}
	have, want := canonical(found.fields[f.Name]), canonical(value)
	if _, includes := f.Value.(Includes); includes {
		return !slices.ContainsFunc(want, func(item string) bool { return !slices.Contains(have, item) })
	}
	return slices.Equal(have, want)
}

// together adds the fields that have to be sent beside others.
func (e *engine) together(ctx context.Context, o Object, found *actual, send authentik.Fields) error {
	if !slices.ContainsFunc(o.Together, func(name string) bool { _, sent := send[name]; return sent }) {
		return nil
	}
	for _, name := range o.Together {
		if _, sent := send[name]; sent {
			continue
		}
		f := o.field(name)
		if s, ok := f.Value.(Secret); ok && s.Value.IsZero() {
			continue
		}
		value, err := e.resolve(ctx, f.Value)
		if err != nil {
			return err
		}
		if _, includes := f.Value.(Includes); includes {
			value = union(found.fields[name], value)
		}
		send[name] = reveal(value)
	}
	return nil
}
