package integration

import (
	"context"
	"slices"
	"strings"
)

// stays reports whether the field keeps the value that the object has.
func (f Field) stays(found *actual) bool {
	have := canonical(found.fields[f.Name])
	if len(have) == 1 && slices.Contains(f.Fits, have[0]) {
		return true
	}
	return f.Kept == Always || f.Kept == IfSet && len(have) > 0
}

// keep notes a field that keeps its value, where that is another than on an object
// that is made new.
func (e *engine) keep(ctx context.Context, o Object, step *Step, f Field, found *actual) error {
	if f.Name == "order" || f.Name == "url" { // any order is as good, and an address with a slash is the same
		return nil
	}
	usual, known, err := e.usual(ctx, f.Value)
	if err != nil {
		return err
	}
	have := found.fields[f.Name]
	if known && slices.Equal(canonical(have), canonical(usual)) {
		return nil
	}
	if err := e.learn(ctx, o.Kind, f.Name, have); err != nil {
		return err
	}
	standard := plainly(f.Value)
	if known {
		standard = e.words(o.Kind, f.Name, usual)
	}
	step.Kept = append(step.Kept, KeptField{Field: f.Name, Value: e.words(o.Kind, f.Name, have), Default: standard})
	return nil
}

// usual is the value of a field on a new object, and whether all that it refers to
// is there: what is kept needs no default.
func (e *engine) usual(ctx context.Context, value Value) (usual any, known bool, err error) {
	switch v := value.(type) {
	case Lookup:
		found, err := e.seek(ctx, v)
		if err != nil || found == nil {
			return nil, false, err
		}
		return found.pk(), true, nil
	case List:
		items := make([]any, 0, len(v))
		for _, value := range v {
			item, known, err := e.usual(ctx, value)
			if err != nil || !known {
				return nil, false, err
			}
			items = append(items, item)
		}
		return items, true, nil
	}
	usual, err = e.resolve(ctx, value)
	return usual, true, err
}

// plainly is a value for people, by what it is looked up with.
func plainly(value Value) string {
	switch v := value.(type) {
	case Lookup:
		return shorter(v.Value)
	case List:
		names := make([]string, 0, len(v))
		for _, item := range v {
			names = append(names, plainly(item))
		}
		slices.Sort(names)
		return strings.Join(names, ", ")
	}
	return ""
}
