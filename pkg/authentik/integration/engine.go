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
	builtin map[string]bool   // primary keys of objects that authentik manages
	flows   []*actual         // once they were read
	pair    *actual           // that signs; nil: one that is still to be uploaded
	lacking []Secret          // that are needed and not set
}

func newEngine(client *authentik.Client, now time.Time, desired *Desired) *engine {
	return &engine{
		client: client, now: now, desired: desired,
		actual: map[string]*actual{}, looked: map[Lookup]*actual{}, names: map[string]string{}, builtin: map[string]bool{},
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
	step := Step{Kind: o.Kind, Name: o.Name, Action: Create, Changes: []Change{}, Kept: []KeptField{}, Untold: []Untold{}, id: o.ID}
	found, recognized, err := e.locate(ctx, o)
	if err != nil {
		return step, nil, err
	}
	fields := slices.Concat(o.Match, o.Fields)
	if o.Kind == Backchannel {
		step.Action, fields = Update, o.Fields // the application is made before
	}
	if found != nil {
		if name := found.text("name"); name != "" && o.Kind != Application && o.Kind != Backchannel {
			step.Name = name
		}
		e.remember(o.ID, found, step.Name)
		step.Action, step.Recognized, fields = Update, recognized, o.Fields
	}
	send := authentik.Fields{}
	for _, f := range fields {
		if err := e.weigh(ctx, o, &step, send, f, found); err != nil {
			return step, nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if step.Loosens, err = e.loosens(ctx, o, step, found); err != nil {
		return step, nil, err
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

// weigh says what becomes of a field: it is kept, or compared.
func (e *engine) weigh(ctx context.Context, o Object, step *Step, send authentik.Fields, f Field, found *actual) error {
	if found != nil && f.stays(found) {
		return e.keep(ctx, o, step, f, found)
	}
	return e.compare(ctx, o, step, send, f, found)
}

// remember keeps an object that was read or made.
func (e *engine) remember(id string, found *actual, name string) {
	e.actual[id] = found
	for _, pk := range canonical(found.pk()) {
		e.names[pk] = name
	}
}

// compare adds to step and send what has to become of a field.
func (e *engine) compare(ctx context.Context, o Object, step *Step, send authentik.Fields, f Field, found *actual) error {
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
		if err := e.learn(ctx, o.Kind, f.Name, found.fields[f.Name]); err != nil {
			return err
		}
		if e.same(f, value, found) && !rotates {
			return nil
		}
		value = e.joined(f, found, value)
	}
	send[f.Name] = reveal(value)
	step.Changes = append(step.Changes, Change{Field: f.Name, From: e.was(o.Kind, f, found), To: e.becomes(o.Kind, f, value)})
	return nil
}

// joined is what a list becomes that keeps a part of what is there.
func (e *engine) joined(f Field, found *actual, value any) any {
	have, _ := found.fields[f.Name].([]any)
	switch f.Value.(type) {
	case Own:
		return union(slices.DeleteFunc(slices.Clone(have), e.managed), value)
	case Includes:
		return union(have, value)
	}
	return value
}

// managed reports whether authentik manages an object that a list refers to.
func (e *engine) managed(pk any) bool {
	return slices.ContainsFunc(canonical(pk), func(key string) bool { return e.builtin[key] })
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
	holds := !slices.ContainsFunc(want, func(item string) bool { return !slices.Contains(have, item) })
	switch f.Value.(type) {
	case Includes:
		return holds
	case Own:
		return holds && !slices.ContainsFunc(have, func(item string) bool { return e.managed(item) })
	}
	return slices.Equal(have, want) || f.Name == expression && Accepted(found.text(expression))
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
		if f.stays(found) { // what nobody names is sent as it is
			send[name] = found.fields[name]
			continue
		}
		if s, ok := f.Value.(Secret); ok && s.Value.IsZero() {
			continue
		}
		value, err := e.resolve(ctx, f.Value)
		if err != nil {
			return err
		}
		send[name] = reveal(e.joined(*f, found, value))
	}
	return nil
}
